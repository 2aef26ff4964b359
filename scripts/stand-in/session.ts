/**
 * A minimal `session`. Permission handlers are kept but never asked: Chromium's own answers hold here, and headless
 * it denies. README.md lists this among the limits.
 */
import { ElectronEmitter } from "./not-implemented";

class Session extends ElectronEmitter {
  protected override knownEvents(): ReadonlySet<string> {
    return new Set(["will-download"]);
  }

  setPermissionRequestHandler(handler: unknown): void {
    checkHandler(handler);
  }

  setPermissionCheckHandler(handler: unknown): void {
    checkHandler(handler);
  }

  setDevicePermissionHandler(handler: unknown): void {
    checkHandler(handler);
  }

  setSpellCheckerEnabled(_enabled: boolean): void {
    // Chromium's spelling service is off here, whatever is asked.
  }
}

function checkHandler(handler: unknown): void {
  if (handler !== null && typeof handler !== "function")
    throw new TypeError("The handler has to be a function");
}

export const defaultSession = new Session();
