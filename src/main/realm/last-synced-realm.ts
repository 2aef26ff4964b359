// The LastSynced tracker's own realm: up to where the server was seen to have this device's changes. Kept apart
// from the notes so that a reset of theirs leaves it alone. A realm that cannot be read is 'nothing is known'.

import { rmSync } from "node:fs";
import type { Sealing } from "../sealed-file";
import { Realm } from "./realm";
import { describeError, isDiskFull } from "./realm-errors";
import { lastSyncedSchema } from "./schema";

export type LastSynced = {
  readonly ackedThrough: number;
  readonly atMs: number;
};

export type LastSyncedRealm = {
  readonly read: (key: string) => LastSynced | null;
  readonly record: (key: string, value: LastSynced) => void;
  readonly close: () => void;
};

type LastSyncedObject = Realm.Object & { key: string; ackedThrough: number; at: Date };

/** Of one file generation: what recovery reads of the file left behind must outlive what the new file proves. */
export function lastSyncedKey(appId: string, userId: string, generation: string): string {
  return `${appId}/${userId}/${generation}/Note`;
}

/**
 * A file that cannot be opened is replaced, but for a full disk, which leaves it as it is: everything then counts as not
 * synced, which loses nothing. What is proved while the disk is full is known to this process alone.
 */
export function openLastSyncedRealm(
  path: string,
  sealing: Sealing,
  onUnreadable: (message: string) => void,
): LastSyncedRealm {
  const config: Realm.Configuration = {
    path,
    schema: [lastSyncedSchema],
    schemaVersion: 2,
    ...sealing.realm,
  };
  let realm: Realm;
  try {
    realm = new Realm(config);
  } catch (error) {
    onUnreadable(describeError(error));
    if (isDiskFull(error)) return knownToThisProcess();
    rmSync(path, { force: true });
    realm = new Realm(config);
  }
  return {
    read(key) {
      const found = realm.objectForPrimaryKey<LastSyncedObject>("LastSynced", key);
      if (!found) return null;
      return { ackedThrough: found.ackedThrough, atMs: found.at.getTime() };
    },
    record(key, { ackedThrough, atMs }) {
      realm.write(() => {
        const value = { key, ackedThrough, at: new Date(atMs) };
        realm.create("LastSynced", value, Realm.UpdateMode.Modified);
      });
    },
    close: () => realm.close(),
  };
}

function knownToThisProcess(): LastSyncedRealm {
  const proved = new Map<string, LastSynced>();
  return {
    read: (key) => proved.get(key) ?? null,
    record: (key, record) => void proved.set(key, record),
    close: () => undefined,
  };
}
