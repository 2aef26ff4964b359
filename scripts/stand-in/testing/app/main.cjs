// A tiny Electron app for the stand-in's tests. It uses Electron's interface only, so it would run on Electron too.
const { fork, spawnSync } = require("node:child_process");
const { appendFileSync } = require("node:fs");
const { join } = require("node:path");
const { app, BrowserWindow, ipcMain } = require("electron");

const record = (line) => appendFileSync(join(app.getPath("userData"), "events.log"), `${line}\n`);

const appEvents = ["ready", "window-all-closed", "before-quit", "will-quit", "quit"];
const windowEvents = ["show", "ready-to-show", "close", "closed"];
const contentsEvents = ["did-start-loading", "dom-ready", "did-finish-load", "did-stop-loading"];

function openWindow(options = {}) {
  const window = new BrowserWindow({
    width: 900,
    height: 640,
    show: false,
    title: "Before the page",
    backgroundColor: "#102030",
    webPreferences: {
      preload: join(__dirname, "preload.cjs"),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    },
    ...options,
  });
  for (const name of windowEvents) window.on(name, () => record(`window ${name}`));
  for (const name of contentsEvents) window.webContents.on(name, () => record(`contents ${name}`));
  window.once("ready-to-show", () => window.show());
  globalThis.openedUrls ??= [];
  window.webContents.setWindowOpenHandler(({ url }) => {
    globalThis.openedUrls.push(url);
    return { action: "deny" };
  });
  globalThis.navigations ??= [];
  window.webContents.on("will-navigate", (event, url) => {
    globalThis.navigations.push(url);
    if (url.includes("forbidden")) event.preventDefault();
  });
  return window;
}

const runsAlone = app.commandLine.hasSwitch("many") || app.requestSingleInstanceLock({ greeting: "hello" });
if (!runsAlone) {
  app.quit();
} else {
  for (const name of appEvents) app.on(name, () => record(`app ${name}`));
  globalThis.secondInstances = [];
  app.on("second-instance", (_event, argv, workingDirectory, data) => {
    globalThis.secondInstances.push({ argv, workingDirectory, data });
  });

  ipcMain.handle("echo", (_event, ...values) => values);
  ipcMain.handle("fail", () => {
    throw new RangeError("too far");
  });
  ipcMain.handle("uncloneable", () => ({ f: () => 1 }));
  ipcMain.handle("sender", (event) => ({
    sameWindow: BrowserWindow.fromWebContents(event.sender) !== null,
    sameFrame: event.senderFrame === event.sender.mainFrame,
    url: event.senderFrame.url,
  }));
  ipcMain.on("one-way", (event, value) => event.reply("echoed", value));

  const argument = (name) => app.commandLine.getSwitchValue(name);
  globalThis.testApp = {
    openWindow,
    load: (window, options) => window.loadFile(join(__dirname, "page.html"), options),
    runNode: (code) =>
      spawnSync(process.execPath, ["-e", code], {
        env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
        encoding: "utf8",
      }).stdout,
    fork: () =>
      new Promise((resolve) => {
        const child = fork(join(__dirname, "forked.cjs"), ["argument"]);
        child.once("message", resolve);
      }),
  };

  app.on("window-all-closed", () => {
    if (argument("when-all-closed") !== "stay") app.quit();
  });
  app.whenReady().then(() => {
    record(`started ${process.pid}`);
    if (argument("windows") === "0") return;
    const window = openWindow();
    globalThis.testApp.load(window, { query: { from: "start" }, hash: "here" });
  });
}
