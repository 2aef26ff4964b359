// Stands for src/main/realm/leftovers.ts: what a simulated file of a former schema holds that has no place today.

import type * as real from "../../../main/realm/leftovers";
import { bytesOf, fileAt } from "../disk";
import { currentDisk } from "../machines";
import { readStored } from "./realm-file";

export const readLeftovers: typeof real.readLeftovers = (path, sealing) => {
  try {
    const { kept } = readStored(bytesOf(fileAt(currentDisk(), path)), sealing.realm.encryptionKey);
    return Object.keys(kept).length === 0 ? null : { fields: kept, objects: {} };
  } catch {
    return null;
  }
};

/** A simulated server sends nothing that this version does not know. */
export const notIn: typeof real.notIn = (_elsewhere, found) => found;

({ readLeftovers, notIn }) satisfies typeof real;
