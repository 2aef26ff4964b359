// A client that knows only the published fields of a note, as somebody would write it from the Realm guides: the
// plain SDK, no parent, no order key, no revision. A script of its own, because the SDK keeps its files in the
// working directory of its process.

import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const run = promisify(execFile);

const published = { _id: "uuid", text: "string", children: "Note[]", isRoot: "bool", owner_id: "string" };

/**
 * `write` is JavaScript that may use `realm`, `user` and `uuid(text)`: what the client does in one transaction. `more`:
 * properties that it knows besides.
 */
export async function runPublishedClient(
  folder: string,
  serverUrl: string,
  account: { readonly email: string; readonly password: string },
  write: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const script = `
    const Realm = require(${JSON.stringify(createRequire(import.meta.url).resolve("realm"))});
    const uuid = (text) => new Realm.BSON.UUID(Buffer.from(text.replaceAll("-", ""), "hex"));
    const Note = {
      name: "Note",
      primaryKey: "_id",
      properties: ${JSON.stringify({ ...published, ...more })},
    };
    (async () => {
      const app = new Realm.App({ id: "perennial", baseUrl: ${JSON.stringify(serverUrl)} });
      const user = await app.logIn(Realm.Credentials.emailPassword(${JSON.stringify(account.email)}, ${JSON.stringify(account.password)}));
      const sync = { user, flexible: true, clientReset: { mode: "manual" }, error: (_, e) => console.error(e) };
      const realm = new Realm({ schema: [Note], sync });
      await realm.subscriptions.update((mutable) => {
        mutable.add(realm.objects("Note").filtered("owner_id == $0", user.id), { name: "notes" });
      });
      await realm.syncSession.downloadAllServerChanges();
      realm.write(() => { ${write} });
      await realm.syncSession.uploadAllLocalChanges();
      realm.close();
      process.exit(0);
    })().catch((error) => { console.error(error); process.exit(1); });`;
  await run(process.execPath, ["-e", script], {
    cwd: folder,
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" },
    timeout: 30_000,
  });
}
