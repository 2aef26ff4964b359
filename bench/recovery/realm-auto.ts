// Realm's own recovery on the files that a client of Perennial left behind: a process of its own that is measured as
// a whole. Says by its channel when every edit is in the tree and when everything is uploaded.

import Realm from "realm";
import { noteSchema } from "../../src/main/realm/schema";

export type AutoMessage =
  | { readonly kind: "usable"; readonly notes: number; readonly texts: readonly string[] }
  | { readonly kind: "uploaded" }
  | { readonly kind: "failed"; readonly message: string };

const [dataDir = "", serverUrl = "", appId = "", prefix = ""] = process.argv.slice(2);

async function recover(): Promise<void> {
  process.chdir(dataDir);
  const app = new Realm.App({ id: appId, baseUrl: serverUrl });
  const user = app.currentUser;
  if (user === null) throw new Error("nobody is signed in there");
  let recovered = (): void => {};
  const done = new Promise<void>((resolve) => {
    recovered = resolve;
  });
  const realm = new Realm({
    schema: [noteSchema],
    sync: {
      user,
      flexible: true,
      clientReset: {
        mode: "recoverUnsyncedChanges",
        onBefore: () => undefined,
        onAfter: () => recovered(),
      },
      error: (_session: unknown, error: { name: string; message: string }) =>
        tell({ kind: "failed", message: `${error.name}: ${error.message}` }),
    } as never,
  });
  await done;
  const texts: string[] = [];
  let notes = 0;
  // What a window has to know of every note to show its tree, and the words that were written offline.
  const rows = new Map<string, { title: string; parentId: string | null; orderKey: string }>();
  for (const object of realm.objects<Record<string, never>>("Note").snapshot()) {
    const { _id, text, parentId, orderKey } = object as unknown as {
      _id: Realm.BSON.UUID;
      text: string;
      parentId: Realm.BSON.UUID | null;
      orderKey: string | null;
    };
    notes += 1;
    rows.set(_id.toHexString(), {
      title: text.slice(0, 80),
      parentId: parentId?.toHexString() ?? null,
      orderKey: orderKey ?? "",
    });
    for (const word of text.match(new RegExp(`${prefix}\\d+`, "g")) ?? []) texts.push(word);
  }
  tell({ kind: "usable", notes, texts });
  await realm.syncSession?.uploadAllLocalChanges();
  tell({ kind: "uploaded" });
}

function tell(message: AutoMessage): void {
  process.send?.(message);
}

process.on("disconnect", () => process.exit(0));
recover().catch((error: Error) => tell({ kind: "failed", message: error.message }));
