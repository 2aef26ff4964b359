/**
 * Electron's WebContents over a PageTarget: loading, events, messages, execution of code. Everything that needs the
 * page waits for it to be open, in the order of asking.
 */
import type { BrowserWindow } from "./browser-window";
import { TargetGone } from "./cdp";
import type { Chromium, OpeningBounds } from "./chromium";
import { makeEvent } from "./electron-event";
import type { FromPage } from "./in-page/preload-world";
import { ipcMain } from "./ipc-main";
import { type LoadError, loadError } from "./load-error";
import { imageFromPng, type NativeImage } from "./native-image";
import { nativeTheme } from "./native-theme";
import { ElectronEmitter, notImplemented, refuseUnknown } from "./not-implemented";
import { type PageEvents, PageTarget } from "./page-target";
import { readPreload } from "./preload-script";
import { getRuntime, say, throwLater } from "./runtime";
import { defaultSession } from "./session";
import { makeMainFrame } from "./web-frame-main";
import { windows } from "./windows";

const unloadLimitMs = 5_000;

const knownEvents: ReadonlySet<string> = new Set([
  "console-message",
  "destroyed",
  "did-fail-load",
  "did-finish-load",
  "did-navigate",
  "did-navigate-in-page",
  "did-start-loading",
  "did-stop-loading",
  "dom-ready",
  "page-title-updated",
  "preload-error",
  "render-process-gone",
  "will-navigate",
  "will-prevent-unload",
  // These cannot occur here: there is no webview, no certificate dialog, and denied windows are never created.
  "will-attach-webview",
  "did-attach-webview",
  "did-create-window",
  "certificate-error",
  "select-client-certificate",
  "login",
]);

interface Navigation {
  readonly url: string;
  committed: boolean;
  resolve(): void;
  reject(error: Error): void;
}

export interface WindowOpenDetails {
  readonly url: string;
  readonly frameName: string;
  readonly features: string;
  readonly disposition: string;
  readonly referrer: { readonly url: string; readonly policy: string };
  readonly postBody: undefined;
}

export interface WebContentsOptions {
  readonly chromium: Chromium;
  readonly bounds: OpeningBounds;
  readonly preloadPath: string | undefined;
}

let lastId = 0;

export class WebContents extends ElectronEmitter {
  readonly id = ++lastId;
  readonly mainFrame: object;
  readonly hostWebContents = null;
  private readonly preloadPath: string;
  /** The page, once it is open. */
  private readonly opened: Promise<PageTarget>;
  private page: PageTarget | undefined;
  private destroyed = false;
  private crashed = false;
  private loading = false;
  private showsErrorPage = false;
  private navigation: Navigation | undefined;
  private painted = false;
  private hasReportedLoss = false;
  private title = "";
  private windowOpenHandler: ((details: WindowOpenDetails) => { action: string }) | undefined;

  protected override knownEvents(): ReadonlySet<string> {
    return knownEvents;
  }

  constructor({ chromium, bounds, preloadPath }: WebContentsOptions) {
    super();
    this.mainFrame = makeMainFrame(this);
    const preload = readPreload(preloadPath);
    if (preload.kind === "broken") setImmediate(() => this.reportPreload(preload.path, preload.error));
    const settings = {
      bounds,
      preload: preload.kind === "script" ? preload.text : undefined,
      process: {
        type: "renderer",
        platform: process.platform,
        arch: process.arch,
        versions: { ...process.versions },
        env: { ...process.env },
        argv: [...process.argv],
        execPath: process.execPath,
        sandboxed: true,
        contextIsolated: true,
      },
    };
    this.preloadPath = preloadPath ?? "";
    this.opened = PageTarget.open(chromium, settings).then((page) => {
      this.adopt(page);
      return page;
    });
    this.opened.catch((error) => {
      // A window asked for and closed at once never opens; any other failure is the end of the run.
      if (!this.destroyed) throwLater(error);
    });
  }

  get session(): typeof defaultSession {
    return defaultSession;
  }

  get targetId(): string | undefined {
    return this.page?.targetId;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  isCrashed(): boolean {
    return this.crashed;
  }

  isLoading(): boolean {
    return this.loading;
  }

  isLoadingMainFrame(): boolean {
    return this.loading;
  }

  isFocused(): boolean {
    return windows.focused?.webContents === this;
  }

  focus(): void {
    this.alive();
    windows.focus(this.window);
  }

  getURL(): string {
    this.alive();
    return this.page?.url ?? "";
  }

  getTitle(): string {
    this.alive();
    return this.title;
  }

  getType(): string {
    return "window";
  }

  async loadURL(url: string): Promise<void> {
    this.alive();
    this.abandonNavigation("ERR_ABORTED");
    const finished = new Promise<void>((resolve, reject) => {
      this.navigation = { url, committed: false, resolve, reject };
    });
    // It may fail while the page is still being opened, before it is awaited below.
    finished.catch(() => {});
    const navigation = this.navigation;
    this.setLoading(true);
    const page = await this.opened;
    try {
      const { newDocument } = await page.navigate(url);
      if (!newDocument) this.finishNavigation();
    } catch (error) {
      const failure = this.reportFailure(error as Error, url);
      if (this.navigation === navigation) this.navigation = undefined;
      navigation?.reject(failure);
    }
    return finished;
  }

  reload(): void {
    this.withPage((page) => page.send("Page.reload"));
  }

  reloadIgnoringCache(): void {
    this.withPage((page) => page.send("Page.reload", { ignoreCache: true }));
  }

  send(channel: string, ...args: unknown[]): void {
    this.alive();
    if (typeof channel !== "string") throw new TypeError("Missing required channel argument");
    // Refused here, at the place of the mistake, and not later when the page is open.
    const message = PageTarget.encode({ kind: "message", channel, args });
    this.withPage(async (page) => {
      if (!page.tell(message)) this.reportLoss(channel);
    });
  }

  async executeJavaScript(code: string, userGesture = false): Promise<unknown> {
    this.alive();
    if (this.loading || this.page?.url === "") {
      await new Promise<void>((resolve) => this.once("did-stop-loading", resolve));
    }
    return (await this.opened).execute(code, userGesture);
  }

  setWindowOpenHandler(handler: (details: WindowOpenDetails) => { action: string }): void {
    this.windowOpenHandler = handler;
  }

  async capturePage(rectangle?: {
    x: number;
    y: number;
    width: number;
    height: number;
  }): Promise<NativeImage> {
    this.alive();
    const page = await this.opened;
    const clip = rectangle === undefined ? undefined : { ...rectangle, scale: 1 };
    const { data } = await page.send("Page.captureScreenshot", { format: "png", clip });
    return imageFromPng(Buffer.from(data, "base64"));
  }

  forcefullyCrashRenderer(): void {
    this.withPage((page) => page.send("Page.crash"));
  }

  openDevTools(): void {
    say("DevTools do not open here; start with --remote-debugging-port and connect to the page instead");
  }

  isDevToolsOpened(): boolean {
    return false;
  }

  /** Closes the page and with it its window, without asking the window's close listeners. */
  close(options?: { waitForBeforeUnload?: boolean }): void {
    if (this.destroyed) return;
    const { window } = this;
    if (options?.waitForBeforeUnload !== true) {
      window?.destroy();
      return;
    }
    void this.mayUnload().then((may) => {
      if (may) window?.destroy();
    });
  }

  // What follows is for the stand-in itself.

  /** Runs a command on the page as soon as it is open; a window that goes first takes the command with it. */
  withPage(command: (page: PageTarget) => Promise<unknown>): void {
    this.alive();
    this.opened.then(command).catch((error) => {
      if (!this.destroyed && !(error instanceof TargetGone)) throwLater(error);
    });
  }

  /** Asks the page's beforeunload listeners; a page that is gone or gives no answer may unload. */
  async mayUnload(): Promise<boolean> {
    if (this.crashed || this.page === undefined) return true;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<true>((resolve) => {
      timer = setTimeout(() => {
        say("the page did not say in time whether it may be closed, and is closed");
        resolve(true);
      }, unloadLimitMs);
    });
    const asked = this.page.mayUnload().catch(() => true);
    const may = await Promise.race([asked, limit]);
    clearTimeout(timer);
    if (may || this.destroyed) return true;
    const event = makeEvent("will-prevent-unload", {});
    this.emit("will-prevent-unload", event);
    return event.defaultPrevented;
  }

  /** Ends this object at once and its page soon; resolves when the page is gone. */
  async destroy(): Promise<void> {
    if (this.destroyed) return;
    this.destroyed = true;
    this.abandonNavigation("ERR_FAILED");
    this.emit("destroyed");
    const page = await this.opened.catch(() => undefined);
    await page?.close().catch(() => {
      // Closed by someone else meanwhile.
    });
  }

  private adopt(page: PageTarget): void {
    this.page = page;
    const on = <Name extends keyof PageEvents>(
      name: Name,
      react: (...args: PageEvents[Name]) => void,
    ): void => {
      // What a page still says while it is being closed is nobody's concern any more.
      page.on(name, ((...args: PageEvents[Name]) => {
        if (!this.destroyed) react(...args);
      }) as never);
    };
    on("from-page", (message) => this.receive(page, message));
    on("started-loading", () => this.setLoading(true));
    on("navigated", (url) => {
      this.crashed = false;
      this.showsErrorPage = url.startsWith("chrome-error:");
      if (this.showsErrorPage) return;
      if (this.navigation !== undefined) this.navigation.committed = true;
      this.emit("did-navigate", makeEvent("did-navigate", {}), url, 200, "");
    });
    on("navigated-in-page", (url) => {
      this.emit("did-navigate-in-page", makeEvent("did-navigate-in-page", {}), url, true);
    });
    on("dom-ready", () => {
      if (!this.showsErrorPage) this.emit("dom-ready", makeEvent("dom-ready", {}));
    });
    on("painted", () => this.emitPainted());
    on("loaded", () => {
      if (this.showsErrorPage) return;
      this.emitPainted();
      this.emit("did-finish-load", makeEvent("did-finish-load", {}));
      if (this.navigation?.committed === true) this.finishNavigation();
    });
    on("stopped-loading", () => this.setLoading(false));
    on("console", (line) => {
      const level = ["debug", "info", "warning", "error"].indexOf(line.level);
      const event = makeEvent("console-message", { ...line, frame: this.mainFrame });
      this.emit("console-message", event, level, line.message, line.lineNumber, line.sourceId);
    });
    on("dialog", (type, message) => {
      // A debugger, such as a test, answers it itself.
      if (getRuntime().commandLine.switches.has("remote-debugging-port")) return;
      say(`a dialog of the page (${type}) is dismissed: ${message}`);
      this.withPage((shown) => shown.send("Page.handleJavaScriptDialog", { accept: false }));
    });
    on("crashed", () => {
      this.crashed = true;
      const details = { reason: "crashed", exitCode: 0 };
      this.emit("render-process-gone", makeEvent("render-process-gone", {}), details);
      windows.emit("contents-crashed", this, details);
    });
    on("gone", () => this.window?.closedFromOutside());
    nativeTheme.follow(page);
  }

  /** The window that shows this page, until it is destroyed. */
  private get window(): BrowserWindow | undefined {
    return windows.all.find((window) => window.webContents === this);
  }

  /** The window's ready-to-show: a page that paints nothing is ready when it is loaded. */
  private emitPainted(): void {
    if (this.painted) return;
    this.painted = true;
    this.window?.emit("ready-to-show");
  }

  private receive(page: PageTarget, message: FromPage): void {
    switch (message.kind) {
      case "invoke": {
        const event = this.ipcEvent(page, message.channel);
        void ipcMain.runHandler(message.channel, event, message.args).then((outcome) => {
          page.tell(PageTarget.encodeAnswer({ ...outcome, id: message.id }));
        });
        return;
      }
      case "send":
        ipcMain.emit(message.channel, this.ipcEvent(page, message.channel), ...message.args);
        return;
      case "title":
        this.updateTitle(message.title);
        return;
      case "will-navigate":
        this.askToNavigate(message);
        return;
      case "window-open":
        this.askToOpen(message);
        return;
      case "preload-error": {
        const error = new Error(message.message);
        error.stack = message.stack;
        this.reportPreload(this.preloadPath, error);
        return;
      }
    }
  }

  private ipcEvent(page: PageTarget, channel: string): object {
    return makeEvent(`a message on '${channel}'`, {
      type: "frame",
      sender: this,
      senderFrame: this.mainFrame,
      frameId: 1,
      processId: 1,
      ports: [],
      reply: (replyChannel: string, ...args: unknown[]) => {
        page.tell(PageTarget.encode({ kind: "message", channel: replyChannel, args }));
      },
    });
  }

  private askToNavigate({ to, reload, form }: Extract<FromPage, { kind: "will-navigate" }>): void {
    const details = { url: to, isSameDocument: false, isMainFrame: true, frame: this.mainFrame };
    const event = makeEvent("will-navigate", details);
    this.emit("will-navigate", event, to);
    if (event.defaultPrevented || this.destroyed) return;
    if (form) throw notImplemented("a navigation that posts a form");
    this.withPage((page) => {
      if (reload) return page.send("Page.reload");
      return page.navigate(to).catch((error: Error) => this.reportFailure(error, to));
    });
  }

  private askToOpen({ to, ...rest }: Extract<FromPage, { kind: "window-open" }>): void {
    const { kind: _, ...features } = rest;
    const referrer = { url: this.getURL(), policy: "strict-origin-when-cross-origin" };
    const answer = this.windowOpenHandler?.({ url: to, ...features, referrer, postBody: undefined });
    if (answer?.action === "deny") return;
    throw notImplemented(`the opening of ${to} from a page; let setWindowOpenHandler deny it`);
  }

  private updateTitle(title: string): void {
    this.title = title;
    const event = makeEvent("page-title-updated", {});
    this.emit("page-title-updated", event, title, true);
    this.window?.emit("page-title-updated", event, title, true);
    if (!event.defaultPrevented) this.window?.setTitle(title);
  }

  private setLoading(loading: boolean): void {
    if (this.loading === loading || this.destroyed) return;
    this.loading = loading;
    const name = loading ? "did-start-loading" : "did-stop-loading";
    this.emit(name, makeEvent(name, {}));
  }

  private abandonNavigation(name: string): void {
    const former = this.navigation;
    this.navigation = undefined;
    former?.reject(loadError(name, former.url));
  }

  private finishNavigation(): void {
    const finished = this.navigation;
    this.navigation = undefined;
    finished?.resolve();
  }

  /** What the app hears of a navigation that came to nothing; a window that is gone has nobody to tell. */
  private reportFailure(cause: Error, url: string): LoadError {
    const name = cause instanceof TargetGone ? "ERR_ABORTED" : cause.message;
    const error = loadError(name, url);
    if (this.destroyed) return error;
    this.emit("did-fail-load", makeEvent("did-fail-load", {}), error.errno, name, url, true, 1, 1);
    this.setLoading(false);
    return error;
  }

  private reportLoss(channel: string): void {
    if (this.hasReportedLoss) return;
    this.hasReportedLoss = true;
    say(`messages to a window without a document are lost, as in Electron; the first was on '${channel}'`);
  }

  private reportPreload(path: string, error: Error): void {
    say(`unable to load the preload script ${path}: ${error.stack}`);
    this.emit("preload-error", makeEvent("preload-error", {}), path, error);
  }

  private alive(): void {
    if (this.destroyed) throw new TypeError("Object has been destroyed");
  }
}

/** The `webContents` of the module: the lookups. */
export const webContents = refuseUnknown("webContents", {
  getAllWebContents: (): WebContents[] => windows.contents,
  getFocusedWebContents: (): WebContents | null => windows.focused?.webContents ?? null,
  fromId: (id: number): WebContents | undefined => windows.contents.find((contents) => contents.id === id),
  fromDevToolsTargetId: (targetId: string): WebContents | undefined =>
    windows.contents.find((contents) => contents.targetId === targetId),
});
