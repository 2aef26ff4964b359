// The unmodified Realm SDK with `recoverUnsyncedChanges`, writing notes as Perennial writes them: place and mirror in
// one transaction, a new revision with every write. One process holds the realms of many worlds; it is told by its
// channel what to do and decides nothing.

import Realm from "realm";
import { noteSchema } from "../../src/main/realm/schema";
import type { NoteId } from "../../src/shared/note";
import type { Command, Dumped, Recovered, Reply, Request, Step, Write } from "./peer-commands";

type NoteObject = Realm.Object & {
  _id: Realm.BSON.UUID;
  text: string;
  children: Realm.List<NoteObject>;
  isRoot: boolean;
  owner_id: string;
  parentId: Realm.BSON.UUID | null;
  orderKey: string | null;
  deletedAt: Date | null;
  revision: string | null;
};

type Open = {
  readonly user: Realm.User;
  realm: Realm | null;
  /** What Realm said when it could not recover. */
  problem: string | null;
  onBefore: () => void;
  onDone: () => void;
};

const [dataDir = "", serverUrl = "", appId = ""] = process.argv.slice(2);
const waitMs = 30_000;
const endMs = 4_000;
process.chdir(dataDir);
const app = new Realm.App({ id: appId, baseUrl: serverUrl });
Realm.App.Sync.setLogLevel(app, "off" as never);
const worlds = new Map<number, Open>();

async function perform(world: number, command: Command): Promise<unknown> {
  if (command.kind === "log-in") return logIn(world, command.token);
  const open = worlds.get(world);
  if (open === undefined) throw new Error(`nobody is logged in to world ${world}`);
  switch (command.kind) {
    case "open":
      return openRealm(open, true);
    case "open-copied":
      return openRealm(open, false);
    case "path":
      return realmOf(open).path;
    case "steps":
      for (const step of command.steps) await carryOut(open, step);
      return null;
    case "recover":
      return recover(open);
    case "lose-notes":
      realmOf(open).write(() => {
        for (const id of command.ids) realmOf(open).delete(find(open, id));
      });
      return carryOut(open, { kind: "upload" });
    case "lose-lists":
      realmOf(open).write(() => {
        for (const note of realmOf(open).objects<NoteObject>("Note").snapshot()) note.children.splice(0);
      });
      return carryOut(open, { kind: "upload" });
    case "dump":
      return dump(open);
    case "close":
      open.realm?.close();
      open.realm = null;
      return null;
  }
}

async function logIn(world: number, token: string): Promise<null> {
  const user = await withoutHangUps(() => app.logIn(Realm.Credentials.jwt(token)));
  worlds.set(world, { user, realm: null, problem: null, onBefore: () => undefined, onDone: () => undefined });
  return null;
}

/** A connection that is kept alive may be closed just when it is used again; the SDK does not try a second time. */
async function withoutHangUps<Value>(request: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (attempt === 5 || !/socket hang up|ECONNRESET/.test(wordsOf(error))) throw error;
    }
  }
}

async function openRealm(open: Open, isNew: boolean): Promise<null> {
  const { user } = open;
  const realm = new Realm({
    schema: [noteSchema],
    sync: {
      user,
      flexible: true,
      clientReset: {
        mode: "recoverUnsyncedChanges",
        onBefore: () => open.onBefore(),
        onAfter: () => open.onDone(),
      },
      error: (_session: unknown, error: { name: string; message: string; code?: number }) => {
        if (error.name !== "ClientReset") return;
        open.problem = `${error.code}: ${error.message}`;
        open.onDone();
      },
    } as never,
  });
  open.realm = realm;
  if (isNew) {
    await realm.subscriptions.update((subscriptions) => {
      subscriptions.add(realm.objects("Note").filtered("owner_id == $0", user.id), { name: "my-notes" });
    });
    await realm.subscriptions.waitForSynchronization();
  }
  return null;
}

async function carryOut(open: Open, step: Step): Promise<void> {
  const session = sessionOf(open);
  switch (step.kind) {
    case "write":
      for (const write of step.writes) realmOf(open).write(() => put(open, write));
      return;
    case "upload":
      return session.uploadAllLocalChanges(waitMs);
    case "download":
      await session.downloadAllServerChanges(waitMs);
      return catchUp(realmOf(open));
    case "pause":
      return session.pause();
  }
}

/** As the note store does it: the note, and the lists of its old and new parent that mirror its place. */
function put(open: Open, { change, revision }: Write): void {
  const realm = realmOf(open);
  if (change.kind === "create") {
    const { note } = change;
    const object = realm.create<NoteObject>("Note", {
      _id: new Realm.BSON.UUID(note.id),
      text: note.text,
      isRoot: note.isRoot,
      owner_id: open.user.id,
      deletedAt: note.deletedAtMs === null ? null : new Date(note.deletedAtMs),
    } as never);
    place(open, object, note.parentId, note.orderKey);
    object.revision = revision;
    return;
  }
  const object = find(open, change.id);
  if (change.kind === "text") object.text = change.after;
  else if (change.kind === "place") place(open, object, change.after.parentId, change.after.orderKey);
  else object.deletedAt = change.after === null ? null : new Date(change.after);
  object.revision = revision;
}

function place(open: Open, object: NoteObject, parentId: NoteId | null, orderKey: string): void {
  const former = object.parentId === null ? null : seek(open, object.parentId);
  object.parentId = parentId === null ? null : new Realm.BSON.UUID(parentId);
  object.orderKey = orderKey;
  if (former !== null) removeFrom(former.children, object);
  const parent = object.parentId === null ? null : seek(open, object.parentId);
  if (parent === null) return;
  removeFrom(parent.children, object);
  let index = parent.children.length;
  while (index > 0 && (parent.children[index - 1]?.orderKey ?? "") > orderKey) index -= 1;
  parent.children.splice(index, 0, object);
}

function removeFrom(children: Realm.List<NoteObject>, child: NoteObject): void {
  for (let at = children.indexOf(child); at !== -1; at = children.indexOf(child)) children.splice(at, 1);
}

/**
 * Opens the file that was left behind; resolves when Realm has recovered it, or needs no recovery. A recovery that came
 * to nothing (every change was of a note that is gone) leaves the SDK's own waits pending for ever and never calls
 * `onAfter` (realm-core #6195), so after its beginning it is given a time to end. The realm must not be looked at
 * meanwhile: that ends the process now and then (BadTransactLog).
 */
async function recover(open: Open): Promise<Recovered> {
  const begun = new Promise<void>((resolve) => {
    open.onBefore = resolve;
  });
  const done = new Promise<"reset">((resolve) => {
    open.onDone = () => resolve("reset");
  });
  await openRealm(open, false);
  const session = sessionOf(open);
  const wentOn = async (): Promise<"went-on"> => {
    await session.uploadAllLocalChanges(waitMs);
    await session.downloadAllServerChanges(waitMs);
    return "went-on";
  };
  const ended = await Promise.race([
    done,
    begun.then(() => after(endMs, "reset" as const)),
    // What waits when a reset comes is rejected.
    wentOn().catch(() => done),
    after(waitMs, "timeout" as const),
  ]);
  if (open.problem !== null) return { kind: "failed", message: open.problem };
  if (ended === "timeout") return { kind: "failed", message: `no reset within ${waitMs} ms` };
  return { kind: ended === "reset" ? "recovered" : "went-on" };
}

function after<Value>(ms: number, value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms));
}

/** The realm moves on to what the sync client has written only when it is asked to. */
function catchUp(realm: Realm): void {
  realm.beginTransaction();
  realm.cancelTransaction();
}

function dump(open: Open): Dumped {
  return [...realmOf(open).objects<NoteObject>("Note").snapshot()].map((object) => ({
    note: {
      id: object._id.toHexString(true) as NoteId,
      text: object.text,
      isRoot: object.isRoot,
      parentId: (object.parentId?.toHexString(true) as NoteId | undefined) ?? null,
      orderKey: object.orderKey ?? "",
      childIds: [...object.children].map((child) => child._id.toHexString(true) as NoteId),
      deletedAtMs: object.deletedAt?.getTime() ?? null,
      lastUpdatedMs: null,
    },
    revision: object.revision ?? "",
  }));
}

function realmOf({ realm }: Open): Realm {
  if (realm === null) throw new Error("the realm is not open");
  return realm;
}

function sessionOf(open: Open): Realm.App.Sync.Session {
  const session = realmOf(open).syncSession;
  if (session === null || session === undefined) throw new Error("the realm has no session");
  return session;
}

function seek(open: Open, id: Realm.BSON.UUID): NoteObject | null {
  return realmOf(open).objectForPrimaryKey<NoteObject>("Note", id as never) ?? null;
}

function find(open: Open, id: NoteId): NoteObject {
  const found = seek(open, new Realm.BSON.UUID(id));
  if (found === null) throw new Error(`there is no note ${id}`);
  return found;
}

process.on("message", ({ id, world, command }: Request) => {
  perform(world, command)
    .then((value): Reply => ({ id, kind: "ok", value }))
    .catch((error: unknown): Reply => ({ id, kind: "failed", message: wordsOf(error) }))
    .then((reply) => process.send?.(reply));
});
process.on("unhandledRejection", () => undefined);
process.on("disconnect", () => process.exit(0));

function wordsOf(error: unknown): string {
  if (typeof error === "string") return error;
  return (error as { message?: string } | null)?.message ?? JSON.stringify(error);
}
