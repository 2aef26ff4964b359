// The synced realm of notes: opening, reading, one write transaction at a time, change notices, the session.
// Decides nothing about notes: src/main/notes is the only one that calls `write`.

import { existsSync } from "node:fs";
import type { Note, NoteId } from "../../shared/note";
import { realmFileOf } from "../paths";
import type { Sealing } from "../sealed-file";
import { collectGarbage } from "./collect-garbage";
import {
  idOf,
  type NoteObject,
  type NotesKnown,
  readNotes,
  toChildlessNote,
  toNote,
  uuidOf,
} from "./note-objects";
import { type NotesPart, readNotesInParts } from "./note-parts";
import { differenceTo, type NoteSeen, type NotesTouched, notesAt, seenOf } from "./notes-touched";
import { Realm } from "./realm";
import type { SyncUser } from "./realm-app";
import { describeError, readSyncError, type SyncProblem } from "./realm-errors";

/** Plain values of a note to be written; fields left out stay as they are. */
export type NoteFields = {
  readonly text?: string;
  readonly isRoot?: boolean;
  readonly place?: { readonly parentId: NoteId | null; readonly orderKey: string };
  /** False: the parents' lists of children are left as they are. */
  readonly mirrors?: boolean;
  readonly deletedAtMs?: number | null;
};

export type NoteTransaction = {
  /** Without its list of children. */
  readonly read: (id: NoteId) => Note | null;
  /** Creates the note or changes the given fields, stamping `revision` and `lastUpdated`. */
  readonly put: (id: NoteId, fields: NoteFields, atMs: number, revision: string) => void;
  /** How many notes the list of children names; 0 for a note that is not there. */
  readonly countMirrored: (id: NoteId) => number;
  /**
   * Makes the list of children name `childIds` once each, and of others only those without a parent of their own.
   * Stamps nothing: no word and no place changes.
   */
  readonly mendMirror: (id: NoteId, childIds: readonly NoteId[]) => void;
};

export type NotesRead = NotesKnown;

export type NotesListener = {
  /** False: what has come is passed over, and will be read as a whole. */
  readonly isWanted: () => boolean;
  /** Those that may have been removed. */
  readonly knownIds: () => Iterable<NoteId>;
  readonly onTouched: (touched: NotesTouched) => void;
};

export type Connection = "connected" | "connecting" | "disconnected";

export type NoteRealm = {
  readonly path: string;
  readonly isNewFile: boolean;
  readonly count: () => number;
  /** Notes that are the same in `known` are the objects that stand there. */
  readonly readAll: (known?: NotesRead) => { notes: Map<NoteId, Note>; revisions: Map<NoteId, string> };
  /** As `readNotesInParts`. */
  readonly readInParts: () => Iterable<NotesPart> | null;
  readonly read: (id: NoteId) => Note | null;
  /** The note without its list of children, which costs more to read than all the rest, with its revision. */
  readonly peek: (id: NoteId) => NoteSeen | null;
  readonly revisionOf: (id: NoteId) => string;
  /** Throws what `work` throws, and then nothing was written. */
  readonly write: (work: (transaction: NoteTransaction) => void) => void;
  /**
   * Tells of every change since `read` was read from this realm, in this turn of the event loop. Realm's own first
   * notice names no changes, so where some have come by then, that first time all notes are compared with `read`.
   */
  readonly onNotes: (read: NotesRead, listener: NotesListener) => void;
  readonly onConnection: (listener: (state: Connection) => void) => void;
  readonly onTransfer: (
    listener: (direction: "upload" | "download", done: number, total: number) => void,
  ) => void;
  readonly connection: () => Connection;
  /** Rejects with an Error, whatever Realm rejects with. */
  readonly waitForSubscriptions: (timeoutMs: number) => Promise<void>;
  readonly subscriptionsComplete: () => boolean;
  readonly waitForUpload: (timeoutMs: number) => Promise<void>;
  readonly waitForDownload: (timeoutMs: number) => Promise<void>;
  /**
   * From here on everything is read that the sync client has written, also where it only just has, and `onNotes` has
   * told of it all: otherwise this process sees it once its event loop has been idle.
   */
  readonly refresh: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** A consistent copy of the whole file, unsynced changes included, encrypted as it is; `path` must not exist. */
  readonly writeCopyTo: (path: string) => void;
  /** Has Realm act as if the server had sent this error: tests make what no server would send. */
  readonly simulateError: (error: SimulatedError) => void;
  readonly close: () => void;
};

export type SimulatedError = {
  readonly code: number;
  readonly message: string;
  readonly category: "realm::sync::ProtocolError" | "realm::sync::ClientError";
  readonly isFatal: boolean;
};

export type OpenResult =
  | { readonly kind: "ok"; readonly realm: NoteRealm }
  | { readonly kind: "cannot-open"; readonly message: string };

const subscriptionName = "my-notes";

/**
 * Opens the realm of the user, from the file where there is one. `onProblem` must be the same function for the
 * life of the process: Realm may keep calling the first one it was given for a file. `path`: absolute, of another file
 * than the notes' own.
 */
export function openNoteRealm(
  user: SyncUser,
  schema: Realm.ObjectSchema,
  sealing: Sealing,
  onProblem: (problem: SyncProblem) => void,
  path?: string,
): OpenResult {
  let realm: Realm;
  let isNewFile: boolean;
  const config: Realm.Configuration = {
    schema: [schema],
    ...sealing.realm,
    ...(path === undefined ? {} : { path }),
    sync: {
      user,
      flexible: true,
      clientReset: { mode: Realm.ClientResetMode.Manual },
      error: (_session: unknown, error: unknown) => onProblem(readSyncError(error)),
    } as unknown as Realm.FlexibleSyncConfiguration,
  };
  try {
    isNewFile = !existsSync(path ?? realmFileOf(user.id));
    realm = new Realm(config);
    subscribe(realm, user.id);
  } catch (error) {
    return { kind: "cannot-open", message: describeError(error) };
  }
  return { kind: "ok", realm: wrap(realm, user.id, isNewFile, sealing) };
}

function subscribe(realm: Realm, userId: string): void {
  if (realm.subscriptions.findByName(subscriptionName) !== null) return;
  void realm.subscriptions
    .update((subscriptions) => {
      subscriptions.add(realm.objects("Note").filtered("owner_id == $0", userId), { name: subscriptionName });
    })
    // The state of the subscriptions is asked for where it matters.
    .catch(() => undefined);
}

function wrap(realm: Realm, userId: string, isNewFile: boolean, sealing: Sealing): NoteRealm {
  const session = realm.syncSession;
  if (session === null || session === undefined) throw new Error("a synced realm has a session");
  const notes = realm.objects<NoteObject>("Note");
  // `subscriptions.state` must never be read: the SDK aborts the process while the state is 'awaiting mark'.
  let complete = false;
  const completed = realm.subscriptions.waitForSynchronization().then(() => {
    complete = true;
  });
  // In a later turn: what the wait itself holds is let go of then.
  void completed.then(() => setTimeout(collectGarbage, 0).unref()).catch(() => undefined);
  const atClose: (() => void)[] = [];
  /** Notes that a transaction has looked for: most are read and then written, and finding one costs what reading it does. */
  let found: Map<NoteId, NoteObject | null> | null = null;

  function find(id: NoteId): NoteObject | null {
    const known = found?.get(id);
    if (known !== undefined) return known;
    const object = realm.objectForPrimaryKey<NoteObject>("Note", uuidOf(id)) ?? null;
    found?.set(id, object);
    return object;
  }

  function read(id: NoteId): Note | null {
    const object = find(id);
    return object === null ? null : toNote(object);
  }

  function peekNote(id: NoteId): Note | null {
    const object = find(id);
    return object === null ? null : toChildlessNote(object);
  }

  function put(id: NoteId, fields: NoteFields, atMs: number, revision: string): void {
    const before = find(id);
    const object = before ?? create(id, fields);
    // Even where it says the same: of two who write at once, who decided for this text is not to be passed over.
    if (before !== null && fields.text !== undefined) object.text = fields.text;
    if (fields.isRoot !== undefined && object.isRoot !== fields.isRoot) object.isRoot = fields.isRoot;
    if (fields.deletedAtMs !== undefined && (object.deletedAt?.getTime() ?? null) !== fields.deletedAtMs) {
      object.deletedAt = fields.deletedAtMs === null ? null : new Date(fields.deletedAtMs);
    }
    if (fields.place !== undefined) setPlace(object, fields.place, fields.mirrors ?? true);
    object.lastUpdated = new Date(atMs);
    object.revision = revision;
  }

  function create(id: NoteId, { text = "", isRoot = false }: NoteFields): NoteObject {
    const created = realm.create<NoteObject>("Note", {
      _id: uuidOf(id),
      text,
      isRoot,
      owner_id: userId,
    } as never);
    found?.set(id, created);
    return created;
  }

  /** Parent and order key are the truth; the old and the new parent's `children` mirror them. */
  function setPlace(
    object: NoteObject,
    place: { parentId: NoteId | null; orderKey: string },
    mirrors: boolean,
  ): void {
    const formerParent = object.parentId ? find(object.parentId.toHexString(true) as NoteId) : null;
    object.parentId = place.parentId === null ? null : uuidOf(place.parentId);
    object.orderKey = place.orderKey;
    if (!mirrors) return;
    if (formerParent?.children !== undefined) removeFrom(formerParent.children, object);
    const parent = place.parentId === null ? null : find(place.parentId);
    if (parent?.children === undefined) return;
    removeFrom(parent.children, object);
    parent.children.splice(indexFor(parent.children, object), 0, object);
  }

  function countMirrored(id: NoteId): number {
    return find(id)?.children?.length ?? 0;
  }

  function mendMirror(id: NoteId, childIds: readonly NoteId[]): void {
    const children = find(id)?.children;
    if (children === undefined) return;
    const missing = new Set(childIds);
    const listed = new Set<NoteId>();
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const child = children[index];
      const childId = child === undefined ? null : idOf(child);
      const belongs = childId !== null && (missing.has(childId) || !child?.parentId) && !listed.has(childId);
      if (belongs) listed.add(childId);
      else children.splice(index, 1);
    }
    for (const childId of childIds) {
      const child = listed.has(childId) ? null : find(childId);
      if (child !== null) children.splice(indexFor(children, child), 0, child);
    }
  }

  return {
    path: realm.path,
    isNewFile,
    count: () => notes.length,
    readAll: (known) => readNotes(realm, known),
    readInParts: () => readNotesInParts(realm),
    read,
    peek(id) {
      const object = find(id);
      return object === null ? null : seenOf(object);
    },
    revisionOf: (id) => find(id)?.revision ?? "",
    write(work) {
      try {
        realm.write(() => {
          found = new Map();
          work({ read: peekNote, put, countMirrored, mendMirror });
        });
      } finally {
        found = null;
      }
    },
    onNotes(read, { isWanted, knownIds, onTouched }) {
      let isFirst = true;
      let isReadStill = true;
      // Realm says so before it gives notice of what has come.
      const onMoved = () => {
        isReadStill = false;
      };
      realm.addListener("change", onMoved);
      notes.addListener((collection, { insertions, deletions, newModifications }) => {
        const wasFirst = isFirst;
        isFirst = false;
        if (wasFirst) realm.removeListener("change", onMoved);
        if (!isWanted() || (wasFirst && isReadStill)) return;
        const touched = wasFirst
          ? differenceTo(read, collection)
          : {
              upserted: notesAt(collection, [insertions, newModifications]),
              removed: deletions.length > 0 ? [...knownIds()].filter((id) => find(id) === null) : [],
            };
        if (touched.upserted.length > 0 || touched.removed.length > 0) onTouched(touched);
      });
    },
    onConnection(listener) {
      const notify = (state: string) => listener(connectionOf(state));
      session.addConnectionNotification(notify);
      atClose.push(() => session.removeConnectionNotification(notify));
    },
    onTransfer(listener) {
      for (const direction of ["upload", "download"] as const) {
        const notify = (done: number, total: number) => listener(direction, done, total);
        session.addProgressNotification(direction as never, "reportIndefinitely" as never, notify);
        atClose.push(() => session.removeProgressNotification(notify));
      }
    },
    connection: () => (session.isConnected() ? "connected" : connectionOf(session.connectionState)),
    waitForSubscriptions: (timeoutMs) => within(timeoutMs, "the subscription", completed),
    subscriptionsComplete: () => complete,
    waitForUpload: (timeoutMs) => asError(session.uploadAllLocalChanges(timeoutMs)),
    waitForDownload: (timeoutMs) => asError(session.downloadAllServerChanges(timeoutMs)),
    refresh() {
      // This version of the SDK has no other way to move on to the newest state.
      realm.beginTransaction();
      realm.cancelTransaction();
    },
    pause: () => session.pause(),
    resume: () => session.resume(),
    simulateError({ code, message, category, isFatal }) {
      (session as unknown as { _simulateError: (...args: unknown[]) => void })._simulateError(
        code,
        message,
        category,
        isFatal,
      );
    },
    writeCopyTo: (path) => realm.writeCopyTo({ path, ...sealing.realm }),
    close() {
      // The session outlives the realm for a while, and its listeners would hear of its end in the midst of a log-out.
      for (const remove of atClose) remove();
      notes.removeAllListeners();
      realm.close();
    },
  };
}

function removeFrom(children: Realm.List<NoteObject>, child: NoteObject): void {
  for (let index = children.indexOf(child); index !== -1; index = children.indexOf(child)) {
    children.splice(index, 1);
  }
}

/** Lists of siblings are nearly sorted, so the place is found from the end, where most notes are added. */
function indexFor(children: Realm.List<NoteObject>, child: NoteObject): number {
  for (let index = children.length; index > 0; index -= 1) {
    const sibling = children[index - 1];
    if (sibling !== undefined && (sibling.orderKey ?? "") <= (child.orderKey ?? "")) return index;
  }
  return 0;
}

function connectionOf(state: string): Connection {
  return state === "connected" || state === "connecting" ? state : "disconnected";
}

async function asError(wait: Promise<void>): Promise<void> {
  try {
    await wait;
  } catch (error) {
    throw new Error(describeError(error));
  }
}

async function within(timeoutMs: number, what: string, wait: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what}`)), timeoutMs);
  });
  try {
    await asError(Promise.race([wait.then(() => undefined), limit]));
  } finally {
    clearTimeout(timer);
  }
}
