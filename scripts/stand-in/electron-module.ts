/** The module that `require("electron")` gives to the main process, and the hook that gives it. */
import Module from "node:module";
import { join } from "node:path";
import { getApp } from "./app";
import { BrowserWindow } from "./browser-window";
import { clipboard } from "./clipboard";
import { dialog } from "./dialog";
import { ipcMain } from "./ipc-main";
import { Menu, MenuItem } from "./menu";
import { nativeTheme } from "./native-theme";
import { refuseUnknown } from "./not-implemented";
import { Notification } from "./notification";
import { powerMonitor } from "./power-monitor";
import { makeSafeStorage } from "./safe-storage";
import { screen } from "./screen";
import { defaultSession } from "./session";
import { shell } from "./shell";
import { webContents } from "./web-contents";

function makeElectronModule(): object {
  const app = getApp();
  const keyFile = (): string => join(app.getPath("userData"), "stand-in", "safe-storage.key");
  return refuseUnknown("electron", {
    app,
    BrowserWindow,
    clipboard,
    dialog,
    ipcMain,
    Menu,
    MenuItem,
    nativeTheme,
    Notification,
    powerMonitor,
    safeStorage: refuseUnknown(
      "safeStorage",
      makeSafeStorage(keyFile, () => app.isReady()),
    ),
    screen,
    session: refuseUnknown("session", { defaultSession }),
    shell,
    webContents,
  });
}

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

export function provideElectronModule(): void {
  const electron = makeElectronModule();
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function loadElectronToo(request, ...rest) {
    if (request === "electron" || request === "electron/main" || request === "electron/common")
      return electron;
    return load.call(this, request, ...rest);
  };
}
