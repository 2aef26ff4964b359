// The data key in the operating system's key store, through Electron's safeStorage: what comes back to be written
// down can be opened by this person on this computer only.

import { randomBytes } from "node:crypto";
import type { SafeStorage } from "electron";
import type { KeyStore } from "../data-key";
import { keyBytes } from "../sealed-file";

type Storage = Pick<SafeStorage, "isEncryptionAvailable" | "encryptString" | "decryptString"> &
  Partial<Pick<SafeStorage, "getSelectedStorageBackend">>;

const notKept =
  "The key store of this computer cannot be used. Sign in to the desktop as usual (on Linux with a keyring: GNOME " +
  "Keyring or KWallet), then start Perennial again.";

export function createKeyStore(storage: Storage): KeyStore {
  /** On Linux without a keyring Electron seals with a word that everybody knows, which keeps nothing. */
  function isUsable(): boolean {
    if (!storage.isEncryptionAvailable()) return false;
    return process.platform !== "linux" || storage.getSelectedStorageBackend?.() !== "basic_text";
  }

  return {
    make() {
      if (!isUsable()) return { kind: "failed", message: notKept };
      const key = randomBytes(keyBytes);
      const sealedKey = storage.encryptString(key.toString("hex")).toString("base64");
      return { kind: "ok", key: new Uint8Array(key), sealedKey };
    },
    open(sealedKey) {
      if (!isUsable()) return { kind: "failed", message: notKept };
      try {
        const key = Buffer.from(storage.decryptString(Buffer.from(sealedKey, "base64")), "hex");
        if (key.length === keyBytes) return { kind: "ok", key: new Uint8Array(key) };
      } catch {
        // Another person's or another computer's: said below.
      }
      return {
        kind: "failed",
        message:
          "Its key cannot be opened here: it belongs to the person and the computer that the folder was made by.",
      };
    },
  };
}
