/**
 * Electron's BrowserWindow: a window of the system's Chromium. Bounds, title, visibility and focus are kept here and
 * told to Chromium; closing asks in Electron's order: the window's close listeners, then the page, then the end.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { makeEvent } from "./electron-event";
import { getChromium } from "./engine";
import type { NativeImage } from "./native-image";
import { ElectronEmitter } from "./not-implemented";
import { getRuntime } from "./runtime";
import { primaryDisplay, type Rectangle } from "./screen";
import { WebContents } from "./web-contents";
import { checkWindowOptions, parseColor, type WindowOptions } from "./window-options";
import { windows } from "./windows";

const defaultSize = { width: 800, height: 600 };

const knownEvents: ReadonlySet<string> = new Set([
  "blur",
  "close",
  "closed",
  "enter-full-screen",
  "focus",
  "hide",
  "leave-full-screen",
  "maximize",
  "minimize",
  "move",
  "moved",
  "page-title-updated",
  "ready-to-show",
  "resize",
  "resized",
  "restore",
  "show",
  "unmaximize",
  // These cannot occur here: a page that hangs is not noticed, and no session of a desktop ends.
  "responsive",
  "unresponsive",
  "session-end",
  "query-session-end",
]);

let lastId = 0;

type WindowState = "normal" | "minimized" | "maximized" | "fullscreen";

export class BrowserWindow extends ElectronEmitter {
  static getAllWindows(): BrowserWindow[] {
    return windows.all;
  }

  static getFocusedWindow(): BrowserWindow | null {
    return windows.focused ?? null;
  }

  static fromId(id: number): BrowserWindow | null {
    return windows.all.find((window) => window.id === id) ?? null;
  }

  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return windows.all.find((window) => window.webContents === contents) ?? null;
  }

  readonly id = ++lastId;
  private readonly contents: WebContents;
  private bounds: Rectangle;
  private state: WindowState = "normal";
  private title: string;
  private backgroundColor: string;
  private minimumSize: [number, number];
  private visible = false;
  private destroyed = false;
  private closing = false;

  protected override knownEvents(): ReadonlySet<string> {
    return knownEvents;
  }

  constructor(options: WindowOptions = {}) {
    super();
    checkWindowOptions(options);
    const { width = defaultSize.width, height = defaultSize.height } = options;
    this.bounds = {
      x: options.x ?? Math.round((primaryDisplay.workArea.width - width) / 2),
      y: options.y ?? Math.round((primaryDisplay.workArea.height - height) / 2),
      width,
      height,
    };
    this.title = options.title ?? getRuntime().appPackage.name;
    this.backgroundColor = options.backgroundColor ?? "#FFFFFF";
    this.minimumSize = [options.minWidth ?? 0, options.minHeight ?? 0];
    this.contents = new WebContents({
      chromium: getChromium("BrowserWindow"),
      bounds: this.bounds,
      preloadPath: options.webPreferences?.preload as string | undefined,
    });
    windows.add(this);
    if (options.backgroundColor !== undefined) this.tellBackground();
    this.tellBounds();
    if (options.show === false) this.tellState("minimized");
    else this.show();
  }

  get webContents(): WebContents {
    this.alive();
    return this.contents;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  loadFile(
    file: string,
    options: { query?: Record<string, string>; search?: string; hash?: string } = {},
  ): Promise<void> {
    const url = pathToFileURL(resolve(getRuntime().appPackage.folder, file));
    if (options.query !== undefined) url.search = new URLSearchParams(options.query).toString();
    if (options.search !== undefined) url.search = options.search;
    if (options.hash !== undefined) url.hash = options.hash;
    return this.loadURL(url.href);
  }

  reload(): void {
    this.webContents.reload();
  }

  capturePage(rectangle?: Rectangle): Promise<NativeImage> {
    return this.webContents.capturePage(rectangle);
  }

  show(): void {
    this.showInactive();
    this.focus();
  }

  showInactive(): void {
    this.alive();
    if (this.visible) return;
    this.visible = true;
    this.tellState(this.state);
    this.emit("show");
  }

  hide(): void {
    this.alive();
    if (!this.visible) return;
    this.visible = false;
    this.tellState("minimized");
    if (windows.focused === this) windows.focus(undefined);
    this.emit("hide");
  }

  focus(): void {
    this.alive();
    if (!this.visible) return;
    this.contents.withPage((page) => page.send("Page.bringToFront"));
    windows.focus(this);
  }

  blur(): void {
    this.alive();
    if (windows.focused === this) windows.focus(undefined);
  }

  isFocused(): boolean {
    return windows.focused === this;
  }

  isVisible(): boolean {
    this.alive();
    return this.visible && this.state !== "minimized";
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  getTitle(): string {
    this.alive();
    return this.title;
  }

  setTitle(title: string): void {
    this.alive();
    this.title = title;
  }

  getBounds(): Rectangle {
    this.alive();
    return { ...this.bounds };
  }

  getNormalBounds(): Rectangle {
    return this.getBounds();
  }

  getContentBounds(): Rectangle {
    return this.getBounds();
  }

  getSize(): [number, number] {
    const { width, height } = this.getBounds();
    return [width, height];
  }

  getPosition(): [number, number] {
    const { x, y } = this.getBounds();
    return [x, y];
  }

  setBounds(bounds: Partial<Rectangle>): void {
    this.alive();
    const former = this.bounds;
    const next = { ...former, ...bounds };
    next.width = Math.max(next.width, this.minimumSize[0]);
    next.height = Math.max(next.height, this.minimumSize[1]);
    this.bounds = next;
    this.tellBounds();
    if (former.x !== next.x || former.y !== next.y) this.emit("move");
    if (former.width !== next.width || former.height !== next.height) this.emit("resize");
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }

  center(): void {
    this.setBounds({
      x: Math.round((primaryDisplay.workArea.width - this.bounds.width) / 2),
      y: Math.round((primaryDisplay.workArea.height - this.bounds.height) / 2),
    });
  }

  setMinimumSize(width: number, height: number): void {
    this.alive();
    this.minimumSize = [width, height];
  }

  getMinimumSize(): [number, number] {
    this.alive();
    return [...this.minimumSize];
  }

  getBackgroundColor(): string {
    this.alive();
    return this.backgroundColor;
  }

  setBackgroundColor(color: string): void {
    this.alive();
    this.backgroundColor = color;
    this.tellBackground();
  }

  isMinimized(): boolean {
    return this.state === "minimized";
  }

  isMaximized(): boolean {
    return this.state === "maximized";
  }

  isFullScreen(): boolean {
    return this.state === "fullscreen";
  }

  isNormal(): boolean {
    return this.state === "normal";
  }

  minimize(): void {
    this.changeState("minimized", "minimize");
  }

  maximize(): void {
    this.changeState("maximized", "maximize");
  }

  unmaximize(): void {
    if (this.isMaximized()) this.changeState("normal", "unmaximize");
  }

  restore(): void {
    if (this.isMinimized()) this.changeState("normal", "restore");
  }

  setFullScreen(full: boolean): void {
    if (full) this.changeState("fullscreen", "enter-full-screen");
    else if (this.isFullScreen()) this.changeState("normal", "leave-full-screen");
  }

  setMenu(_menu: unknown): void {
    this.alive();
  }

  removeMenu(): void {
    this.alive();
  }

  setMenuBarVisibility(_visible: boolean): void {
    this.alive();
  }

  setAutoHideMenuBar(_hide: boolean): void {
    this.alive();
  }

  setIcon(_icon: unknown): void {
    this.alive();
  }

  flashFrame(_flash: boolean): void {
    this.alive();
  }

  setProgressBar(_progress: number): void {
    this.alive();
  }

  close(): void {
    this.alive();
    if (this.closing) return;
    const event = makeEvent("close", {});
    this.emit("close", event);
    if (this.destroyed) return;
    if (event.defaultPrevented) {
      windows.emit("close-refused");
      return;
    }
    this.closing = true;
    void this.finishClosing();
  }

  /** Ends the window without asking anyone. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    const gone = this.contents.destroy();
    this.emit("closed");
    // Counted as open until its page is gone, so that nothing follows the last window too early.
    void gone.then(() => windows.remove(this));
  }

  /**
   * For the stand-in itself: the window is gone already and nobody was asked. On a screen the user closed it, which
   * the app is told; without one a debugger did, which Electron does not call closing either.
   */
  closedFromOutside(): void {
    if (this.destroyed) return;
    if (!getChromium("BrowserWindow").headless) this.emit("close", makeEvent("close", {}));
    this.destroy();
  }

  private async finishClosing(): Promise<void> {
    const may = await this.contents.mayUnload();
    this.closing = false;
    if (this.destroyed) return;
    if (!may) {
      windows.emit("close-refused");
      return;
    }
    this.destroy();
  }

  private changeState(state: WindowState, event: string): void {
    this.alive();
    if (this.state === state) return;
    this.state = state;
    if (this.visible) this.tellState(state);
    this.emit(event);
  }

  private tellState(windowState: WindowState): void {
    if (getChromium("BrowserWindow").headless) return;
    this.contents.withPage((page) => page.setWindowBounds({ windowState }));
  }

  private tellBounds(): void {
    const { x, y, width, height } = this.bounds;
    this.contents.withPage(async (page) => {
      await page.setWindowBounds({ left: x, top: y });
      await page.setContentSize(width, height);
    });
  }

  private tellBackground(): void {
    const color = parseColor(this.backgroundColor);
    this.contents.withPage((page) => page.send("Emulation.setDefaultBackgroundColorOverride", { color }));
  }

  private alive(): void {
    if (this.destroyed) throw new TypeError("Object has been destroyed");
  }
}
