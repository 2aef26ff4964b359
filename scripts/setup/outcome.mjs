/**
 * The shapes that every setup step shares: what a step is given, how it ends, and the exit code of each
 * way to fail. A missing thing is an expected failure and so a value; an exception here means a bug.
 */

/**
 * @typedef {import("./progress.mjs").Progress} Progress
 * @typedef {Record<string, string | undefined>} Environment
 *
 * @typedef {object} SetupContext
 * @property {string} projectFolder
 * @property {Environment} environment
 * @property {Progress} progress
 *
 * @typedef {{ kind: "ready", note: string }
 *   | { kind: "failed", missing: string, wayOut: string, exitCode: number }} StepOutcome
 *   `note` says in a few words what was found or done.
 *
 * @typedef {{ name: string, run: (context: SetupContext) => StepOutcome | Promise<StepOutcome> }} SetupStep
 */

export const exitCodes = {
  usage: 2,
  nodeVersion: 10,
  npmPackages: 11,
  systemPackages: 12,
  realmModule: 13,
  runtime: 14,
  appBuild: 15,
};

/** @param {string} note @returns {StepOutcome} */
export function ready(note) {
  return { kind: "ready", note };
}

/** @param {number} exitCode @param {string} missing @param {string} wayOut @returns {StepOutcome} */
export function failed(exitCode, missing, wayOut) {
  return { kind: "failed", missing, wayOut, exitCode };
}
