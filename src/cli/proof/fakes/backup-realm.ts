// Stands for src/main/realm/backup-realm.ts: reads a copy of a simulated realm.

import type * as real from "../../../main/realm/backup-realm";
import { bytesOf, fileAt } from "../disk";
import { currentDisk } from "../machines";
import { point } from "../simulation";
import { readStored } from "./realm-file";

const fields = [
  "_id",
  "text",
  "children",
  "isRoot",
  "parentId",
  "orderKey",
  "deletedAt",
  "lastUpdated",
  "revision",
];

export const readBackupRealm: typeof real.readBackupRealm = (path, sealing) => {
  point(`read realm ${path}`);
  try {
    return { kind: "ok", ...readStored(bytesOf(fileAt(currentDisk(), path)), sealing.realm.encryptionKey) };
  } catch (error) {
    return { kind: "unreadable", message: `Invalid realm file: ${(error as Error).message}` };
  }
};

export const summarizeBackup: typeof real.summarizeBackup = (path, sealing) => {
  const content = readBackupRealm(path, sealing);
  if (content.kind === "unreadable") return content;
  return { kind: "ok", notes: content.notes.size, schemaVersion: 0, noteFields: fields };
};

/** Asked only where changes are discarded, which no simulated person chooses. */
export const readBackupFields: typeof real.readBackupFields = () => null;

/** Reads with the SDK, which nothing here may. */
export const openForReading: typeof real.openForReading = (path) => {
  throw new Error(`the simulation cannot read ${path} with Realm`);
};

// Fails to compile when something new is to be simulated.
({ readBackupRealm, summarizeBackup, readBackupFields, openForReading }) satisfies typeof real;
