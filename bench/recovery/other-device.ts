// Another device of the same account, which wrote all the notes some time ago: creates them as the app would, only many
// in a transaction, uploads them and ends. A process of its own.

import { randomUUID } from "node:crypto";
import { uuidOf } from "../../src/main/realm/note-objects";
import type { NoteId } from "../../src/shared/note";
import { openDeviceRealm } from "./device-realm";
import { gardenNotes, type Shape } from "./garden";

const [
  dataDir = "",
  serverUrl = "",
  appId = "",
  email = "",
  password = "",
  rootId = "",
  count = "0",
  shape = "beds",
] = process.argv.slice(2);
const notesPerTransaction = 1_000;

async function write(): Promise<void> {
  const { realm, userId } = await openDeviceRealm(dataDir, serverUrl, appId, email, password);
  const generation = randomUUID();
  const childrenOf = new Map<NoteId, NoteId[]>();
  let written = 0;
  realm.beginTransaction();
  for (const { id, parentId, orderKey, text } of gardenNotes(
    rootId as NoteId,
    Number(count),
    shape as Shape,
  )) {
    realm.create("Note", {
      _id: uuidOf(id),
      text,
      isRoot: false,
      owner_id: userId,
      lastUpdated: new Date(),
      parentId: uuidOf(parentId),
      orderKey,
      revision: `${generation}/${written}`,
    } as never);
    const siblings = childrenOf.get(parentId);
    if (siblings === undefined) childrenOf.set(parentId, [id]);
    else siblings.push(id);
    written += 1;
    if (written % notesPerTransaction === 0) {
      realm.commitTransaction();
      realm.beginTransaction();
    }
  }
  realm.commitTransaction();
  const find = (id: NoteId) =>
    realm.objectForPrimaryKey<{ children: unknown[] }>("Note", uuidOf(id) as never);
  realm.write(() => {
    for (const [parentId, ids] of childrenOf) find(parentId)?.children.push(...ids.map(find));
  });
  await realm.syncSession?.uploadAllLocalChanges();
}

write().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
