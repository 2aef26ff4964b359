// Stands for src/main/realm/last-synced-realm.ts.

import type * as real from "../../../main/realm/last-synced-realm";
import { placeRealm } from "../disk";
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

export const openLastSyncedRealm: typeof real.openLastSyncedRealm = (path, onReplaced) => {
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

// Fails to compile when something new is to be simulated.
({ lastSyncedKey, openLastSyncedRealm }) satisfies typeof real;
