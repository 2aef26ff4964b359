import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type ElectronApplication, type Page } from "@playwright/test";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { eventsOf, latestPid, processesOf, StandIn, testApp, testEnvironment } from "./testing/harness";

let standIn: StandIn;

beforeAll(async () => {
  standIn = await StandIn.build();
});

afterEach(async () => {
  await standIn.closeApps();
});

afterAll(async () => {
  await standIn.remove();
});

/** Runs the executable without Playwright and answers with its end. */
function run(
  args: string[],
  executable = standIn.executable,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, { stdio: ["ignore", "pipe", "pipe"], env: testEnvironment() });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

async function shownPage(app: ElectronApplication): Promise<Page> {
  const page = await app.firstWindow();
  await page.waitForSelector("#seen:not(:empty)");
  return page;
}

function activePort(userData: string): string | undefined {
  try {
    return readFileSync(join(userData, "DevToolsActivePort"), "utf8");
  } catch {
    return undefined;
  }
}

describe("the end of the app", () => {
  test("comes in Electron's order when the last window is closed", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData);
    const page = await shownPage(app);
    const mainProcess = app.process();
    const closed = app.waitForEvent("close");
    await page.close();
    await closed;
    expect(mainProcess.exitCode).toBe(0);
    const events = eventsOf(userData).filter((line) => !line.startsWith("started"));
    expect(events.filter((line) => !line.startsWith("contents"))).toEqual([
      "app ready",
      "window ready-to-show",
      "window show",
      "window closed",
      "app window-all-closed",
      "app before-quit",
      "app will-quit",
      "app quit",
    ]);
    expect(events.filter((line) => line.startsWith("contents"))).toEqual([
      "contents did-start-loading",
      "contents dom-ready",
      "contents did-finish-load",
      "contents did-stop-loading",
    ]);
  });

  test("is refused by a window that vetoes its closing, until it no longer does", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData);
    const page = await shownPage(app);
    const vetoed = await app.evaluate(
      ({ app: electronApp, BrowserWindow }) =>
        new Promise((resolve) => {
          const [only] = BrowserWindow.getAllWindows();
          only?.once("close", (event) => {
            event.preventDefault();
            setImmediate(() => resolve([only.isDestroyed(), BrowserWindow.getAllWindows().length]));
          });
          electronApp.quit();
        }),
    );
    expect(vetoed).toEqual([false, 1]);
    expect(await page.evaluate(() => bridge.invoke("echo", 1))).toEqual([1]);
    const closed = app.waitForEvent("close");
    await app.evaluate(({ app: electronApp }) => electronApp.quit()).catch(() => {});
    await closed;
    expect(eventsOf(userData).filter((line) => line.startsWith("app"))).toEqual([
      "app ready",
      "app before-quit",
      "app before-quit",
      "app will-quit",
      "app quit",
    ]);
  });

  test("is refused by a page that asks to stay", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData);
    const page = await shownPage(app);
    await page.evaluate(() => {
      globalThis.onbeforeunload = () => "unsaved";
    });
    const prevented = await app.evaluate(
      ({ app: electronApp, BrowserWindow }) =>
        new Promise((resolve) => {
          const [only] = BrowserWindow.getAllWindows();
          only?.webContents.once("will-prevent-unload", () => {
            setImmediate(() => resolve(only.isDestroyed()));
          });
          electronApp.quit();
        }),
    );
    expect(prevented).toBe(false);
    await page.evaluate(() => {
      globalThis.onbeforeunload = null;
    });
    await app.close();
    expect(eventsOf(userData).at(-1)).toBe("app quit");
  });

  test("follows a request to terminate, in order and with no process left", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData);
    await shownPage(app);
    const closed = app.waitForEvent("close");
    process.kill(latestPid(userData), "SIGTERM");
    await closed;
    expect(eventsOf(userData).slice(-2)).toEqual(["app will-quit", "app quit"]);
    expect(processesOf(userData)).toEqual([]);
  });
});

describe("a new start", () => {
  test("can be made by the test in place of the app's relaunch", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData);
    const page = await shownPage(app);
    await page.evaluate(() => localStorage.setItem("kept", "yes"));
    const closed = app.waitForEvent("close");
    await app
      .evaluate(({ app: electronApp }) => {
        electronApp.relaunch = () => {};
        electronApp.relaunch();
        electronApp.quit();
      })
      .catch(() => {});
    await closed;
    const again = await shownPage(await standIn.launch(userData));
    expect(await again.evaluate(() => localStorage.getItem("kept"))).toBe("yes");
  });

  test("is made by the app's relaunch with the same arguments, and can be followed", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData, "--extra=kept");
    await shownPage(app);
    const former = { port: activePort(userData), pid: latestPid(userData) };
    const closed = app.waitForEvent("close");
    await app
      .evaluate(({ app: electronApp }) => {
        electronApp.relaunch();
        electronApp.quit();
      })
      .catch(() => {});
    await closed;
    const address = await vi.waitFor(
      () => {
        const current = activePort(userData);
        if (current === undefined || current === former.port) throw new Error("not started again yet");
        return current;
      },
      { timeout: 20_000, interval: 20 },
    );
    const [port, path] = address.split("\n");
    const browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${path}`);
    const context = browser.contexts()[0];
    const page = context?.pages()[0] ?? (await context?.waitForEvent("page"));
    await page?.waitForSelector("#seen:not(:empty)");
    expect(await page?.evaluate(() => bridge.answer)).toBe(42);
    const pid = latestPid(userData);
    expect(pid).not.toBe(former.pid);
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toContain("--extra=kept");
    process.kill(pid, "SIGTERM");
    await vi.waitFor(() => expect(processesOf(userData)).toEqual([]), { timeout: 20_000, interval: 20 });
    await browser.close();
  });

  test("works at once after the main process was killed, and Chromium went with it", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData);
    const page = await shownPage(app);
    await page.evaluate(() => localStorage.setItem("kept", "yes"));
    const closed = app.waitForEvent("close");
    process.kill(latestPid(userData), "SIGKILL");
    await closed;
    const again = await standIn.launch(userData);
    expect(await (await shownPage(again)).evaluate(() => bridge.answer)).toBe(42);
    await again.close();
    expect(processesOf(userData)).toEqual([]);
  });

  test("while the app runs only greets the running one", async () => {
    const userData = standIn.newDataFolder();
    const app = await standIn.launch(userData);
    await shownPage(app);
    const second = await run([testApp, `--user-data-dir=${userData}`, "--open=a note"]);
    expect(second.code).toBe(0);
    const greetings = () =>
      app.evaluate(() => (globalThis as unknown as { secondInstances: object[] }).secondInstances);
    await expect.poll(greetings).toEqual([
      {
        argv: [standIn.executable, testApp, `--user-data-dir=${userData}`, "--open=a note"],
        workingDirectory: process.cwd(),
        data: { greeting: "hello" },
      },
    ]);
  });
});

describe("what goes wrong", () => {
  test("in Chromium ends the app with a message", async () => {
    const userData = standIn.newDataFolder();
    const ended = run([testApp, `--user-data-dir=${userData}`, "--remote-debugging-port=0"]);
    await vi.waitFor(() => expect(eventsOf(userData)).toContain("contents did-stop-loading"), {
      timeout: 20_000,
    });
    const browser = processesOf(userData).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--remote-debugging-pipe\0"),
    );
    process.kill(browser as number, "SIGKILL");
    const { code, output } = await ended;
    expect(code).toBe(1);
    expect(output).toContain("Chromium ended unexpectedly");
    expect(output).toMatch(/Node \S+ and Chromium \S+ \(head(less|ed)\) stand in for Electron \d/);
  });

  test("in the app's main script ends the start with the error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stand-in-broken-"));
    writeFileSync(join(folder, "package.json"), '{ "main": "main.cjs" }');
    writeFileSync(join(folder, "main.cjs"), 'throw new Error("broken on purpose");');
    const { code, output } = await run([folder]);
    rmSync(folder, { recursive: true });
    expect(code).toBe(1);
    expect(output).toContain("broken on purpose");
  });

  test("before the first build is answered with what to run", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stand-in-unbuilt-"));
    const script = join(folder, "scripts", "stand-in", "electron");
    cpSync(standIn.executable, script);
    const { code, output } = await run([testApp], script);
    rmSync(folder, { recursive: true });
    expect(code).toBe(1);
    expect(output).toContain("npm run setup");
  });
});

test("the version is that of the installed electron package", async () => {
  const manifest = JSON.parse(readFileSync("node_modules/electron/package.json", "utf8")) as {
    version: string;
  };
  expect(await run(["--version"])).toEqual({ code: 0, output: `v${manifest.version}\n` });
});
