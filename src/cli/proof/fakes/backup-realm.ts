// Stands for src/main/realm/backup-realm.ts: reads a copy of a simulated realm.

import type * as real from "../../../main/realm/backup-realm";
import type { Sealing } from "../../../main/sealed-file";
import { bytesOf, fileAt } from "../disk";
import { currentDisk } from "../machines";
import { point } from "../simulation";
import { readStored } from "./realm-file";
import type { Decoded } from "./stored-notes";

function readCopy(path: string, sealing: Sealing): Decoded | real.Unreadable {
  point(`read realm ${path}`);
  try {
    return readStored(bytesOf(fileAt(currentDisk(), path)), sealing.realm.encryptionKey);
  } catch (error) {
    return { kind: "unreadable", message: `Invalid realm file: ${(error as Error).message}` };
  }
}

export const readBackupRealm: typeof real.readBackupRealm = (path, sealing) => {
  const read = readCopy(path, sealing);
  return "kind" in read ? read : { kind: "ok", notes: read.notes, revisions: read.revisions };
};

export const summarizeBackup: typeof real.summarizeBackup = (path, sealing) => {
  const read = readCopy(path, sealing);
  if ("kind" in read) return read;
  return { kind: "ok", notes: read.notes.size, schemaVersion: 0, noteFields: read.noteFields };
};

/** Asked only where changes are discarded, which no simulated person chooses. */
export const readBackupFields: typeof real.readBackupFields = () => null;

/** Reads with the SDK, which nothing here may. */
export const openForReading: typeof real.openForReading = (path) => {
  throw new Error(`the simulation cannot read ${path} with Realm`);
};

// Fails to compile when something new is to be simulated.
({ readBackupRealm, summarizeBackup, readBackupFields, openForReading }) satisfies typeof real;
