// A data key in a file that somebody names: for programs without a window, which have no key store of the system's.
// The file is the caller's: it is only read.

import { readFileSync } from "node:fs";
import type { KeyResult, KeyStore } from "./data-key";
import { keyBytes } from "./sealed-file";

/** `file`: 128 hex digits; null: none was given. `option`: how it is given, for what is said. */
export function createFileKeyStore(file: string | null, option: string): KeyStore {
  function read(): KeyResult {
    if (file === null) return failed(`Give the file with its key: ${option} FILE.`);
    let text: string;
    try {
      text = readFileSync(file, "utf8").trim();
    } catch (error) {
      return failed(`The file with its key cannot be read: ${(error as Error).message}.`);
    }
    if (!/^[\da-f]+$/i.test(text) || text.length !== 2 * keyBytes) {
      return failed(`${file} holds no key: a key is ${2 * keyBytes} hex digits.`);
    }
    return { kind: "ok", key: new Uint8Array(Buffer.from(text, "hex")) };
  }

  return {
    make() {
      const found = read();
      return found.kind === "ok" ? { ...found, sealedKey: "" } : found;
    },
    open: read,
  };
}

function failed(message: string): KeyResult & { readonly kind: "failed" } {
  return { kind: "failed", message };
}
