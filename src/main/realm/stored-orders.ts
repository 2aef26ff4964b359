// Reads, without carrying out, what the next `new Realm.App` will do: which files it will move (client reset) or
// delete, and which user it will sign in. Must run before `new Realm.App` in a process.

import { existsSync } from "node:fs";
import { Realm } from "./realm";

export type StoredOrder = {
  readonly originalPath: string;
  readonly recoveryPath: string;
  readonly userId: string;
};

export type StoredOrders =
  | {
      readonly kind: "ok";
      readonly orders: readonly StoredOrder[];
      /** Users whose files Realm will delete, whatever is in them: they were removed from this computer. */
      readonly removedUserIds: readonly string[];
      readonly currentUserId: string | null;
    }
  | { readonly kind: "unreadable"; readonly message: string };

type FileActionObject = Realm.Object & {
  original_name: string;
  new_name: string | null;
  identity: string | null;
};

type UserObject = Realm.Object & { identity: string; marked_for_removal: boolean };

type CurrentUserObject = Realm.Object & { current_user_identity: string | null };

export function readStoredOrders(metadataPath: string): StoredOrders {
  if (!existsSync(metadataPath)) {
    return { kind: "ok", orders: [], removedUserIds: [], currentUserId: null };
  }
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path: metadataPath, readOnly: true });
    const orders = objectsOf<FileActionObject>(realm, "FileActionMetadata").map((action) => ({
      originalPath: action.original_name,
      recoveryPath: action.new_name ?? "",
      userId: action.identity ?? "",
    }));
    const removedUserIds = objectsOf<UserObject>(realm, "UserMetadata")
      .filter((user) => user.marked_for_removal)
      .map(({ identity }) => identity);
    const [current] = objectsOf<CurrentUserObject>(realm, "current_user_identity");
    return { kind: "ok", orders, removedUserIds, currentUserId: current?.current_user_identity ?? null };
  } catch (error) {
    return { kind: "unreadable", message: error instanceof Error ? error.message : String(error) };
  } finally {
    realm?.close();
  }
}

/** A class that this version of Realm has not written yet has no objects. */
function objectsOf<T>(realm: Realm, className: string): (T & Realm.Object)[] {
  return realm.schema.some(({ name }) => name === className) ? [...realm.objects<T>(className)] : [];
}
