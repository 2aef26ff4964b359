/**
 * The isolated world of a window: ipcRenderer and contextBridge for the preload script, and the questions that
 * Electron puts to the main process before the page may navigate or open a window.
 *
 * Turned into source text and run inside the page: self-contained, no import that is more than a type.
 */
import type { Wire } from "../wire";
import type { BridgeHalf } from "./bridge";

/** What the page says to the main process. */
export type FromPage =
  | { kind: "invoke"; id: number; channel: string; args: unknown[] }
  | { kind: "send"; channel: string; args: unknown[] }
  | { kind: "title"; title: string }
  | { kind: "will-navigate"; to: string; reload: boolean; form: boolean }
  | { kind: "window-open"; to: string; frameName: string; features: string; disposition: string }
  | { kind: "preload-error"; message: string; stack: string };

/** What the main process says to the page. */
export type ToPage =
  | { kind: "message"; channel: string; args: unknown[] }
  | { kind: "answer"; id: number; value: unknown }
  | { kind: "refusal"; id: number; message: string };

export interface PreloadWorldSettings {
  /** The CDP binding through which this world speaks. */
  readonly binding: string;
  /** The global through which this world is spoken to. */
  readonly receiver: string;
  readonly process: Readonly<Record<string, unknown>>;
}

export type Preload = (
  require: (id: string) => unknown,
  process: unknown,
  module: { exports: unknown },
  exports: unknown,
  global: unknown,
  setImmediate: (task: (...args: unknown[]) => void, ...args: unknown[]) => unknown,
  clearImmediate: (handle: number) => void,
) => void;

export function installPreloadWorld(
  wire: Wire,
  bridge: BridgeHalf,
  settings: PreloadWorldSettings,
  preload: Preload | undefined,
): void {
  type Listener = (...args: unknown[]) => void;
  const scope = globalThis as unknown as Record<string, (text: string) => void>;
  const speak = scope[settings.binding] as (text: string) => void;
  const post = (message: FromPage): void => speak(wire.encode(message));

  const refuseUnknown = <T extends object>(name: string, api: T): T =>
    new Proxy(api, {
      get(target, key) {
        if (typeof key === "symbol" || key in target || key === "then" || key === "toJSON") {
          return Reflect.get(target, key);
        }
        throw new Error(`The Electron stand-in does not implement ${name}.${key} in a preload.`);
      },
    });

  const listeners = new Map<string, { listener: Listener; once: boolean }[]>();
  const listen = (channel: string, listener: Listener, once: boolean): unknown => {
    if (typeof listener !== "function") throw new TypeError("The listener has to be a function");
    listeners.set(channel, [...(listeners.get(channel) ?? []), { listener, once }]);
    return ipcRenderer;
  };
  const unlisten = (channel: string, listener: Listener): unknown => {
    const present = listeners.get(channel) ?? [];
    const at = present.findLastIndex((entry) => entry.listener === listener);
    listeners.set(channel, present.toSpliced(at < 0 ? present.length : at, 1));
    return ipcRenderer;
  };
  const deliver = (channel: string, ...args: unknown[]): boolean => {
    const present = listeners.get(channel) ?? [];
    for (const { listener, once } of present) {
      if (once) unlisten(channel, listener);
      listener(...args);
    }
    return present.length > 0;
  };

  const invocations = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastInvocation = 0;
  const checkChannel = (channel: unknown): string => {
    if (typeof channel !== "string" || channel === "") throw new TypeError("Missing channel");
    return channel;
  };
  const ipcRenderer: object = refuseUnknown("ipcRenderer", {
    async invoke(channel: string, ...args: unknown[]) {
      const id = ++lastInvocation;
      post({ kind: "invoke", id, channel: checkChannel(channel), args });
      return new Promise((resolve, reject) => invocations.set(id, { resolve, reject })).catch((error) => {
        throw new Error(`Error invoking remote method '${channel}': ${error.message}`);
      });
    },
    send: (channel: string, ...args: unknown[]) =>
      post({ kind: "send", channel: checkChannel(channel), args }),
    on: (channel: string, listener: Listener) => listen(channel, listener, false),
    addListener: (channel: string, listener: Listener) => listen(channel, listener, false),
    once: (channel: string, listener: Listener) => listen(channel, listener, true),
    off: unlisten,
    removeListener: unlisten,
    removeAllListeners(channel?: string) {
      if (channel === undefined) listeners.clear();
      else listeners.delete(channel);
      return ipcRenderer;
    },
    listeners: (channel: string) => (listeners.get(channel) ?? []).map((entry) => entry.listener),
    listenerCount: (channel: string) => (listeners.get(channel) ?? []).length,
    eventNames: () => [...listeners].filter(([, entries]) => entries.length > 0).map(([channel]) => channel),
    emit: deliver,
  });

  Object.defineProperty(globalThis, settings.receiver, {
    value: (text: string) => {
      const message = wire.decode(text) as ToPage;
      switch (message.kind) {
        case "message":
          deliver(message.channel, { sender: ipcRenderer, ports: [] }, ...message.args);
          return;
        case "answer":
          invocations.get(message.id)?.resolve(message.value);
          invocations.delete(message.id);
          return;
        case "refusal":
          invocations.get(message.id)?.reject(new Error(message.message));
          invocations.delete(message.id);
          return;
      }
    },
  });

  const contextBridge = refuseUnknown("contextBridge", {
    exposeInMainWorld: (key: string, api: unknown) => bridge.expose(key, api),
  });

  const askBeforeNavigation = (): void => {
    navigation.addEventListener("navigate", (event) => {
      const stays = event.destination.sameDocument || event.hashChange || event.downloadRequest !== null;
      if (stays || !event.cancelable || event.navigationType === "traverse") return;
      event.preventDefault();
      post({
        kind: "will-navigate",
        to: event.destination.url,
        reload: event.navigationType === "reload",
        form: event.formData !== null,
      });
    });
  };

  const askBeforeNewWindow = (): void => {
    bridge.onNotice("window-open", (detail) => {
      const { url, ...rest } = detail as {
        url: string;
        frameName: string;
        features: string;
        disposition: string;
      };
      post({ kind: "window-open", to: url, ...rest });
    });
    const ask = (event: MouseEvent): void => {
      const link = event
        .composedPath()
        .find((node) => node instanceof HTMLAnchorElement || node instanceof HTMLAreaElement);
      if (link === undefined || link.href === "" || link.hasAttribute("download")) return;
      const target = link.target || document.querySelector("base")?.target || "_self";
      const byTarget = !["_self", "_parent", "_top"].includes(target.toLowerCase());
      const background = event.button === 1 || event.ctrlKey || event.metaKey;
      if (!byTarget && !background && !event.shiftKey) return;
      // Registered while the event is on its way down, so that it comes after every listener of the page.
      window.addEventListener(
        event.type,
        (late) => {
          if (late !== event || late.defaultPrevented) return;
          late.preventDefault();
          post({
            kind: "window-open",
            to: link.href,
            frameName: byTarget && target !== "_blank" ? target : "",
            features: "",
            disposition: background ? "background-tab" : event.shiftKey ? "new-window" : "foreground-tab",
          });
        },
        { once: true },
      );
    };
    window.addEventListener("click", ask, { capture: true });
    window.addEventListener("auxclick", ask, { capture: true });
  };

  const tellTitle = (): void => {
    let told = "";
    const tell = (): void => {
      if (document.title === told) return;
      told = document.title;
      post({ kind: "title", title: told });
    };
    document.addEventListener("DOMContentLoaded", () => {
      tell();
      new MutationObserver(tell).observe(document.head, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
  };

  tellTitle();
  askBeforeNavigation();
  askBeforeNewWindow();

  if (preload === undefined) return;
  const electron = refuseUnknown("electron", { ipcRenderer, contextBridge });
  const require = (id: string): unknown => {
    if (id === "electron" || id === "electron/renderer") return electron;
    if (["events", "timers", "url"].includes(id.replace(/^node:/, ""))) {
      throw new Error(`The Electron stand-in does not implement require("${id}") in a preload.`);
    }
    throw new Error(`module not found: ${id}`);
  };
  const module = { exports: {} };
  try {
    preload(
      require,
      refuseUnknown("process", { ...settings.process }),
      module,
      module.exports,
      globalThis,
      (task, ...args) => setTimeout(task, 0, ...args),
      (handle) => clearTimeout(handle),
    );
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    console.error(`Unable to load the preload script: ${error.stack}`);
    post({ kind: "preload-error", message: error.message, stack: String(error.stack) });
  }
}
