/**
 * What this process was started as: set once by the entry before anything of Electron's is loaded, read everywhere.
 */
import type { CommandLine } from "./command-line";

export interface Runtime {
  /** The stand-in's own executable, which is `process.execPath` for the app. */
  readonly executable: string;
  readonly electronVersion: string;
  readonly commandLine: CommandLine;
  /** The command line without the executable, untouched by what loaders do to `process.argv`. */
  readonly args: readonly string[];
  readonly headless: boolean;
  readonly appPackage: AppPackage;
}

export interface AppPackage {
  readonly folder: string;
  /** The app's main script, absolute. */
  readonly main: string;
  readonly name: string;
  readonly version: string;
}

let current: Runtime | undefined;

export function setRuntime(runtime: Runtime): void {
  current = runtime;
}

export function getRuntime(): Runtime {
  if (current === undefined) throw new Error("The stand-in's runtime is read before the entry has set it");
  return current;
}

/** One plain line for whoever watches the terminal. */
export function say(line: string): void {
  process.stderr.write(`[electron stand-in] ${line}\n`);
}

/** For failures of the stand-in's own in work that nobody awaits: they end the run instead of becoming a warning. */
export function throwLater(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
