import { statSync } from "node:fs";
import { join } from "node:path";
import type { ElectronApplication, JSHandle, Page } from "@playwright/test";
import type { BrowserWindow } from "electron";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StandIn } from "./testing/harness";

interface TestGlobals {
  testApp: {
    openWindow(options?: object): BrowserWindow;
    load(window: BrowserWindow, options?: object): Promise<void>;
    runNode(code: string): string;
    fork(): Promise<unknown>;
  };
  openedUrls: string[];
  navigations: string[];
}

let standIn: StandIn;
let userData: string;
let app: ElectronApplication;
let page: Page;
let window: JSHandle<BrowserWindow>;
let stderr = "";

beforeAll(async () => {
  standIn = await StandIn.build();
  userData = standIn.newDataFolder();
  app = await standIn.launch(userData);
  app.process().stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  page = await app.firstWindow();
  await page.waitForSelector("#seen:not(:empty)");
  window = (await app.browserWindow(page)) as JSHandle<BrowserWindow>;
});

afterAll(async () => {
  await standIn.remove();
});

describe("values between page and main process", () => {
  test("cross an invoke and its answer by structured clone", async () => {
    expect(await page.evaluate(() => bridge.roundTrip())).toEqual({
      date: 1234567890123,
      map: [1, "two"],
      bigint: true,
      bytes: [0, 127, 255],
      floats: true,
      view: [1, 2, 4],
      undefined: true,
      null: true,
      minusZero: true,
      nan: true,
      infinity: true,
      regexp: "/note(s)?/giu",
      text: true,
      hole: true,
      shared: true,
      cyclic: true,
      error: "wrong kind",
      nestedUndefined: true,
    });
  });

  test("reach a listener of the page until it unsubscribes", async () => {
    await page.evaluate(() => {
      const lines: unknown[] = [];
      const stop = bridge.on("news", (map, last) => {
        lines.push(map instanceof Map && map.get("key"), last);
        if (last === "second") stop();
      });
      const heard = new Promise((resolve) => bridge.on("after", () => resolve(lines)));
      Object.assign(globalThis, { heard });
    });
    await window.evaluate(({ webContents }) => {
      webContents.send("news", new Map([["key", 5n]]), "first");
      webContents.send("news", new Map([["key", -0]]), "second");
      webContents.send("news", new Map([["key", 1]]), "third");
      webContents.send("after");
    });
    const heard = page.evaluate(() => (globalThis as unknown as { heard: Promise<unknown> }).heard);
    expect(await heard).toEqual([5n, "first", -0, "second"]);
  });

  test("sent one way can be answered with a message of their own", async () => {
    const echoed = page.evaluate(
      () =>
        new Promise((resolve) => {
          const stop = bridge.on("echoed", (value) => {
            stop();
            resolve(value);
          });
          bridge.send("one-way", ["sent", 1n]);
        }),
    );
    expect(await echoed).toEqual(["sent", 1n]);
  });

  test("are refused when they cannot be cloned, in either direction", async () => {
    const refusals = await page.evaluate(async () => {
      const message = (error: Error): string => error.message;
      return [
        await bridge.invoke("echo", () => 1).catch(message),
        await bridge.invoke("uncloneable").catch(message),
      ];
    });
    expect(refusals[0]).toContain("An object could not be cloned.");
    expect(refusals[1]).toBe(
      "Error invoking remote method 'uncloneable': Error: An object could not be cloned.",
    );
    const sending = window.evaluate(({ webContents }) => webContents.send("news", () => 1));
    await expect(sending).rejects.toThrow("An object could not be cloned.");
  });

  test("carry a handler's error as Electron words it", async () => {
    const messages = await page.evaluate(async () => {
      const message = (error: Error): string => error.message;
      return [await bridge.invoke("fail").catch(message), await bridge.invoke("nobody").catch(message)];
    });
    expect(messages).toEqual([
      "Error invoking remote method 'fail': RangeError: too far",
      "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'",
    ]);
  });

  test("come with the window and the frame that sent them", async () => {
    const sender = await page.evaluate(() => bridge.invoke("sender"));
    expect(sender).toEqual({ sameWindow: true, sameFrame: true, url: page.url() });
    expect(page.url()).toMatch(/page\.html\?from=start#here$/);
  });
});

describe("the page's own world", () => {
  test("sees what the preload exposes and no other trace of it", async () => {
    const seen = await page.evaluate(() => (globalThis as unknown as { seenAtStart: object }).seenAtStart);
    expect(seen).toEqual({
      bridge: "object",
      preloadSecret: "undefined",
      preloadOnWindow: "undefined",
      require: "undefined",
      process: "undefined",
    });
    const traces = await page.evaluate(() =>
      Object.getOwnPropertyNames(globalThis).filter((name) => /stand|electron|ipc/i.test(name)),
    );
    expect(traces).toEqual([]);
  });

  test("cannot change what is exposed", async () => {
    const after = await page.evaluate(() => {
      const { bridge } = globalThis as unknown as { bridge: Record<string, unknown> };
      Reflect.set(bridge, "answer", 43);
      Reflect.set(bridge.nested as object, "list", []);
      Reflect.set(globalThis, "bridge", {});
      return [bridge.answer, bridge.nested, Object.isFrozen(bridge), Object.isFrozen(bridge.invoke)];
    });
    expect(after).toEqual([42, { list: [1, { deep: true }] }, true, true]);
  });

  test("exchanges functions, promises and errors with the preload", async () => {
    const results = await page.evaluate(async () => [
      bridge.identity((word: string) => `${word}!`)("called"),
      bridge.callBack((...args) => args),
      ...(await bridge.promise(new Map([[1, 2]]))),
      await bridge.promise(Promise.resolve("settled")),
      await bridge.promise(Promise.reject(new Error("rejected"))).catch((error: Error) => error.message),
    ]);
    expect(results).toEqual(["called!", ["from the preload", 2], [1, 2], "settled", "rejected"]);
    await expect(page.evaluate(() => bridge.failing())).rejects.toThrow("refused by the preload");
  });

  test("is held to the page's content security policy", async () => {
    const found = await page.evaluate(async () => ({
      inline: (globalThis as { inlineScriptRan?: boolean }).inlineScriptRan ?? false,
      fetched: await fetch("http://127.0.0.1:9/").then(
        () => "answered",
        (error: Error) => error.message,
      ),
      policy: await new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective), {
          once: true,
        });
        fetch("http://127.0.0.1:9/").catch(() => {});
      }),
    }));
    expect(found).toEqual({ inline: false, fetched: "Failed to fetch", policy: "connect-src" });
  });
});

test("a preload has a sandbox's require and process, and nothing beyond them", async () => {
  expect(await page.evaluate(() => bridge.environment())).toEqual({
    type: "renderer",
    sandboxed: true,
    fs: "module not found: node:fs",
    unknown: "The Electron stand-in does not implement ipcRenderer.sendSync in a preload.",
  });
});

describe("leaving the page", () => {
  const globals = () =>
    app.evaluate(() => {
      const { openedUrls, navigations } = globalThis as unknown as TestGlobals;
      return { opened: openedUrls.splice(0), navigations: navigations.splice(0) };
    });

  test("into a new window is asked of the window open handler, whichever way it is tried", async () => {
    await page.click("#outside");
    await page.click("#outside", { button: "middle" });
    await page.click("#inside", { modifiers: ["ControlOrMeta"] });
    await page.click("#vetoed");
    const opened = await page.evaluate(() => globalThis.open("https://example.org/b?c#d", "name"));
    expect(opened).toBeNull();
    await expect
      .poll(async () => (await app.evaluate(() => (globalThis as unknown as TestGlobals).openedUrls)).length)
      .toBe(4);
    const { opened: urls } = await globals();
    expect(urls.map((url) => url.replace(/^file:.*\//, ""))).toEqual([
      "https://example.org/a",
      "https://example.org/a",
      "page.html?from=link",
      "https://example.org/b?c#d",
    ]);
    expect(app.windows()).toHaveLength(1);
  });

  test("by a link needs the consent of will-navigate", async () => {
    const former = page.url();
    await page.click("#forbidden");
    await expect.poll(async () => (await globals()).navigations.length).toBe(1);
    expect(page.url()).toBe(former);
  });

  test("to an allowed place gives the new document its preload", async () => {
    await page.click("#inside");
    await page.waitForURL(/from=link$/);
    await page.waitForSelector("#seen:not(:empty)");
    expect(await page.evaluate(() => bridge.invoke("echo", "again"))).toEqual(["again"]);
    const { navigations } = await globals();
    expect(navigations).toEqual([page.url()]);
    expect(await window.evaluate(({ webContents }) => webContents.getURL())).toBe(page.url());
  });
});

describe("a window", () => {
  test("is given the document's title", async () => {
    await page.evaluate(() => {
      document.title = "Renamed by the page";
    });
    await expect.poll(() => window.evaluate((shown) => shown.getTitle())).toBe("Renamed by the page");
  });

  test("has the size it is given, and tells of changes", async () => {
    expect(await page.evaluate(() => [innerWidth, innerHeight])).toEqual([900, 640]);
    const told = await window.evaluate(
      (shown) =>
        new Promise((resolve) => {
          shown.once("resize", () => resolve(shown.getBounds()));
          shown.setBounds({ width: 700, height: 500 });
        }),
    );
    expect(told).toMatchObject({ width: 700, height: 500 });
    await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([700, 500]);
  });

  test("is found from its contents and from its target", async () => {
    const found = await app.evaluate(({ BrowserWindow: Windows, webContents }) => {
      const [only] = Windows.getAllWindows();
      return [
        Windows.fromWebContents(webContents.getAllWebContents()[0] as never) === only,
        Windows.getFocusedWindow() === only,
        only?.isVisible(),
      ];
    });
    expect(found).toEqual([true, true, true]);
  });

  test("runs code in the page and clones what comes of it", async () => {
    const run = await window.evaluate(async ({ webContents }) => {
      const map: Map<string, unknown> = await webContents.executeJavaScript(
        "Promise.resolve(new Map([['title', document.title], ['none', undefined]]))",
      );
      return [
        map.get("title"),
        map.has("none"),
        Object.is(await webContents.executeJavaScript("-0"), -0),
        await webContents.executeJavaScript("undefined"),
        await webContents
          .executeJavaScript("throw new TypeError('in the page')")
          .catch((error: Error) => error.message),
      ];
    });
    expect(run).toEqual(["Renamed by the page", true, true, undefined, "in the page"]);
  });

  test("tells of the page's console", async () => {
    const line = window.evaluate(
      ({ webContents }) =>
        new Promise((resolve) => {
          webContents.once("console-message", ({ level, message }) => resolve([level, message]));
          void webContents.executeJavaScript("console.warn('careful', 3)");
        }),
    );
    expect(await line).toEqual(["warning", "careful 3"]);
  });

  test("can be captured as a picture", async () => {
    const size = await window.evaluate(async (shown) => (await shown.capturePage()).getSize());
    expect(size).toEqual({ width: 700, height: 500 });
  });

  test("rejects the load of a file that is not there, and can load another", async () => {
    const message = await window.evaluate((shown) =>
      shown.loadFile("missing.html").catch((error: Error) => error.message),
    );
    expect(message).toMatch(/^ERR_FILE_NOT_FOUND \(-6\) loading 'file:.*missing\.html'$/);
    await window.evaluate((shown) => (globalThis as unknown as TestGlobals).testApp.load(shown));
    await page.waitForSelector("#seen:not(:empty)");
    expect(await page.evaluate(() => bridge.answer)).toBe(42);
  });

  test("survives the crash of its page and shows it again", async () => {
    const opening = app.waitForEvent("window");
    const details = await app.evaluate(async () => {
      const { testApp } = globalThis as unknown as TestGlobals;
      const second = testApp.openWindow();
      await testApp.load(second);
      return new Promise((resolve) => {
        second.webContents.once("render-process-gone", async (_event, gone) => {
          await testApp.load(second);
          const answer = await second.webContents.executeJavaScript("bridge.answer");
          second.destroy();
          resolve([gone.reason, answer, second.isDestroyed()]);
        });
        second.webContents.forcefullyCrashRenderer();
      });
    });
    await opening;
    expect(details).toEqual(["crashed", 42, true]);
    await expect.poll(() => app.windows().length).toBe(1);
  });

  test("that is destroyed refuses to be used", async () => {
    const used = app.evaluate(() => {
      const gone = (globalThis as unknown as TestGlobals).testApp.openWindow();
      gone.destroy();
      return gone.webContents;
    });
    await expect(used).rejects.toThrow("Object has been destroyed");
  });
});

describe("the system around the app", () => {
  test("answers dialogs carefully and says so", async () => {
    const answers = await app.evaluate(async ({ dialog }) => [
      await dialog.showOpenDialog({ title: "Import" }),
      await dialog.showSaveDialog({}),
      await dialog.showMessageBox({ message: "Delete all?", buttons: ["Delete", "Cancel"] }),
    ]);
    expect(answers).toEqual([
      { canceled: true, filePaths: [] },
      { canceled: true, filePath: "" },
      { response: 1, checkboxChecked: false },
    ]);
    await expect.poll(() => stderr).toContain('answered with "Cancel": Delete all?');
    expect(stderr).toContain("a dialog to open a file is not shown and answered as canceled: Import");
  });

  test("lets a test answer dialogs itself", async () => {
    const answer = await app.evaluate(async ({ dialog }) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: ["/chosen"] });
      return dialog.showOpenDialog({});
    });
    expect(answer).toEqual({ canceled: false, filePaths: ["/chosen"] });
  });

  test("follows the app's choice of light and dark", async () => {
    const isDark = () => page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
    const told = await app.evaluate(
      ({ nativeTheme }) =>
        new Promise((resolve) => {
          nativeTheme.once("updated", () => resolve(nativeTheme.shouldUseDarkColors));
          nativeTheme.themeSource = "dark";
        }),
    );
    expect(told).toBe(true);
    await expect.poll(isDark).toBe(true);
    await app.evaluate(({ nativeTheme }) => {
      nativeTheme.themeSource = "light";
    });
    await expect.poll(isDark).toBe(false);
  });

  test("keeps secrets under a key that only the user can read", async () => {
    const kept = await app.evaluate(({ safeStorage }) => {
      const encrypted = safeStorage.encryptString("a token \u{1F511}");
      return [
        safeStorage.isEncryptionAvailable(),
        encrypted.includes("token"),
        safeStorage.decryptString(encrypted),
      ];
    });
    expect(kept).toEqual([true, false, "a token \u{1F511}"]);
    expect(statSync(join(userData, "stand-in", "safe-storage.key")).mode & 0o777).toBe(0o600);
  });

  test("has a clipboard and a menu whose items can be clicked", async () => {
    const got = await app.evaluate(async ({ clipboard, Menu }) => {
      let clicked = "";
      const click = (item: { label: string }): void => {
        clicked = item.label;
      };
      Menu.setApplicationMenu(
        Menu.buildFromTemplate([{ label: "File", submenu: [{ id: "new", label: "New note", click }] }]),
      );
      Menu.getApplicationMenu()?.getMenuItemById("new")?.click();
      await clipboard.writeText("copied");
      return [clicked, await clipboard.readText()];
    });
    expect(got).toEqual(["New note", "copied"]);
  });

  test("runs plain Node for child processes that ask for it", async () => {
    const ran = await app.evaluate(async () => {
      const { testApp } = globalThis as unknown as TestGlobals;
      return [testApp.runNode("console.log(process.versions.electron, 6 * 7)").trim(), await testApp.fork()];
    });
    expect(ran).toEqual(["undefined 42", { argv: ["argument"], electron: "none" }]);
  });
});

describe("what is not implemented", () => {
  test("is refused by name, be it a module, a function, an event or an option", async () => {
    const refusals = await app.evaluate(({ app: electronApp, BrowserWindow: Windows, MenuItem, ...rest }) => {
      const refusal = (use: () => unknown): string => {
        try {
          return `accepted: ${String(use())}`;
        } catch (error) {
          return (error as Error).message;
        }
      };
      const [only] = Windows.getAllWindows() as [BrowserWindow];
      return [
        refusal(() => electronApp.getAppMetrics()),
        refusal(() => only.setOpacity(1)),
        refusal(() => Windows.fromBrowserView),
        refusal(() => only.on("swipe", () => {})),
        refusal(() => new Windows({ kiosk: true })),
        refusal(() => new MenuItem({ label: "Later", before: ["other"] })),
        refusal(() => new MenuItem({ label: "Later" }).menu),
        refusal(() => new Windows({ webPreferences: { nodeIntegration: true } })),
        refusal(() => (rest as unknown as { dialog: { later: unknown } }).dialog?.later),
      ];
    });
    const what = refusals.map((text) => /does not implement (.*)\.$/.exec(text)?.[1] ?? text);
    expect(what).toEqual([
      "App.getAppMetrics",
      "BrowserWindow.setOpacity",
      "BrowserWindow.fromBrowserView",
      "the event 'swipe' of BrowserWindow",
      "the window option 'kiosk'",
      "the menu item option 'before'",
      "MenuItem.menu",
      "webPreferences.nodeIntegration = true",
      "dialog.later",
    ]);
    await expect(app.evaluate((electron) => electron.Tray)).rejects.toThrow(
      "does not implement electron.Tray.",
    );
  });
});
