/**
 * The system's Chromium as a child process: found, started without a window on the app's own profile, given new
 * windows, and ended. It hangs on our pipe, so it goes when this process goes, however that happens.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { CdpConnection, ignoreGone } from "./cdp";
import { type ChromiumOptions, chromiumFlags, findChromium } from "./chromium-flags";
import { profileFolder, waitForFormerChromium } from "./chromium-profile";
import { say } from "./runtime";

const closeLimitMs = 10_000;
const openLimitMs = 30_000;
const stderrLinesKept = 30;

interface TargetInfo {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
  readonly openerId?: string;
}

export interface OpeningBounds {
  readonly width: number;
  readonly height: number;
}

export class Chromium {
  readonly connection: CdpConnection;
  readonly headless: boolean;
  /** Resolves when the process is gone and its profile is no longer being written. */
  readonly closed: Promise<void>;
  private readonly child: ChildProcess;
  private readonly options: ChromiumOptions;
  private readonly silence: Server;
  private readonly lastLines: string[] = [];
  private productVersion = "";

  static async launch(options: ChromiumOptions): Promise<Chromium> {
    mkdirSync(profileFolder(options.userData), { recursive: true });
    await waitForFormerChromium(options.userData);
    rmSync(join(options.userData, "DevToolsActivePort"), { force: true });
    const silence = await listenSilently();
    const chromium = new Chromium(options, silence);
    await chromium.greet();
    return chromium;
  }

  private constructor(options: ChromiumOptions, silence: Server) {
    this.options = options;
    this.headless = options.headless;
    this.silence = silence;
    // Not inherited: whoever waits for the end of our output must not have to wait for Chromium's children.
    this.child = spawn(findChromium(), chromiumFlags(options, process.getuid?.() === 0), {
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    });
    this.closed = new Promise((resolve) => {
      this.child.once("close", () => resolve());
      this.child.once("error", (error) => {
        this.lastLines.push(error.message);
        resolve();
      });
    });
    const [, , , input, output] = this.child.stdio;
    this.connection = new CdpConnection(input as Writable, output as Readable);
    this.readDiagnostics();
  }

  get version(): string {
    return this.productVersion;
  }

  /** The last lines that Chromium wrote to stderr, for the message about its unexpected end. */
  get diagnostics(): string {
    return this.lastLines.join("\n");
  }

  /**
   * Opens a window on an address that never answers and returns its target: scripts for new documents can then be
   * registered before the first document, which a paused or blank start does not allow reliably.
   */
  async openTarget(bounds: OpeningBounds): Promise<string> {
    const address = this.silence.address();
    if (address === null || typeof address === "string") throw new Error("The waiting address is closed");
    const token = randomUUID();
    const url = `http://127.0.0.1:${address.port}/${token}`;
    if (this.headless) {
      const { targetId } = await this.connection.browser.send("Target.createTarget", {
        url,
        ...bounds,
        newWindow: true,
      });
      return targetId;
    }
    return this.openAppWindow(url, token, bounds);
  }

  /** Asks Chromium to end and waits until it has; kills it when it does not. */
  async close(): Promise<void> {
    this.silence.close();
    this.connection.browser.send("Browser.close").catch(() => {
      // It may be gone already; `closed` tells.
    });
    const timer = setTimeout(() => this.child.kill("SIGKILL"), closeLimitMs);
    await this.closed;
    clearTimeout(timer);
  }

  private async greet(): Promise<void> {
    const answer = await Promise.race([
      this.connection.browser.send("Browser.getVersion"),
      this.closed.then(() => {
        throw new Error(`Chromium ended before it answered:\n${this.diagnostics}`);
      }),
    ]);
    this.productVersion = String(answer.product).split("/")[1] ?? "";
    this.connection.browser.on("Target.targetCreated", ({ targetInfo }) => this.closeStray(targetInfo));
    await this.connection.browser.send("Target.setDiscoverTargets", { discover: true });
  }

  /** Pages ask before they open a window (in-page/); one that came past the question is no window of the app. */
  private closeStray({ type, openerId, targetId, url }: TargetInfo): void {
    if (type !== "page" || openerId === undefined) return;
    say(`a page opened a window without asking, and it was closed: ${url}`);
    this.connection.browser.send("Target.closeTarget", { targetId }).catch(ignoreGone);
  }

  /** A headed window without tabs and address bar comes only from a second call of the binary. */
  private openAppWindow(url: string, token: string, bounds: OpeningBounds): Promise<string> {
    return new Promise((resolve, reject) => {
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        this.connection.browser.off("Target.targetCreated", look);
        this.connection.browser.off("Target.targetInfoChanged", look);
        end();
      };
      const look = ({
        targetInfo,
      }: {
        targetInfo: { url: string; targetId: string; type: string };
      }): void => {
        if (targetInfo.type !== "page" || !targetInfo.url.includes(token)) return;
        finish(() => resolve(targetInfo.targetId));
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`Chromium opened no window:\n${this.diagnostics}`))),
        openLimitMs,
      );
      this.connection.browser.on("Target.targetCreated", look);
      this.connection.browser.on("Target.targetInfoChanged", look);
      const flags = [
        ...chromiumFlags(this.options, process.getuid?.() === 0).filter(
          (flag) => !flag.startsWith("--remote-debugging-") && flag !== "--no-startup-window",
        ),
        `--app=${url}`,
        `--window-size=${bounds.width},${bounds.height}`,
      ];
      const messenger = spawn(findChromium(), flags, { stdio: "ignore" });
      messenger.once("error", (error) => finish(() => reject(error)));
      messenger.unref();
    });
  }

  private readDiagnostics(): void {
    let rest = "";
    this.child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.readLine(line);
    });
  }

  private readLine(line: string): void {
    const listening = /^DevTools listening on ws:\/\/[^/]*:(\d+)(\/.*)$/.exec(line);
    if (listening !== null) {
      writeFileSync(join(this.options.userData, "DevToolsActivePort"), `${listening[1]}\n${listening[2]}`);
      process.stderr.write(`${line}\n`);
      return;
    }
    if (this.options.switches.has("enable-logging")) process.stderr.write(`${line}\n`);
    this.lastLines.push(line);
    if (this.lastLines.length > stderrLinesKept) this.lastLines.shift();
  }
}

/** A loopback server that takes connections and never says a word. */
function listenSilently(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.unref();
      socket.on("error", () => socket.destroy());
    });
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.unref();
      resolve(server);
    });
  });
}
