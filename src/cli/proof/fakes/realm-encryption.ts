// What Realm's encryption comes to, as far as a reader sees it: nothing without the key, and nothing with another one.
// The same content is always the same bytes, so that a copy can be compared with its source.

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

export type RealmKey = Uint8Array | undefined;

const mark = Buffer.from("encrypted realm\n");
const ivBytes = 16;

export function encryptRealm(plain: Buffer, key: RealmKey): Buffer {
  if (key === undefined) return plain;
  const iv = createHash("sha256").update(key).update(plain).digest().subarray(0, ivBytes);
  const cipher = createCipheriv("aes-256-ctr", key.subarray(0, 32), iv);
  return Buffer.concat([mark, iv, cipher.update(plain), cipher.final()]);
}

/** Throws, in Realm's words, where the key is not the file's. */
export function decryptRealm(bytes: Buffer, key: RealmKey): Buffer {
  const isEncrypted = bytes.subarray(0, mark.length).equals(mark);
  if (!isEncrypted && key === undefined) return bytes;
  if (!isEncrypted || key === undefined) throw new Error("Realm file has bad size or is encrypted otherwise");
  const iv = bytes.subarray(mark.length, mark.length + ivBytes);
  const cipher = createDecipheriv("aes-256-ctr", key.subarray(0, 32), iv);
  const plain = Buffer.concat([cipher.update(bytes.subarray(mark.length + ivBytes)), cipher.final()]);
  const isWhole = createHash("sha256").update(key).update(plain).digest().subarray(0, ivBytes).equals(iv);
  if (!isWhole) throw new Error("Realm file decryption failed");
  return plain;
}
