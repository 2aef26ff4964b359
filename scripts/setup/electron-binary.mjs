/**
 * Step: what will run the app. Electron's binary is used where it is; otherwise one bounded try is made to
 * fetch it through the electron package's own installer, and a failed try is remembered for a day. Where it
 * cannot be had, the stand-in takes its place, and says so.
 */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeRuntime, electronDistFolder, electronExecutableName, findRuntime } from "../runtime.mjs";
import { exitCodes, failed, ready } from "./outcome.mjs";
import { endedWell, explainResult, runCommand } from "./run-command.mjs";
import { readStamp, stampInNodeModules, writeStamp } from "./stamps.mjs";

const fetchLimitMs = 180_000;
const rememberFailureMs = 24 * 60 * 60 * 1000;

/** @type {import("./outcome.mjs").SetupStep} */
export const electronBinaryStep = {
  name: "Runtime",
  async run({ projectFolder, environment, progress }) {
    const search = () => findRuntime({ environment, projectFolder });
    const forced = environment.PERENNIAL_RUNTIME;
    const failureStamp = stampInNodeModules(projectFolder, "electron-fetch-failed-at");

    let runtime = search();
    const isWorthTrying =
      runtime.kind !== "electron" &&
      forced !== "stand-in" &&
      (forced === "electron" || !isRecent(readStamp(failureStamp), Date.now()));
    if (isWorthTrying) {
      const problem = await progress.during("fetching Electron's binary", () => fetchElectron(projectFolder));
      if (problem === null) rmSync(failureStamp, { force: true });
      else {
        writeStamp(failureStamp, new Date().toISOString());
        progress.say(`Electron's binary cannot be had here: ${problem}`);
      }
      runtime = search();
    }

    if (runtime.kind === "none") {
      return failed(
        exitCodes.runtime,
        `Nothing can run the app: ${runtime.why}.`,
        "Set ELECTRON_OVERRIDE_DIST_PATH to a folder with Electron, or unset PERENNIAL_RUNTIME.",
      );
    }
    if (runtime.kind === "stand-in") pointElectronPackageAt(runtime.executable, projectFolder);
    return ready(describeRuntime(runtime));
  },
};

/** @param {string | null} failedAt ISO time of the last failed try @param {number} nowMs @returns {boolean} */
export function isRecent(failedAt, nowMs) {
  if (failedAt === null) return false;
  const ageMs = nowMs - Date.parse(failedAt);
  return ageMs >= 0 && ageMs < rememberFailureMs;
}

/** @param {string} projectFolder @returns {Promise<string | null>} the problem in one line, null when it is there and starts */
async function fetchElectron(projectFolder) {
  const dist = electronDistFolder(projectFolder);
  rmSync(dist, { recursive: true, force: true });
  const installer = join(projectFolder, "node_modules", "electron", "install.js");
  const fetched = await runCommand(process.execPath, [installer], {
    cwd: projectFolder,
    // The installer must fill node_modules even when the tests' environment points elsewhere.
    env: { ELECTRON_OVERRIDE_DIST_PATH: undefined },
    timeLimitMs: fetchLimitMs,
  });
  if (!endedWell(fetched)) {
    rmSync(dist, { recursive: true, force: true });
    return oneLine(explainResult(fetched));
  }
  // A machine may lack the desktop libraries that Electron is linked against.
  const executable = join(dist, electronExecutableName(process.platform));
  const started = await runCommand(executable, ["--no-sandbox", "--version"], { timeLimitMs: 30_000 });
  if (endedWell(started)) return null;
  rmSync(dist, { recursive: true, force: true });
  return `it was fetched but does not start: ${oneLine(explainResult(started))}`;
}

/** @param {string} text */
function oneLine(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.find((line) => /error|failed|cannot/i.test(line)) ?? lines[0] ?? text;
}

/**
 * `require("electron")` in plain Node answers with the path of the binary, and tries to download it first when
 * it is not there. Realm's packages do that in every process, so the loader is given the stand-in to find.
 * It is a script and not a link: an installer that later writes over it must not write into the project.
 * @param {string} standIn
 * @param {string} projectFolder
 */
function pointElectronPackageAt(standIn, projectFolder) {
  const dist = electronDistFolder(projectFolder);
  const executable = join(dist, "electron");
  if (existsSync(executable)) return;
  mkdirSync(dist, { recursive: true });
  writeFileSync(executable, `#!/bin/sh\nexec '${standIn.replaceAll("'", "'\\''")}' "$@"\n`);
  chmodSync(executable, 0o755);
  writeFileSync(join(projectFolder, "node_modules", "electron", "path.txt"), "electron");
}
