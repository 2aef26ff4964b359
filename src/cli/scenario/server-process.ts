// The real sync server as a process of its own, and its operator's commands, run as an operator runs them.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  /** Runs `perennial-server COMMAND ARGS --data …`; throws with what it printed when it fails. */
  readonly operate: (command: string, ...args: string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
  /** For the whole process: SIGSTOP makes it hear and say nothing, SIGCONT lets it go on, SIGKILL is a power cut. */
  readonly signal: (signal: NodeJS.Signals) => void;
};

const run = promisify(execFile);

/**
 * `port` 0: any free one. A server that was stopped is started again at its former port by naming it. `more`: further
 * arguments of `perennial-server start`.
 */
export async function startServerProcess(
  program: string,
  dataDir: string,
  port = 0,
  more: readonly string[] = [],
): Promise<ServerProcess> {
  mkdirSync(dataDir, { recursive: true });
  const errors = openSync(join(dataDir, "..", "server.log"), "a");
  const child: ChildProcess = spawn(
    process.execPath,
    [
      program,
      "start",
      "--data",
      dataDir,
      "--port",
      String(port),
      "--app-id",
      "perennial",
      "--ready-json",
      "--with-parent",
      ...more,
    ],
    { stdio: ["pipe", "pipe", errors] },
  );
  closeSync(errors);
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with exit code ${code}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      if (line.startsWith("{")) resolve((JSON.parse(line) as { url: string }).url);
    });
  });
  return {
    url,
    pid: child.pid ?? 0,
    async operate(command, ...args) {
      const { stdout } = await run(process.execPath, [program, command, ...args, "--data", dataDir]);
      return stdout;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.stdin?.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    },
    signal(signal) {
      child.kill(signal);
    },
  };
}
