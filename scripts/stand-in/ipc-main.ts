/** `ipcMain`: handlers for `invoke`, listeners for `send`. How a call arrives here is the affair of web-contents.ts. */
import { ElectronEmitter } from "./not-implemented";

export type InvokeHandler = (event: unknown, ...args: unknown[]) => unknown;

export type InvokeOutcome = { kind: "answer"; value: unknown } | { kind: "refusal"; message: string };

class IpcMain extends ElectronEmitter {
  private readonly handlers = new Map<string, InvokeHandler>();

  handle(channel: string, handler: InvokeHandler): void {
    if (this.handlers.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    }
    if (typeof handler !== "function") {
      throw new TypeError(`Expected handler to be a function, but found type '${typeof handler}'`);
    }
    this.handlers.set(channel, handler);
  }

  handleOnce(channel: string, handler: InvokeHandler): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return handler(event, ...args);
    });
  }

  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }

  /** For the stand-in itself: runs the handler of a channel and turns what it throws into words for the page. */
  async runHandler(channel: string, event: unknown, args: readonly unknown[]): Promise<InvokeOutcome> {
    const handler = this.handlers.get(channel);
    if (handler === undefined) {
      return { kind: "refusal", message: `Error: No handler registered for '${channel}'` };
    }
    try {
      return { kind: "answer", value: await handler(event, ...args) };
    } catch (error) {
      console.error(`Error occurred in handler for '${channel}':`, error);
      return { kind: "refusal", message: String(error) };
    }
  }
}

export const ipcMain = new IpcMain();
