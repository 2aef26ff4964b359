// What the answers need of the desktop: dialogs, folders, the clipboard, the menu bar. Thin.

import { app, clipboard, dialog, Menu, type MenuItemConstructorOptions, shell } from "electron";
import type { MenuDescription } from "../../shared/ipc-contract";
import type { Desktop } from "../answers";

const flushTimeoutMs = 1_500;

/** `sendCommand` reaches the window's own commands, whose names the menu items carry. */
export function createDesktop(sendCommand: (command: string) => void): Desktop {
  let onFlushed: (() => void) | null = null;
  return {
    async chooseFolder(title) {
      const { canceled, filePaths } = await dialog.showOpenDialog({ title, properties: ["openDirectory"] });
      return canceled ? null : (filePaths[0] ?? null);
    },
    async chooseFileToSave(title, defaultPath) {
      const { canceled, filePath } = await dialog.showSaveDialog({ title, defaultPath });
      return canceled || filePath === "" ? null : filePath;
    },
    async openFolder(path) {
      await shell.openPath(path);
    },
    copyText: (text) => clipboard.writeText(text),
    setMenu(menus) {
      Menu.setApplicationMenu(Menu.buildFromTemplate(template(menus, sendCommand)));
    },
    async flushWindow() {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, flushTimeoutMs);
        onFlushed = () => {
          clearTimeout(timer);
          resolve();
        };
        sendCommand("flush");
      });
      onFlushed = null;
    },
    flushed() {
      onFlushed?.();
    },
  };
}

function template(
  menus: MenuDescription[],
  sendCommand: (command: string) => void,
): MenuItemConstructorOptions[] {
  const own = menus.map(
    ({ title, items }): MenuItemConstructorOptions => ({
      label: title,
      submenu: items.map((item): MenuItemConstructorOptions => {
        if (item === null) return { type: "separator" };
        return {
          label: item.title,
          enabled: item.enabled,
          ...(item.accelerator === null ? {} : { accelerator: item.accelerator, registerAccelerator: false }),
          click: () => sendCommand(item.command),
        };
      }),
    }),
  );
  return process.platform === "darwin"
    ? [{ label: app.name, role: "appMenu" }, { role: "editMenu" }, ...own]
    : own;
}
