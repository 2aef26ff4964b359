// Reads, without carrying out, the orders that Realm stored to be executed by the next `new Realm.App`: which
// file will be moved (client reset) or deleted. Must run before `new Realm.App` in a process.

import { existsSync } from "node:fs";
import { Realm } from "./realm";

export type StoredOrder = {
  readonly originalPath: string;
  readonly recoveryPath: string;
  readonly userId: string;
};

export type StoredOrders =
  | { readonly kind: "ok"; readonly orders: readonly StoredOrder[] }
  | { readonly kind: "unreadable"; readonly message: string };

type FileActionObject = Realm.Object & {
  original_name: string;
  new_name: string | null;
  identity: string | null;
};

export function readStoredOrders(metadataPath: string): StoredOrders {
  if (!existsSync(metadataPath)) return { kind: "ok", orders: [] };
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path: metadataPath, readOnly: true });
    if (!realm.schema.some(({ name }) => name === "FileActionMetadata")) return { kind: "ok", orders: [] };
    const orders = realm.objects<FileActionObject>("FileActionMetadata").map((action) => ({
      originalPath: action.original_name,
      recoveryPath: action.new_name ?? "",
      userId: action.identity ?? "",
    }));
    return { kind: "ok", orders };
  } catch (error) {
    return { kind: "unreadable", message: error instanceof Error ? error.message : String(error) };
  } finally {
    realm?.close();
  }
}
