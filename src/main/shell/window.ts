// The one window: sandboxed, isolated, showing only the app's own page, opening nothing else by itself.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BrowserWindow, type IpcMainInvokeEvent, nativeTheme, shell } from "electron";
import type { Events } from "../../shared/ipc-contract";
import type { EventName } from "../../shared/ipc-names";

export type MainWindow = {
  readonly send: <E extends EventName>(event: E, payload: Events[E]) => void;
  readonly isSender: (event: IpcMainInvokeEvent) => boolean;
  readonly focus: () => void;
  readonly isOpen: () => boolean;
  readonly onClose: (listener: (event: { preventDefault: () => void }) => void) => void;
  readonly close: () => void;
};

/** `outDir` is the folder of the built app: `preload/` and `renderer/` are below it. */
export function openMainWindow(outDir: string): MainWindow {
  const page = join(outDir, "renderer", "index.html");
  const pageUrl = pathToFileURL(page).href;
  const window = new BrowserWindow({
    width: 1180,
    height: 780,
    minWidth: 560,
    minHeight: 420,
    title: "Perennial",
    backgroundColor: nativeTheme.shouldUseDarkColors ? "#1c1d1b" : "#fbfaf7",
    webPreferences: {
      preload: join(outDir, "preload", "index.cjs"),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    },
  });
  window.webContents.setWindowOpenHandler(({ url }) => {
    if (/^https?:\/\//.test(url)) void shell.openExternal(url);
    return { action: "deny" };
  });
  window.webContents.on("will-navigate", (event, url) => {
    if (url.split("#")[0] !== pageUrl) event.preventDefault();
  });
  void window.loadFile(page);

  return {
    send(event, payload) {
      if (!window.isDestroyed()) window.webContents.send(event, payload);
    },
    isSender: (event) =>
      !window.isDestroyed() &&
      event.sender === window.webContents &&
      event.senderFrame !== null &&
      event.senderFrame.url.split("#")[0] === pageUrl,
    focus() {
      if (window.isDestroyed()) return;
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    isOpen: () => !window.isDestroyed(),
    onClose: (listener) => {
      window.on("close", listener);
    },
    close() {
      if (!window.isDestroyed()) window.destroy();
    },
  };
}
