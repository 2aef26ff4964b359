/**
 * `npm start`: sets up what is missing and opens the app; what stands after `--` goes to it. On a machine
 * without a screen it shows the demo in the terminal instead.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { describeRuntime, resolveRuntime } from "./runtime.mjs";
import { projectFolder, runSetup } from "./setup/run-setup.mjs";
import { hasScreen } from "./setup/screen.mjs";

const setupCode = await runSetup();
process.exitCode = setupCode === 0 ? await openApp(process.argv.slice(2)) : setupCode;

/** @param {string[]} args @returns {Promise<number>} */
function openApp(args) {
  if (!hasScreen(process.env)) {
    console.log(
      "This machine has no screen (neither DISPLAY nor WAYLAND_DISPLAY is set): running the demo instead.",
    );
    return runForward(process.execPath, [join(projectFolder, "scripts", "demo.mjs"), ...args]);
  }
  const runtime = resolveRuntime();
  console.log(`Opening: ${describeRuntime(runtime)}.`);
  // Chromium refuses its sandbox to root; the stand-in sees to that itself.
  const asRoot = runtime.kind === "electron" && process.platform === "linux" && process.getuid?.() === 0;
  return runForward(runtime.executable, [projectFolder, ...(asRoot ? ["--no-sandbox"] : []), ...args]);
}

/**
 * Hands the terminal over to one program and passes on how it ended.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function runForward(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: projectFolder, stdio: "inherit" });
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
      process.on(signal, () => child.kill(signal));
    }
    child.on("error", (error) => {
      console.error(`${command} cannot be started: ${error.message}`);
      resolve(1);
    });
    child.on("close", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
