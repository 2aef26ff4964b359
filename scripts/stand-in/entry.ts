/**
 * The stand-in's start: reads Electron's command line, makes this Node process look like Electron's main process to
 * the app, loads the app, starts Chromium and reports `ready`. See README.md.
 */
import childProcess from "node:child_process";
import { mkdirSync } from "node:fs";
import inspector from "node:inspector";
import Module, { createRequire, syncBuiltinESMExports } from "node:module";
import { join, resolve } from "node:path";
import { getApp } from "./app";
import { readAppPackage } from "./app-package";
import { parseCommandLine } from "./command-line";
import { provideElectronModule } from "./electron-module";
import { startEngine } from "./engine";
import { getRuntime, say, setRuntime } from "./runtime";

const usage = `Usage: electron [switches] <folder or script of the app> [arguments]

  -r, --require <module>     load a module before the app
  --inspect[=[host:]port]    let a debugger connect to the main process
  --remote-debugging-port=N  let a debugger connect to the windows
  --user-data-dir=<folder>   keep the app's data there
  -v, --version              print the version of Electron that is stood in for`;

function prepareProcess(): void {
  const { executable, electronVersion, args, appPackage } = getRuntime();
  process.execPath = executable;
  process.argv = [executable, ...args];
  process.execArgv = [];
  const define = (target: object, name: string, value: unknown): void => {
    Object.defineProperty(target, name, { value, configurable: true, enumerable: true });
  };
  define(process, "type", "browser");
  define(process, "defaultApp", true);
  define(process, "resourcesPath", join(appPackage.folder, "resources"));
  define(process.versions, "electron", electronVersion);
  // For an app that wants to say what it runs on.
  define(process.versions, "electronStandIn", electronVersion);
  forkAsNode();
}

/** As in Electron, `fork` means Node, although `process.execPath` alone would start the app once more. */
function forkAsNode(): void {
  const fork = childProcess.fork as (
    file: string,
    args: readonly string[],
    options: object,
  ) => childProcess.ChildProcess;
  const forkNode = (file: string, ...rest: [unknown?, unknown?]): childProcess.ChildProcess => {
    const args = Array.isArray(rest[0]) ? (rest[0] as string[]) : [];
    const options = (Array.isArray(rest[0]) ? rest[1] : (rest[1] ?? rest[0])) as
      | childProcess.ForkOptions
      | undefined;
    const env = { ...(options?.env ?? process.env), ELECTRON_RUN_AS_NODE: "1" };
    return fork(file, args, { ...options, env });
  };
  Object.assign(childProcess, { fork: forkNode });
  syncBuiltinESMExports();
}

function loadApp(): void {
  const { commandLine, appPackage } = getRuntime();
  const requireFromHere = createRequire(join(process.cwd(), "stand-in"));
  for (const preload of commandLine.preloads) requireFromHere(preload);
  const loader = Module as unknown as { _load(file: string, parent: null, isMain: boolean): unknown };
  loader._load(appPackage.main, null, true);
}

function quitOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => getApp().quit());
}

async function startChromium(): Promise<void> {
  const app = getApp();
  if (app.hasBegunToEnd) return;
  const { headless, electronVersion } = getRuntime();
  const userData = app.getPath("userData");
  mkdirSync(userData, { recursive: true });
  const chromium = await startEngine({ userData, switches: app.chromiumSwitches, headless });
  Object.defineProperty(process.versions, "chrome", {
    value: chromium.version,
    configurable: true,
    enumerable: true,
  });
  say(
    `no Electron binary runs here: Node ${process.versions.node} and Chromium ${chromium.version}` +
      ` (${headless ? "headless" : "headed"}) stand in for Electron ${electronVersion}`,
  );
  void chromium.closed.then(() => {
    if (app.hasBegunToEnd) return;
    say(`Chromium ended unexpectedly:\n${chromium.diagnostics}`);
    process.exit(1);
  });
  if (!app.hasBegunToEnd) app.announceReady();
}

function readElectronVersion(executable: string): string {
  const manifest = createRequire(executable)("electron/package.json") as { version: string };
  return manifest.version;
}

function main(): void {
  const executable = process.env.ELECTRON_STAND_IN_SCRIPT;
  if (executable === undefined) throw new Error("Start the stand-in through scripts/stand-in/electron");
  delete process.env.ELECTRON_STAND_IN_SCRIPT;
  const args = process.argv.slice(2);
  const commandLine = parseCommandLine(args);
  const electronVersion = readElectronVersion(executable);
  if (commandLine.request === "version") {
    console.log(`v${electronVersion}`);
    return;
  }
  if (commandLine.request === "help" || commandLine.app === undefined) {
    console.log(usage);
    process.exitCode = commandLine.request === "help" ? 0 : 1;
    return;
  }
  const hasScreen =
    Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY) || process.platform === "darwin";
  setRuntime({
    executable,
    electronVersion,
    commandLine,
    args,
    headless: !hasScreen || commandLine.switches.has("headless"),
    appPackage: readAppPackage(resolve(commandLine.app), electronVersion),
  });
  prepareProcess();
  provideElectronModule();
  if (commandLine.inspect !== undefined) {
    inspector.open(commandLine.inspect.port, commandLine.inspect.host, commandLine.inspect.wait);
  }
  quitOnSignals();
  loadApp();
  startChromium().catch((error) => {
    say((error as Error).message);
    process.exit(1);
  });
}

main();
