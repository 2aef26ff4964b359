/**
 * One window's page as seen through the protocol: opened, furnished with the preload's world, navigated, spoken
 * with. Turns protocol events into a few events of its own and knows nothing of Electron's classes.
 */
import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { CdpSession, Gone, Json } from "./cdp";
import type { Chromium, OpeningBounds } from "./chromium";
import type { FromPage, ToPage } from "./in-page/preload-world";
import { encodeInPage, mainWorldSource, preloadWorldSource } from "./page-source";
import { makeWire } from "./wire";

const wire = makeWire();

export interface PageSettings {
  readonly bounds: OpeningBounds;
  /** The text of the preload script, free of syntax errors; `undefined` for none. */
  readonly preload: string | undefined;
  /** What `process` is in the preload. */
  readonly process: Readonly<Record<string, unknown>>;
}

export interface ConsoleLine {
  readonly level: "info" | "warning" | "error" | "debug";
  readonly message: string;
  readonly lineNumber: number;
  readonly sourceId: string;
}

export interface PageEvents {
  "from-page": [message: FromPage];
  "started-loading": [];
  navigated: [url: string];
  "navigated-in-page": [url: string];
  "dom-ready": [];
  loaded: [];
  painted: [];
  "stopped-loading": [];
  console: [line: ConsoleLine];
  dialog: [type: string, message: string];
  crashed: [];
  gone: [];
}

export class PageTarget extends EventEmitter<PageEvents> {
  readonly targetId: string;
  private readonly chromium: Chromium;
  private readonly session: CdpSession;
  private readonly worldName = `stand-in-${randomUUID()}`;
  private readonly receiver = `stand-in-${randomUUID()}`;
  private worldContext: { id: number; uniqueId: string } | undefined;
  private mainContextUniqueId: string | undefined;
  private loaderId = "";
  private readonly seenOfLoader = new Set<string>();
  private currentUrl = "";

  static async open(chromium: Chromium, settings: PageSettings): Promise<PageTarget> {
    const targetId = await chromium.openTarget(settings.bounds);
    const session = await chromium.connection.attach(targetId);
    const page = new PageTarget(chromium, targetId, session);
    await page.furnish(settings);
    return page;
  }

  private constructor(chromium: Chromium, targetId: string, session: CdpSession) {
    super();
    this.chromium = chromium;
    this.targetId = targetId;
    this.session = session;
    this.listen();
  }

  get url(): string {
    return this.currentUrl;
  }

  /** Resolves when the navigation is committed; the rejection's message is Chromium's error name (`ERR_...`). */
  async navigate(url: string): Promise<{ newDocument: boolean }> {
    const { errorText, loaderId } = await this.session.send("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(String(errorText).replace(/^net::/, ""));
    return { newDocument: loaderId !== undefined };
  }

  send(method: string, params: Json = {}): Promise<Json> {
    return this.session.send(method, params);
  }

  /** A message as text, separate from the sending so that what cannot be cloned is refused to whoever gave it. */
  static encode(message: ToPage): string {
    return wire.encode(message);
  }

  /** An answer whose value cannot be cloned becomes a refusal that says so. */
  static encodeAnswer(answer: Exclude<ToPage, { kind: "message" }>): string {
    try {
      return wire.encode(answer);
    } catch (error) {
      return wire.encode({ kind: "refusal", id: answer.id, message: String(error) });
    }
  }

  /** Tells the preload's world an encoded message; `false` when there is no document to be told. */
  tell(message: string): boolean {
    const context = this.worldContext;
    if (context === undefined) return false;
    this.session
      .send("Runtime.evaluate", {
        expression: `globalThis[${JSON.stringify(this.receiver)}](${JSON.stringify(message)})`,
        uniqueContextId: context.uniqueId,
      })
      .then(({ exceptionDetails }) => {
        if (exceptionDetails !== undefined) this.reportUncaught(exceptionDetails);
      })
      .catch(() => {
        // The document went away first, and with it whoever could have listened.
      });
    return true;
  }

  /** Runs code in the page's own world; the value crosses by structured clone. */
  async execute(code: string, userGesture: boolean): Promise<unknown> {
    const { result, exceptionDetails } = await this.session.send("Runtime.evaluate", {
      expression: code,
      uniqueContextId: this.mainContextUniqueId,
      awaitPromise: true,
      userGesture,
    });
    if (exceptionDetails !== undefined) throw errorFrom(exceptionDetails);
    const argument =
      result.objectId === undefined ? primitiveArgument(result) : { objectId: result.objectId };
    const encoded = await this.session.send("Runtime.callFunctionOn", {
      functionDeclaration: encodeInPage,
      arguments: [argument],
      uniqueContextId: this.mainContextUniqueId,
      returnByValue: true,
    });
    if (encoded.exceptionDetails !== undefined) throw errorFrom(encoded.exceptionDetails);
    return wire.decode(encoded.result.value);
  }

  /** `false` when the page asks to stay. Its listeners see a real beforeunload event, but no dialog follows. */
  async mayUnload(): Promise<boolean> {
    const { result } = await this.session.send("Runtime.evaluate", {
      expression: `(() => {
        const event = document.createEvent("BeforeUnloadEvent");
        event.initEvent("beforeunload", false, true);
        window.dispatchEvent(event);
        return !event.defaultPrevented && event.returnValue === "";
      })()`,
      uniqueContextId: this.mainContextUniqueId,
    });
    return result.value !== false;
  }

  /** Closes the window without asking the page. Resolves when the target is gone. */
  async close(): Promise<void> {
    const gone = this.session.detached
      ? Promise.resolve()
      : new Promise<void>((resolve) => this.session.once("detached", resolve));
    await this.chromium.connection.browser.send("Target.closeTarget", { targetId: this.targetId });
    await gone;
  }

  async setWindowBounds(bounds: Json): Promise<void> {
    await this.commandWindow("Browser.setWindowBounds", { bounds });
  }

  /** The size of the page itself, whatever frame Chromium draws around it. */
  async setContentSize(width: number, height: number): Promise<void> {
    await this.commandWindow("Browser.setContentsSize", { width, height });
  }

  private async commandWindow(method: string, params: Json): Promise<void> {
    const browser = this.chromium.connection.browser;
    const { windowId } = await browser.send("Browser.getWindowForTarget", { targetId: this.targetId });
    await browser.send(method, { windowId, ...params });
  }

  private async furnish({ preload, process }: PageSettings): Promise<void> {
    const binding = `standIn${randomUUID().replaceAll("-", "")}`;
    const secret = randomUUID();
    const settings = { binding, receiver: this.receiver, process };
    this.session.on("Runtime.bindingCalled", ({ name, payload, executionContextId }) => {
      // Only the current document speaks; what a former one still had to say is moot.
      if (name !== binding || executionContextId !== this.worldContext?.id) return;
      this.emit("from-page", wire.decode(payload) as FromPage);
    });
    await Promise.all([
      this.session.send("Page.enable"),
      this.session.send("Runtime.enable"),
      this.session.send("Page.setLifecycleEventsEnabled", { enabled: true }),
      this.session.send("Runtime.addBinding", { name: binding, executionContextName: this.worldName }),
      this.session.send("Page.addScriptToEvaluateOnNewDocument", { source: mainWorldSource(secret) }),
      this.session.send("Page.addScriptToEvaluateOnNewDocument", {
        source: preloadWorldSource(secret, settings, preload),
        worldName: this.worldName,
      }),
    ]);
  }

  private listen(): void {
    const session = this.session;
    const isMain = (frameId: string): boolean => frameId === this.targetId;
    session.on("Runtime.executionContextCreated", ({ context }) => {
      if (!isMain(context.auxData?.frameId)) return;
      if (context.name === this.worldName) this.worldContext = { id: context.id, uniqueId: context.uniqueId };
      else if (context.auxData.isDefault) this.mainContextUniqueId = context.uniqueId;
    });
    session.on("Runtime.executionContextsCleared", () => {
      this.worldContext = undefined;
      this.mainContextUniqueId = undefined;
    });
    session.on("Page.frameStartedLoading", ({ frameId }) => {
      if (isMain(frameId)) this.emit("started-loading");
    });
    session.on("Page.frameNavigated", ({ frame }) => {
      if (!isMain(frame.id)) return;
      this.loaderId = frame.loaderId;
      this.seenOfLoader.clear();
      this.currentUrl = frame.url + (frame.urlFragment ?? "");
      this.emit("navigated", this.currentUrl);
    });
    session.on("Page.navigatedWithinDocument", ({ frameId, url }) => {
      if (!isMain(frameId)) return;
      this.currentUrl = url;
      this.emit("navigated-in-page", url);
    });
    session.on("Page.lifecycleEvent", ({ frameId, loaderId, name }) => {
      // Events of the empty first document are replayed; only those of the committed one count, once each.
      if (!isMain(frameId) || loaderId !== this.loaderId || this.seenOfLoader.has(name)) return;
      this.seenOfLoader.add(name);
      if (name === "DOMContentLoaded") this.emit("dom-ready");
      if (name === "load") this.emit("loaded");
      if (name === "firstContentfulPaint") this.emit("painted");
    });
    session.on("Page.frameStoppedLoading", ({ frameId }) => {
      if (isMain(frameId)) this.emit("stopped-loading");
    });
    session.on("Runtime.consoleAPICalled", (event) => this.emit("console", consoleLine(event)));
    session.on("Runtime.exceptionThrown", ({ exceptionDetails }) => this.reportUncaught(exceptionDetails));
    session.on("Page.javascriptDialogOpening", ({ type, message }) => this.emit("dialog", type, message));
    session.on("Inspector.targetCrashed", () => this.emit("crashed"));
    session.once("detached", (gone: Gone) => {
      // The end of the whole browser is nobody's closing of a window.
      if (gone === "target") this.emit("gone");
    });
  }

  private reportUncaught(details: Json): void {
    const top = details.stackTrace?.callFrames?.[0];
    this.emit("console", {
      level: "error",
      message: `${details.text} ${details.exception?.description ?? details.exception?.value ?? ""}`.trim(),
      lineNumber: (top?.lineNumber ?? details.lineNumber) + 1,
      sourceId: top?.url ?? details.url ?? "",
    });
  }
}

function consoleLine({ type, args, stackTrace }: Json): ConsoleLine {
  const levels: Record<string, ConsoleLine["level"]> = {
    error: "error",
    assert: "error",
    warning: "warning",
    debug: "debug",
  };
  const top = stackTrace?.callFrames?.[0];
  return {
    level: levels[type] ?? "info",
    message: args
      .map((arg: Json) => String(arg.value ?? arg.unserializableValue ?? arg.description ?? arg.type))
      .join(" "),
    lineNumber: top === undefined ? 0 : top.lineNumber + 1,
    sourceId: top?.url ?? "",
  };
}

/** A primitive result as an argument: undefined and the numbers that JSON lacks have forms of their own. */
function primitiveArgument(result: Json): Json {
  if (result.unserializableValue !== undefined) return { unserializableValue: result.unserializableValue };
  return result.type === "undefined" ? {} : { value: result.value };
}

function errorFrom(details: Json): Error {
  const description = String(details.exception?.description ?? details.exception?.value ?? details.text);
  const message = /^(?:\w*Error): ([\s\S]*?)(?:\n {4}at |$)/.exec(description)?.[1] ?? description;
  return new Error(message);
}
