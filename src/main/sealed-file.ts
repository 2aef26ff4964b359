// Encryption at rest, for whatever writes a file: one value that says whether contents are plain or sealed with the
// data folder's key. Whole files and lines of append-only files are sealed with AES-256-GCM; Realm is given the key
// itself. Knows nothing of where the key comes from (data-key.ts), and never tells it.

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { type ReadJson, readJson, writeDurably } from "./durable-file";

export type Opened =
  | { readonly kind: "ok"; readonly bytes: Buffer }
  /** Not sealed, sealed with another key, or changed since. */
  | { readonly kind: "sealed-shut"; readonly message: string };

export type Sealing = {
  /** Which key: the first 8 bytes of its SHA-256 in hex, which tells nothing of it; null: contents are plain. */
  readonly keyId: string | null;
  /** To be spread into the configuration of every realm of ours, copies included. */
  readonly realm: { readonly encryptionKey?: Uint8Array };
  /** The whole content of a file. */
  readonly seal: (content: string | Uint8Array) => string | Uint8Array;
  readonly open: (bytes: Buffer) => Opened;
  /** Lines with their ends, each sealed for itself, to be appended; `isFirst`: the file has nothing yet. */
  readonly sealLines: (lines: string, isFirst: boolean) => string;
  /** A line without its end; null: it is damaged or of another key. */
  readonly openLine: (line: string) => string | null;
};

export const plainSealing: Sealing = {
  keyId: null,
  realm: {},
  seal: (content) => content,
  open: (bytes) => ({ kind: "ok", bytes }),
  sealLines: (lines) => lines,
  openLine: (line) => line,
};

/** What a person is asked when something is to be written out: it is plain, whatever the data folder is. */
export function titleOfExport(title: string, { keyId }: Sealing): string {
  return keyId === null ? title : `${title} (not encrypted)`;
}

/** What Realm asks for. */
export const keyBytes = 64;

const fileMark = "perennial-sealed 1 ";
/** Stands before the first line of an append-only file, in that line. */
export const linesMark = "perennial-sealed-lines 1 ";
const nonceBytes = 12;
const tagBytes = 16;

export function keyIdOf(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

/** `key`: `keyBytes` of them, which nobody may change afterwards. Files get a key of their own, made from it. */
export function createSealing(key: Uint8Array): Sealing {
  if (key.length !== keyBytes) throw new Error(`a data key has ${keyBytes} bytes, not ${key.length}`);
  const keyId = keyIdOf(key);
  const fileKey = Buffer.from(hkdfSync("sha256", key, "", "perennial sealed file", 32));
  const fileHeader = Buffer.from(`${fileMark}${keyId}\n`);
  const linesHeader = `${linesMark}${keyId} `;
  const lineAbout = Buffer.from("line");

  function encrypt(content: string | Uint8Array, about: Buffer): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", fileKey, nonce).setAAD(about);
    const sealed = [
      cipher.update(typeof content === "string" ? Buffer.from(content) : content),
      cipher.final(),
    ];
    return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]);
  }

  function decrypt(sealed: Buffer, about: Buffer): Buffer | null {
    if (sealed.length < nonceBytes + tagBytes) return null;
    const cipher = createDecipheriv("aes-256-gcm", fileKey, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    cipher.setAAD(about).setAuthTag(sealed.subarray(-tagBytes));
    try {
      return Buffer.concat([cipher.update(sealed.subarray(nonceBytes, -tagBytes)), cipher.final()]);
    } catch {
      return null;
    }
  }

  return {
    keyId,
    realm: { encryptionKey: key },
    seal: (content) => Buffer.concat([fileHeader, encrypt(content, fileHeader)]),
    open(bytes) {
      if (!bytes.subarray(0, fileMark.length).equals(Buffer.from(fileMark))) {
        return { kind: "sealed-shut", message: "it is not encrypted, as everything here should be" };
      }
      if (!bytes.subarray(0, fileHeader.length).equals(fileHeader)) {
        return { kind: "sealed-shut", message: "it was encrypted with another key" };
      }
      const opened = decrypt(bytes.subarray(fileHeader.length), fileHeader);
      return opened === null
        ? { kind: "sealed-shut", message: "its encrypted content is damaged" }
        : { kind: "ok", bytes: opened };
    },
    sealLines(lines, isFirst) {
      const sealed = lines
        .split("\n")
        .slice(0, -1)
        .map((line) => `${encrypt(line, lineAbout).toString("base64")}\n`)
        .join("");
      return isFirst && sealed !== "" ? `${linesHeader}${sealed}` : sealed;
    },
    openLine(line) {
      const sealed = line.startsWith(linesHeader) ? line.slice(linesHeader.length) : line;
      return decrypt(Buffer.from(sealed, "base64"), lineAbout)?.toString("utf8") ?? null;
    },
  };
}

/** As `writeDurably`. */
export function writeSealed(file: string, content: string | Uint8Array, sealing: Sealing): void {
  writeDurably(file, sealing.seal(content));
}

/** As `readJson`; what cannot be opened is unreadable. */
export function readSealedJson(file: string, sealing: Sealing): ReadJson {
  return readJson(file, (bytes) => {
    const opened = sealing.open(bytes);
    if (opened.kind === "sealed-shut") throw new Error(opened.message);
    return opened.bytes;
  });
}
