// What a file of a simulated machine says to somebody who has the machine's key. Reads only.

import type { Sealing } from "../../main/sealed-file";
import { decryptRealm } from "./fakes/realm-encryption";

/** The content as text; what cannot be opened stands as it is. */
export function readWith(bytes: Buffer, sealing: Sealing): string {
  if (sealing.keyId === null) return bytes.toString();
  const opened = sealing.open(bytes);
  if (opened.kind === "ok") return opened.bytes.toString();
  try {
    return decryptRealm(bytes, sealing.realm.encryptionKey).toString();
  } catch {
    return bytes
      .toString()
      .split("\n")
      .map((line) => sealing.openLine(line) ?? line)
      .join("\n");
  }
}
