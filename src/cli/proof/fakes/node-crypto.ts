// `node:crypto` with ids that a seed determines: of the scope that the world has set, one after the other.

import { createCipheriv, createDecipheriv, createHash, hash, hkdfSync } from "node:crypto";
import { maybeCurrentProcess } from "../simulation";

export { createCipheriv, createDecipheriv, createHash, hash, hkdfSync };

const scopes = new Map<string, { name: string; count: number }>();

/** From now on this machine's ids are those of the scope. */
export function setIdScope(machine: string, name: string): void {
  scopes.set(machine, { name, count: 0 });
}

export function randomUUID(): string {
  const machine = maybeCurrentProcess()?.machine ?? "world";
  let scope = scopes.get(machine);
  if (scope === undefined) {
    scope = { name: machine, count: 0 };
    scopes.set(machine, scope);
  }
  scope.count += 1;
  const digest = idFrom(`${machine}/${scope.name}/${scope.count}`);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

export function randomBytes(length: number): Buffer {
  return Buffer.from(
    randomUUID()
      .replaceAll("-", "")
      .repeat(Math.ceil(length / 16)),
    "hex",
  ).subarray(0, length);
}

/** Four rounds of FNV-1a: as good as random for telling ids apart, and much faster than a digest. */
function idFrom(text: string): string {
  let hex = "";
  for (let round = 1; round <= 4; round += 1) {
    let hash = 0x811c9dc5 ^ (round * 0x9e3779b1);
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 13;
    hex += (hash >>> 0).toString(16).padStart(8, "0");
  }
  return hex;
}
