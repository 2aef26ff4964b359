/**
 * Decides what runs the app on this machine: Electron's own binary where there is one, otherwise the stand-in
 * over the system's Chromium, which is used in just the same way (`<executable> <app folder> [args]`). It only
 * looks; fetching the binary is a step of setup.
 *
 * Environment: PERENNIAL_RUNTIME=electron|stand-in forces one; ELECTRON_OVERRIDE_DIST_PATH names a folder with
 * an Electron that lies elsewhere.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const thisProject = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {{ kind: "electron" | "stand-in", executable: string, version: string, why: string }} Runtime
 *   `version` is Electron's, for the stand-in the one whose interface it offers
 * @typedef {Runtime | { kind: "none", why: string }} RuntimeSearch
 */

/**
 * @param {{ environment?: Record<string, string | undefined>, projectFolder?: string, platform?: NodeJS.Platform }} [machine]
 * @returns {RuntimeSearch}
 */
export function findRuntime({
  environment = process.env,
  projectFolder = thisProject,
  platform = process.platform,
} = {}) {
  const forced = environment.PERENNIAL_RUNTIME || null;
  if (forced !== null && forced !== "electron" && forced !== "stand-in") {
    return { kind: "none", why: `PERENNIAL_RUNTIME is "${forced}"; it can be "electron" or "stand-in"` };
  }
  const standIn = findStandIn(projectFolder, platform);
  if (forced === "stand-in") {
    return standIn.kind === "none" ? standIn : { ...standIn, why: "PERENNIAL_RUNTIME asks for the stand-in" };
  }
  const electron = findElectron(environment, projectFolder, platform);
  if (electron !== null) return electron;
  if (forced === "electron") {
    return {
      kind: "none",
      why: "PERENNIAL_RUNTIME asks for Electron, but its binary is not on this machine",
    };
  }
  return standIn;
}

/**
 * For callers that cannot go on without one.
 * @param {Parameters<typeof findRuntime>[0]} [machine]
 * @returns {Runtime}
 */
export function resolveRuntime(machine) {
  const runtime = findRuntime(machine);
  if (runtime.kind === "none") throw new Error(`Nothing can run the app: ${runtime.why}. Try: npm run setup`);
  return runtime;
}

/**
 * @param {Record<string, string | undefined>} environment
 * @param {string} projectFolder
 * @param {NodeJS.Platform} platform
 * @returns {Runtime | null}
 */
function findElectron(environment, projectFolder, platform) {
  const places = [
    { folder: environment.ELECTRON_OVERRIDE_DIST_PATH, why: "ELECTRON_OVERRIDE_DIST_PATH names it" },
    { folder: electronDistFolder(projectFolder), why: "its binary is in node_modules" },
  ];
  for (const { folder, why } of places) {
    if (!folder) continue;
    const executable = join(folder, electronExecutableName(platform));
    // Every distribution of Electron says its version in this file; what setup puts there for the stand-in does not.
    const versionFile = join(folder, "version");
    if (existsSync(executable) && existsSync(versionFile)) {
      const version = readFileSync(versionFile, "utf8").trim().replace(/^v/, "");
      return { kind: "electron", executable, version, why };
    }
  }
  return null;
}

/**
 * @param {string} projectFolder
 * @param {NodeJS.Platform} platform
 * @returns {RuntimeSearch}
 */
function findStandIn(projectFolder, platform) {
  const executable = join(projectFolder, "scripts", "stand-in", "electron");
  if (platform === "win32") return { kind: "none", why: "the stand-in for Electron does not run on Windows" };
  if (!existsSync(executable))
    return { kind: "none", why: `the stand-in for Electron is not at ${executable}` };
  const { version } = JSON.parse(
    readFileSync(join(projectFolder, "node_modules", "electron", "package.json"), "utf8"),
  );
  return { kind: "stand-in", executable, version, why: "Electron's binary is not on this machine" };
}

/** @param {string} projectFolder */
export function electronDistFolder(projectFolder) {
  return join(projectFolder, "node_modules", "electron", "dist");
}

/** @param {NodeJS.Platform} platform @returns {string} path inside a distribution of Electron */
export function electronExecutableName(platform) {
  if (platform === "darwin") return "Electron.app/Contents/MacOS/Electron";
  return platform === "win32" ? "electron.exe" : "electron";
}

/** @param {Runtime} runtime @returns {string} one sentence for the terminal */
export function describeRuntime(runtime) {
  const name =
    runtime.kind === "electron"
      ? `Electron ${runtime.version}`
      : `the stand-in for Electron ${runtime.version}, over the system's Chromium`;
  return `the app runs on ${name} (${runtime.why})`;
}
