/**
 * `app`: the life of the process as Electron tells it. Its states are few: starting, ready, quitting (which a window
 * or a listener can still refuse) and ending (which nobody can).
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { defaultPaths } from "./app-paths";
import { makeEvent } from "./electron-event";
import { stopEngine } from "./engine";
import { getMenu, type Menu, setMenu } from "./menu";
import { ElectronEmitter, notImplemented, refuseUnknown } from "./not-implemented";
import { getRuntime, say } from "./runtime";
import { type Greeting, SingleInstanceLock } from "./single-instance";
import { windows } from "./windows";

const knownEvents: ReadonlySet<string> = new Set([
  "activate",
  "before-quit",
  "browser-window-blur",
  "browser-window-created",
  "browser-window-focus",
  "quit",
  "ready",
  "render-process-gone",
  "second-instance",
  "web-contents-created",
  "will-finish-launching",
  "will-quit",
  "window-all-closed",
  // These cannot occur here: they come from macOS, from certificates and from helper processes.
  "accessibility-support-changed",
  "certificate-error",
  "child-process-gone",
  "continue-activity",
  "did-become-active",
  "did-resign-active",
  "login",
  "new-window-for-tab",
  "open-file",
  "open-url",
  "select-client-certificate",
]);

interface Relaunch {
  readonly execPath: string;
  readonly args: readonly string[];
}

class App extends ElectronEmitter {
  readonly isPackaged = false;
  readonly commandLine: object;
  /** Only macOS has a dock. */
  readonly dock = undefined;
  private appName: string;
  private readonly paths: Map<string, string>;
  private readonly switches: Map<string, string>;
  private readonly relaunches: Relaunch[] = [];
  private readonly readiness: Promise<void>;
  private becomeReady: () => void = () => {};
  private ready = false;
  private quitting = false;
  private ending = false;
  private lock: SingleInstanceLock | undefined;

  protected override knownEvents(): ReadonlySet<string> {
    return knownEvents;
  }

  constructor() {
    super();
    const { appPackage, commandLine, executable } = getRuntime();
    this.appName = appPackage.name;
    this.switches = new Map(commandLine.switches);
    const userData = commandLine.switches.get("user-data-dir");
    this.paths = defaultPaths({
      name: appPackage.name,
      executable,
      environment: process.env,
      userData:
        userData === undefined ? undefined : join(isAbsolute(userData) ? "/" : process.cwd(), userData),
    });
    this.commandLine = this.makeCommandLine();
    this.readiness = new Promise((resolve) => {
      this.becomeReady = resolve;
    });
    this.followWindows();
  }

  get name(): string {
    return this.appName;
  }

  set name(name: string) {
    this.appName = name;
  }

  getName(): string {
    return this.appName;
  }

  setName(name: string): void {
    this.appName = name;
  }

  getVersion(): string {
    return getRuntime().appPackage.version;
  }

  getAppPath(): string {
    return getRuntime().appPackage.folder;
  }

  getLocale(): string {
    const language = (process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "").split(".")[0];
    return language === undefined || ["", "C", "POSIX"].includes(language)
      ? "en-US"
      : language.replace("_", "-");
  }

  getSystemLocale(): string {
    return this.getLocale();
  }

  getPreferredSystemLanguages(): string[] {
    return [this.getLocale()];
  }

  getPath(name: string): string {
    const path = this.paths.get(name);
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    if (name === "logs") mkdirSync(path, { recursive: true });
    return path;
  }

  setPath(name: string, path: string): void {
    if (!this.paths.has(name)) throw new Error(`Failed to set path: there is no '${name}'`);
    if (!isAbsolute(path)) throw new Error("Path must be absolute");
    if ((name === "userData" || name === "sessionData") && this.ready) {
      throw notImplemented(`a change of '${name}' once the app is ready`);
    }
    this.paths.set(name, path);
  }

  setAppLogsPath(path?: string): void {
    this.setPath("logs", path ?? join(this.getPath("userData"), "logs"));
  }

  isReady(): boolean {
    return this.ready;
  }

  whenReady(): Promise<void> {
    return this.readiness;
  }

  focus(): void {
    windows.all[0]?.focus();
  }

  setAppUserModelId(_id: string): void {
    // Windows only.
  }

  setAboutPanelOptions(_options: object): void {
    // There is no native About panel.
  }

  disableHardwareAcceleration(): void {
    if (this.ready)
      throw new Error("app.disableHardwareAcceleration() can only be called before app is ready");
    this.switches.set("disable-gpu", "");
  }

  enableSandbox(): void {
    // Every preload is sandboxed here as it is.
  }

  get applicationMenu(): Menu | null {
    return getMenu();
  }

  set applicationMenu(menu: Menu | null) {
    setMenu(menu);
  }

  requestSingleInstanceLock(additionalData?: object): boolean {
    this.lock ??= new SingleInstanceLock(join(this.getPath("userData"), "stand-in"), (greeting) =>
      this.greetSecond(greeting),
    );
    const greeting = {
      argv: [...process.argv],
      workingDirectory: process.cwd(),
      additionalData: additionalData ?? null,
    };
    return this.lock.request(greeting);
  }

  hasSingleInstanceLock(): boolean {
    return this.lock?.isHeld ?? false;
  }

  releaseSingleInstanceLock(): void {
    this.lock?.release();
  }

  /** Another process with the same arguments, started when this one ends. */
  relaunch(options: { args?: string[]; execPath?: string } = {}): void {
    const { executable, args } = getRuntime();
    this.relaunches.push({ execPath: options.execPath ?? executable, args: options.args ?? args });
  }

  quit(): void {
    if (this.quitting || this.ending) return;
    const event = makeEvent("before-quit", {});
    this.emit("before-quit", event);
    if (event.defaultPrevented || this.ending) return;
    this.quitting = true;
    for (const window of windows.all) {
      if (!this.quitting) return;
      window.close();
    }
    if (windows.none) this.finishQuitting();
  }

  exit(code = 0): void {
    if (this.ending) return;
    this.ending = true;
    for (const window of windows.all) window.destroy();
    this.emit("quit", makeEvent("quit", {}), code);
    void this.end(code);
  }

  // What follows is for the stand-in itself.

  get hasBegunToEnd(): boolean {
    return this.ending;
  }

  get chromiumSwitches(): ReadonlyMap<string, string> {
    return this.switches;
  }

  announceReady(): void {
    this.ready = true;
    this.emit("will-finish-launching");
    this.emit("ready", makeEvent("ready", {}), {});
    this.becomeReady();
  }

  private finishQuitting(): void {
    const event = makeEvent("will-quit", {});
    this.emit("will-quit", event);
    if (event.defaultPrevented || this.ending) {
      this.quitting = false;
      return;
    }
    this.exit(Number(process.exitCode ?? 0));
  }

  private async end(code: number): Promise<void> {
    await stopEngine();
    this.lock?.release();
    for (const { execPath, args } of this.relaunches) {
      // No stream of ours: whoever waits for the end of our output would wait for the next process too.
      spawn(execPath, args, { detached: true, stdio: "ignore" }).unref();
    }
    process.exit(code);
  }

  private greetSecond({ argv, workingDirectory, additionalData }: Greeting): void {
    void this.readiness.then(() => {
      this.emit("second-instance", makeEvent("second-instance", {}), argv, workingDirectory, additionalData);
    });
  }

  private followWindows(): void {
    windows.on("contents-created", (contents) => {
      this.emit("web-contents-created", makeEvent("web-contents-created", {}), contents);
    });
    windows.on("window-created", (window) => {
      this.emit("browser-window-created", makeEvent("browser-window-created", {}), window);
    });
    windows.on("focused", (window) => {
      this.emit("browser-window-focus", makeEvent("browser-window-focus", {}), window);
    });
    windows.on("blurred", (window) => {
      this.emit("browser-window-blur", makeEvent("browser-window-blur", {}), window);
    });
    windows.on("contents-crashed", (contents, details) => {
      this.emit("render-process-gone", makeEvent("render-process-gone", {}), contents, details);
    });
    windows.on("close-refused", () => {
      this.quitting = false;
    });
    windows.on("all-closed", () => {
      if (this.ending) return;
      if (this.quitting) this.finishQuitting();
      else if (!this.emit("window-all-closed")) this.quit();
    });
  }

  private makeCommandLine(): object {
    const switches = this.switches;
    const change = (what: string): void => {
      if (this.ready) say(`${what} comes too late: Chromium is running already`);
    };
    return refuseUnknown("app.commandLine", {
      appendSwitch(name: string, value = ""): void {
        change(`the switch --${name}`);
        // Chromium heeds the last of equal switches; lists of features would lose all but one.
        const former = switches.get(name);
        const isList = name === "enable-features" || name === "disable-features";
        switches.set(name, isList && former ? `${former},${value}` : value);
      },
      hasSwitch: (name: string): boolean => switches.has(name.toLowerCase()),
      getSwitchValue: (name: string): string => switches.get(name.toLowerCase()) ?? "",
      removeSwitch(name: string): void {
        change(`the removal of --${name}`);
        switches.delete(name.toLowerCase());
      },
    });
  }
}

let theApp: App | undefined;

export function getApp(): App {
  theApp ??= new App();
  return theApp;
}
