// Starts the built app with a data folder of its own, and starts it again after the restart of the recovery flow,
// because Playwright loses a process that relaunches itself.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { _electron, chromium, type ElectronApplication, expect, type Page } from "@playwright/test";
import { findRuntime } from "../../scripts/runtime.mjs";

export const projectFolder = join(import.meta.dirname, "..", "..");

export type LaunchOptions = {
  readonly dataDir: string;
  /** A sync server's address; without it the app starts its own. */
  readonly server?: string;
  /** The process is killed once in this state of the reset machine. */
  readonly crashAt?: string;
  readonly colorScheme?: "light" | "dark";
};

export type RunningApp = {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
};

export async function launch({
  dataDir,
  server,
  crashAt,
  colorScheme = "light",
}: LaunchOptions): Promise<RunningApp> {
  const runtime = findRuntime();
  if (runtime.kind === "none") throw new Error(runtime.why);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  if (server !== undefined) env.PERENNIAL_SERVER = server;
  if (crashAt !== undefined) env.PERENNIAL_TEST_CRASH_AT = crashAt;
  const asRoot = process.platform === "linux" && process.getuid?.() === 0 && runtime.kind === "electron";
  const app = await _electron.launch({
    executablePath: runtime.executable,
    args: [...(asRoot ? ["--no-sandbox"] : []), projectFolder, `--user-data-dir=${dataDir}`],
    env,
    colorScheme,
  });
  const ended = new Promise<void>((resolve) => app.once("close", () => resolve()));
  const page = await app.firstWindow();
  await page.setViewportSize({ width: 1180, height: 780 });
  return {
    app,
    page,
    ended,
    close: async () => {
      await app.close().catch(() => undefined);
      await ended;
    },
  };
}

/** From now on a restart only ends the process; the spec starts the next one itself. */
export async function endInsteadOfRelaunch({ app }: RunningApp): Promise<void> {
  await app.evaluate((electron) => {
    electron.app.relaunch = () => undefined;
  });
}

/**
 * Waits for the process that the app starts in its own place, and joins its window by the port that Chromium writes
 * into the data folder. Call it before the restart.
 */
export async function followRelaunch(dataDir: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const read = () => readFile(join(dataDir, "DevToolsActivePort"), "utf8").catch(() => "");
  const former = await read();
  await expect
    .poll(
      async () => {
        const current = await read();
        return current !== "" && current !== former;
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  const [port, path] = (await read()).split("\n");
  const browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${path}`);
  const context = browser.contexts()[0];
  const page = context?.pages()[0] ?? (await context?.waitForEvent("page"));
  if (page === undefined) throw new Error("the relaunched app has no window");
  return {
    page,
    close: async () => {
      await browser.close();
      process.kill(await latestPid(dataDir), "SIGTERM");
      await expect.poll(() => isRunning(dataDir)).toBe(false);
    },
  };
}

async function latestPid(dataDir: string): Promise<number> {
  const log = await readFile(join(dataDir, "perennial", "logs", "perennial.log"), "utf8");
  const starts = log.split("\n").filter((line) => line.includes('"Perennial starts"'));
  return (JSON.parse(starts.at(-1) ?? "{}") as { pid: number }).pid;
}

async function isRunning(dataDir: string): Promise<boolean> {
  try {
    process.kill(await latestPid(dataDir), 0);
    return true;
  } catch {
    return false;
  }
}
