/**
 * For the stand-in's tests: builds it as the project does, and starts the tiny app on it through Playwright's own
 * Electron support, each time with a user data folder that is cleared away at the end.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { _electron, type ElectronApplication } from "@playwright/test";
import { build } from "vite";
import { vi } from "vitest";

const sources = resolve(import.meta.dirname, "..");
const project = resolve(sources, "..", "..");

/** Headless also where there is a screen, unless STAND_IN_TEST_HEADED asks to see it. */
export function testEnvironment(): Record<string, string> {
  const screen = process.env.STAND_IN_TEST_HEADED === undefined ? ["DISPLAY", "WAYLAND_DISPLAY"] : [];
  const kept = Object.entries(process.env).filter(([name]) => !screen.includes(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

export const testApp = join(sources, "testing", "app");

/** What the tiny app's preload exposes, for code that runs in its page. */
export interface Bridge {
  invoke(channel: string, ...args: unknown[]): Promise<unknown>;
  send(channel: string, ...args: unknown[]): void;
  on(channel: string, listener: (...args: unknown[]) => void): () => void;
  roundTrip(): Promise<Record<string, unknown>>;
  identity<T>(value: T): T;
  callBack<T>(callback: (...args: unknown[]) => T): T;
  promise<T>(value: T): Promise<T>;
  failing(): never;
  environment(): Record<string, unknown>;
  readonly nested: { list: unknown[] };
  readonly answer: number;
}

declare global {
  var bridge: Bridge;
}

export class StandIn {
  readonly executable: string;
  private readonly folder: string;
  private readonly dataFolders: string[] = [];
  private readonly apps: ElectronApplication[] = [];

  /** A build of its own inside the project, where the script finds the packages. */
  static async build(): Promise<StandIn> {
    const cache = join(project, ".cache");
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, "stand-in-test-"));
    await build({
      configFile: false,
      logLevel: "silent",
      ssr: { noExternal: true },
      build: {
        ssr: true,
        target: "node20",
        outDir: join(folder, "out", "node"),
        rollupOptions: {
          input: { "stand-in": join(sources, "entry.ts") },
          output: { format: "cjs", entryFileNames: "[name].cjs" },
        },
      },
    });
    return new StandIn(folder);
  }

  private constructor(folder: string) {
    this.folder = folder;
    this.executable = join(folder, "scripts", "stand-in", "electron");
    cpSync(join(sources, "electron"), this.executable);
  }

  newDataFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "stand-in-data-"));
    this.dataFolders.push(folder);
    return folder;
  }

  async launch(userData: string, ...switches: string[]): Promise<ElectronApplication> {
    const app = await _electron.launch({
      executablePath: this.executable,
      args: [testApp, `--user-data-dir=${userData}`, ...switches],
      env: testEnvironment(),
    });
    this.apps.push(app);
    return app;
  }

  async closeApps(): Promise<void> {
    await Promise.all(this.apps.splice(0).map((app) => app.close().catch(() => {})));
  }

  async remove(): Promise<void> {
    await this.closeApps();
    // A relaunched app is nobody's child here: the folders can go when no process uses them any more.
    await vi.waitFor(
      () => {
        const left = this.dataFolders.flatMap((folder) => processesOf(folder));
        if (left.length > 0) throw new Error(`still running: ${left.join(", ")}`);
      },
      { timeout: 20_000, interval: 50 },
    );
    for (const folder of [...this.dataFolders, this.folder]) rmSync(folder, { recursive: true, force: true });
  }
}

/** The processes whose command line names a user data folder. */
export function processesOf(userData: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(userData);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The lines that the tiny app has written about its life so far. */
export function eventsOf(userData: string): string[] {
  const file = join(userData, "events.log");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

/** The process id of the latest run. */
export function latestPid(userData: string): number {
  const started = eventsOf(userData).findLast((line) => line.startsWith("started "));
  if (started === undefined) throw new Error("the app has not started");
  return Number(started.split(" ")[1]);
}
