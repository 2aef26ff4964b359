/** Starts the programs of this folder's neighbours from their TypeScript source, each in a directory of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

export type Program = { readonly child: ChildProcess; readonly stderr: () => string };

export function startProgram(program: string, args: readonly string[], cwd: string): Program {
  return start(join(here, "..", program), args, cwd, ["--import", loader]);
}

/** One that has been built. */
export function startProgramAt(path: string, args: readonly string[], cwd: string): Program {
  return start(path, args, cwd, []);
}

function start(path: string, args: readonly string[], cwd: string, execArgv: string[]): Program {
  const child = fork(path, args, {
    cwd,
    execArgv,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...process.env,
      REALM_DISABLE_ANALYTICS: "1",
      // The SDK's HTTP transport asks for Electron, and Electron's package would then try to download itself.
      ELECTRON_OVERRIDE_DIST_PATH: cwd,
    },
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return { child, stderr: () => stderr };
}

export function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
}
