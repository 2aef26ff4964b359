/**
 * `safeStorage` with a key of its own in a file that only the user can read: real encryption (AES-256-GCM), but no
 * keyring behind it, which the name of the backend admits.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const prefix = Buffer.from("standin1");

export interface SafeStorage {
  isEncryptionAvailable(): boolean;
  getSelectedStorageBackend(): "basic_text";
  encryptString(plainText: string): Buffer;
  decryptString(encrypted: Buffer): string;
}

/** `keyFile` is asked for at first use, when the user data folder is settled. */
export function makeSafeStorage(keyFile: () => string, isReady: () => boolean): SafeStorage {
  const key = (): Buffer => {
    if (!isReady()) throw new Error("safeStorage cannot be used before app is ready");
    return readOrMakeKey(keyFile());
  };
  return {
    isEncryptionAvailable: isReady,
    getSelectedStorageBackend: () => "basic_text",
    encryptString(plainText) {
      if (typeof plainText !== "string")
        throw new TypeError("Error while encrypting: the text has to be a string");
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key(), nonce);
      const text = Buffer.concat([cipher.update(plainText, "utf8"), cipher.final()]);
      return Buffer.concat([prefix, nonce, cipher.getAuthTag(), text]);
    },
    decryptString(encrypted) {
      if (!Buffer.isBuffer(encrypted) || !encrypted.subarray(0, prefix.length).equals(prefix)) {
        throw new Error("Error while decrypting the ciphertext: it was not made by safeStorage");
      }
      const nonceEnd = prefix.length + nonceBytes;
      const tagEnd = nonceEnd + tagBytes;
      const decipher = createDecipheriv("aes-256-gcm", key(), encrypted.subarray(prefix.length, nonceEnd));
      decipher.setAuthTag(encrypted.subarray(nonceEnd, tagEnd));
      try {
        return Buffer.concat([decipher.update(encrypted.subarray(tagEnd)), decipher.final()]).toString(
          "utf8",
        );
      } catch (cause) {
        throw new Error("Error while decrypting the ciphertext: it was changed, or made with another key", {
          cause,
        });
      }
    },
  };
}

function readOrMakeKey(file: string): Buffer {
  try {
    return checkKey(readFileSync(file), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  mkdirSync(dirname(file), { recursive: true });
  // Linked into place when complete: two first uses at once must end up with one and the same key.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(keyBytes), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return checkKey(readFileSync(file), file);
}

function checkKey(key: Buffer, file: string): Buffer {
  if (key.length !== keyBytes) throw new Error(`The key file ${file} is damaged`);
  return key;
}
