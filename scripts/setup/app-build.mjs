/**
 * Step: the app's build under out/, made by two calls of Vite: the three parts of the Electron app, and the
 * programs for plain Node. Skipped when nothing that goes into it has changed.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, failed, ready } from "./outcome.mjs";
import { endedWell, explainResult, runCommand } from "./run-command.mjs";
import { hashFiles, readStamp, writeStamp } from "./stamps.mjs";

const sources = [
  "src",
  "bench",
  "scripts/stand-in",
  "electron.vite.config.ts",
  "vite.node.config.ts",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];

const results = [
  "out/main/index.cjs",
  "out/preload/index.cjs",
  "out/renderer/index.html",
  "out/node/server.cjs",
  "out/node/stand-in.cjs",
];

const builds = [
  { text: "building the app", args: ["electron-vite", "build"] },
  { text: "building the server and the tools", args: ["vite", "build", "-c", "vite.node.config.ts"] },
];

/** @type {import("./outcome.mjs").SetupStep} */
export const appBuildStep = {
  name: "App build",
  async run({ projectFolder, progress }) {
    const stamp = join(projectFolder, "out", ".built-from");
    const hash = hashFiles(projectFolder, sources, isBuildSource);
    const missingResults = () => results.filter((result) => !existsSync(join(projectFolder, result)));
    if (readStamp(stamp) === hash && missingResults().length === 0) return ready("up to date");

    for (const { text, args } of builds) {
      const [program = "", ...rest] = args;
      const executable = join(projectFolder, "node_modules", ".bin", program);
      const result = await progress.during(text, () => runCommand(executable, rest, { cwd: projectFolder }));
      if (!endedWell(result)) {
        return failed(
          exitCodes.appBuild,
          `"${args.join(" ")}" failed: ${explainResult(result)}`,
          `Mend the source; try it alone with: npx ${args.join(" ")}`,
        );
      }
    }
    const missing = missingResults();
    if (missing.length > 0) {
      return failed(
        exitCodes.appBuild,
        `The build ended well but did not make ${missing.join(", ")}.`,
        "Look at electron.vite.config.ts and vite.node.config.ts.",
      );
    }
    writeStamp(stamp, hash);
    return ready("built");
  },
};

/** @param {string} path @returns {boolean} tests do not go into the build */
export function isBuildSource(path) {
  return !/\.test\.tsx?$/.test(path);
}
