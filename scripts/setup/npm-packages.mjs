/**
 * Step: are the packages of package-lock.json in node_modules? If not, `npm ci`. It compares with what npm
 * itself wrote down, so an install that somebody made by hand counts and is not made again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, failed, ready } from "./outcome.mjs";
import { endedWell, explainResult, runCommand } from "./run-command.mjs";
import { hashFiles, readStamp, stampInNodeModules, writeStamp } from "./stamps.mjs";

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/** @type {import("./outcome.mjs").SetupStep} */
export const npmPackagesStep = {
  name: "npm packages",
  async run({ projectFolder, progress }) {
    const stamp = stampInNodeModules(projectFolder, "package-lock.sha256");
    const lockHash = hashFiles(projectFolder, ["package-lock.json"]);
    if (readStamp(stamp) === lockHash) return ready("present");

    const lock = readLock(join(projectFolder, "package-lock.json"));
    if (lock === null) {
      return failed(
        exitCodes.npmPackages,
        "package-lock.json is missing or cannot be read.",
        "Restore it with: git checkout package-lock.json",
      );
    }
    const installed = readLock(join(projectFolder, "node_modules", ".package-lock.json"));
    if (installed !== null && isInstalled(lock, installed)) {
      writeStamp(stamp, lockHash);
      return ready("present");
    }

    const result = await progress.during("installing npm packages", () =>
      runCommand("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: projectFolder }),
    );
    if (!endedWell(result)) {
      return failed(
        exitCodes.npmPackages,
        `The npm packages could not be installed: ${explainResult(result)}`,
        "Check the connection to the npm registry, then try `npm ci` by itself.",
      );
    }
    writeStamp(stamp, lockHash);
    return ready(`${Object.keys(lock.packages).length - 1} locked packages installed`);
  },
};

/**
 * @param {Lock} lock package-lock.json
 * @param {Lock} installed what npm noted inside node_modules
 * @returns {boolean} whether every package is there in its locked version; those for other platforms may be absent
 */
export function isInstalled(lock, installed) {
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== "");
  const wantedPaths = new Set(wanted.map(([path]) => path));
  return (
    wanted.every(([path, locked]) => {
      const found = installed.packages[path];
      if (found === undefined) return Boolean(locked.optional || locked.devOptional || locked.peer);
      return found.version === locked.version && found.integrity === locked.integrity;
    }) && Object.keys(installed.packages).every((path) => wantedPaths.has(path))
  );
}

/** @param {string} file @returns {Lock | null} */
function readLock(file) {
  try {
    const lock = JSON.parse(readFileSync(file, "utf8"));
    return typeof lock?.packages === "object" && lock.packages !== null ? lock : null;
  } catch {
    return null;
  }
}
