/** The open windows and which of them has the focus. The place where app and windows meet without knowing each other. */
import { EventEmitter } from "node:events";
import type { BrowserWindow } from "./browser-window";
import type { WebContents } from "./web-contents";

interface WindowsEvents {
  "window-created": [window: BrowserWindow];
  "contents-created": [contents: WebContents];
  "contents-crashed": [contents: WebContents, details: { reason: string; exitCode: number }];
  /** A window stays open although it was asked to close. */
  "close-refused": [];
  focused: [window: BrowserWindow];
  blurred: [window: BrowserWindow];
  "all-closed": [];
}

class Windows extends EventEmitter<WindowsEvents> {
  private readonly open = new Map<number, BrowserWindow>();
  private focusedWindow: BrowserWindow | undefined;

  get all(): BrowserWindow[] {
    return [...this.open.values()].filter((window) => !window.isDestroyed());
  }

  /** Whether any window is left, those included whose page is still on its way out. */
  get none(): boolean {
    return this.open.size === 0;
  }

  get focused(): BrowserWindow | undefined {
    return this.focusedWindow;
  }

  get contents(): WebContents[] {
    return this.all.map((window) => window.webContents);
  }

  add(window: BrowserWindow): void {
    this.open.set(window.id, window);
    this.emit("contents-created", window.webContents);
    this.emit("window-created", window);
  }

  remove(window: BrowserWindow): void {
    if (!this.open.delete(window.id)) return;
    if (this.focusedWindow === window) this.focusedWindow = undefined;
    if (this.open.size === 0) this.emit("all-closed");
  }

  focus(window: BrowserWindow | undefined): void {
    const former = this.focusedWindow;
    if (former === window) return;
    this.focusedWindow = window;
    if (former !== undefined) {
      former.emit("blur");
      this.emit("blurred", former);
    }
    if (window !== undefined) {
      window.emit("focus");
      this.emit("focused", window);
    }
  }
}

export const windows = new Windows();
