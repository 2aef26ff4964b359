// Stands for src/main/realm/last-synced-realm.ts.

import type * as real from "../../../main/realm/last-synced-realm";
import { type Disk, placeRealm } from "../disk";
import { currentMachine, theWorld } from "../machines";
import { point } from "../simulation";

class LastSyncedFile {
  readonly values = new Map<string, real.LastSynced>();
  toBytes(): Buffer {
    return Buffer.from(JSON.stringify([...this.values]));
  }
}

export const lastSyncedKey: typeof real.lastSyncedKey = (appId, userId, generation) =>
  `${appId}/${userId}/${generation}/Note`;

export const openLastSyncedRealm: typeof real.openLastSyncedRealm = (path, _sealing, onReplaced) => {
  const machine = currentMachine();
  point("open LastSynced");
  const node = machine.disk.nodes.get(path);
  let file = node?.kind === "file" ? (node.realm as LastSyncedFile | null) : null;
  if (node !== undefined && file === null) {
    onReplaced("Invalid realm file");
    machine.disk.nodes.delete(path);
  }
  file ??= placeRealm(machine.disk, path, new LastSyncedFile()).realm as LastSyncedFile;
  const { values } = file;
  return {
    read: (key) => values.get(key) ?? null,
    record(key, value) {
      point("record LastSynced");
      theWorld().onAcknowledged(machine, key, value.ackedThrough);
      values.set(key, value);
    },
    close: () => undefined,
  };
};

/** For the oracles: up to where the file says that the server has everything. */
export function readLastSynced(disk: Disk, path: string, key: string): number {
  const node = disk.nodes.get(path);
  const file = node?.kind === "file" ? (node.realm as LastSyncedFile | null) : null;
  return file?.values.get(key)?.ackedThrough ?? 0;
}

// Fails to compile when something new is to be simulated.
({ lastSyncedKey, openLastSyncedRealm }) satisfies typeof real;
