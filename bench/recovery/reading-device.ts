// Another device of the same account, signed in only when all is over: what it downloads is what the server has. Tells
// each note's place and the words of the benchmark in it, and ends. A process of its own; writes nothing.

import type Realm from "realm";
import type { NoteId } from "../../src/shared/note";
import type { TreeRow } from "../../src/shared/tree";
import { openDeviceRealm } from "./device-realm";

export type ReadMessage =
  | {
      readonly kind: "read";
      readonly userId: string;
      readonly rows: readonly TreeRow[];
      readonly words: readonly string[];
    }
  | { readonly kind: "failed"; readonly message: string };

const [dataDir = "", serverUrl = "", appId = "", email = "", password = "", words = ""] =
  process.argv.slice(2);

async function read(): Promise<ReadMessage> {
  const { realm, userId } = await openDeviceRealm(dataDir, serverUrl, appId, email, password);
  await realm.syncSession?.downloadAllServerChanges();
  // What was downloaded is on the disk; this version of the SDK has no other way to move on to it at once.
  realm.beginTransaction();
  realm.cancelTransaction();
  const rows: TreeRow[] = [];
  const found: string[] = [];
  for (const object of realm.objects("Note").snapshot()) {
    const { _id, text, isRoot, parentId, orderKey, deletedAt } = object as unknown as {
      _id: Realm.BSON.UUID;
      text: string;
      isRoot: boolean;
      parentId: Realm.BSON.UUID | null;
      orderKey: string | null;
      deletedAt: Date | null;
    };
    rows.push({
      id: _id.toHexString() as NoteId,
      isRoot,
      parentId: (parentId?.toHexString() ?? null) as NoteId | null,
      orderKey: orderKey ?? "",
      deletedAtMs: deletedAt?.getTime() ?? null,
      adoptedBy: null,
    });
    for (const word of text.match(new RegExp(words, "g")) ?? []) found.push(word);
  }
  return { kind: "read", userId, rows, words: found };
}

read()
  .catch((error: Error): ReadMessage => ({ kind: "failed", message: error.message }))
  .then((message) => process.send?.(message, () => process.exit(0)));
