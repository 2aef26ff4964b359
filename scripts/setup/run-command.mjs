/**
 * Runs one program to its end without a terminal: output is collected, input is closed, and a time limit
 * ends the whole process group. Whether the result is good is for the caller to say.
 */
import { spawn } from "node:child_process";

/**
 * @typedef {{ kind: "exited", code: number, output: string }
 *   | { kind: "timed-out", output: string }
 *   | { kind: "not-started", reason: string, output: string }} CommandResult
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeLimitMs?: number }} [options]
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { cwd, env, timeLimitMs } = {}) {
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

/** @param {CommandResult} result @returns {string} why it did not end well, with the last lines it printed */
export function explainResult(result) {
  const lastLines = result.output.trimEnd().split("\n").slice(-15).join("\n");
  switch (result.kind) {
    case "not-started":
      return result.reason;
    case "timed-out":
      return `it took too long and was ended\n${lastLines}`;
    case "exited":
      return `it ended with code ${result.code}\n${lastLines}`;
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
