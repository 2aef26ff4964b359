/**
 * Runs one program to its end without a terminal: output is collected, input is closed, and a time limit
 * ends the whole process group. Whether the result is good is for the caller to say.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * @typedef {{ kind: "exited", code: number, output: string }
 *   | { kind: "timed-out", output: string }
 *   | { kind: "not-started", reason: string, output: string }} CommandResult
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeLimitMs?: number, onLine?: (line: string) => void }} [options]
 *   `onLine` hears the standard output while the program runs
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { cwd, env, timeLimitMs, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own where it may have to be ended together with its children.
      detached: timeLimitMs !== undefined,
    });
    let output = "";
    let timedOut = false;
    const timer =
      timeLimitMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            endGroup(child.pid);
          }, timeLimitMs);
    /** @param {Buffer} chunk */
    const collect = (chunk) => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    if (onLine !== undefined) createInterface({ input: child.stdout }).on("line", onLine);
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ kind: "not-started", reason: error.message, output });
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve(timedOut ? { kind: "timed-out", output } : { kind: "exited", code: code ?? 1, output });
    });
  });
}

/** @param {CommandResult} result @returns {boolean} */
export function endedWell(result) {
  return result.kind === "exited" && result.code === 0;
}

/** Programs that print more after their error, such as a usage text, mark its first line in one of these ways. */
const errorMark = /^(npm error (?!code)\S|E: |\S*error\b)/i;
const linesShown = 15;

/** @param {CommandResult} result @returns {string} why it did not end well, with the lines from its first error on, or its last ones */
export function explainResult(result) {
  const lines = result.output.trimEnd().split("\n");
  const firstError = lines.findIndex((line) => errorMark.test(line));
  const from = firstError === -1 ? Math.max(0, lines.length - linesShown) : firstError;
  const telling = lines.slice(from, from + linesShown).join("\n");
  switch (result.kind) {
    case "not-started":
      return result.reason;
    case "timed-out":
      return `it took too long and was ended\n${telling}`;
    case "exited":
      return `it ended with code ${result.code}\n${telling}`;
  }
}

/** @param {number | undefined} pid */
function endGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}
