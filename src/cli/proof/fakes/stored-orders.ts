// Stands for src/main/realm/stored-orders.ts, with what Realm keeps there: who is signed in, and which files the next
// `new Realm.App` will move or delete.

import { dirname, join } from "node:path/posix";
import type * as real from "../../../main/realm/stored-orders";
import { type Disk, placeRealm } from "../disk";
import { currentDisk } from "../machines";
import { point } from "../simulation";

type Order = {
  readonly originalPath: string;
  readonly recoveryPath: string;
  readonly userId: string;
  readonly action: "move" | "delete";
};

export class Metadata {
  readonly orders = new Map<string, Order>();
  currentUserId: string | null = null;
  /** Users whose files the next `new Realm.App` deletes. */
  readonly removed = new Set<string>();
  toBytes(): Buffer {
    return Buffer.from(JSON.stringify([...this.orders.values()]));
  }
}

export const metadataPath = (dataDir: string) =>
  join(dataDir, "mongodb-realm/perennial/server-utility/metadata/sync_metadata.realm");

export function recoveredFolder(dataDir: string): string {
  return join(dataDir, "mongodb-realm/perennial/recovered-realms");
}

export function metadataOf(disk: Disk, path: string): Metadata {
  const node = disk.nodes.get(path);
  if (node?.kind === "file") return node.realm as Metadata;
  return placeRealm(disk, path, new Metadata()).realm as Metadata;
}

export const readStoredOrders: typeof real.readStoredOrders = (path) => {
  point(`read orders ${dirname(path)}`);
  const node = currentDisk().nodes.get(path);
  if (node?.kind !== "file") return { kind: "ok", orders: [], removedUserIds: [], currentUserId: null };
  const { orders, currentUserId, removed } = node.realm as Metadata;
  return {
    kind: "ok",
    removedUserIds: [...removed],
    orders: [...orders.values()].map(({ action, ...order }) => order),
    currentUserId,
  };
};

// Fails to compile when something new is to be simulated.
({ readStoredOrders }) satisfies typeof real;
