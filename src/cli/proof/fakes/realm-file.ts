// A synced realm's file: the server's state as it was last heard of, with this file's own changes that the server has
// yet to confirm on top. Commits are whole or not there, as Realm's are, and outlive any crash.

import type { Note, NoteId } from "../../../shared/note";
import { applyChangeset, type Changeset, type NoteObject, type Objects, type Overruled } from "../objects";
import type { ClientFile, ServerModel } from "../server-model";
import { decryptRealm, encryptRealm, type RealmKey } from "./realm-encryption";
import { type Decoded, decodeNotes, encodeNotes, type SchemaName, type Stored } from "./stored-notes";

export class RealmFile {
  readonly client: ClientFile = { ident: null, known: 0, acked: 0 };
  base: Objects = new Map();
  view: Map<NoteId, NoteObject> = new Map();
  pending: Changeset[] = [];
  lastVersion = 0;
  subscribed = false;
  complete = false;
  readonly key: RealmKey;
  readonly schema: SchemaName;

  constructor(key: RealmKey, schema: SchemaName) {
    this.key = key;
    this.schema = schema;
  }

  toBytes(): Buffer {
    const notes = [...this.view.values()].map(asStored);
    return encryptRealm(Buffer.from(encodeNotes(notes, this.schema)), this.key);
  }

  commit(changeset: Changeset, view: Map<NoteId, NoteObject>): void {
    this.pending.push(changeset);
    this.lastVersion = changeset.version;
    this.view = view;
  }

  /** The server's state now becomes the base; own changes that it contains are pending no more. */
  catchUp(server: ServerModel, onOverruled: (overruled: Overruled) => void): void {
    const { client } = this;
    const progress = client.ident === null ? 0 : server.progressOf(client.ident);
    const before = this.pending.length;
    this.pending = this.pending.filter(({ version }) => version > progress);
    if (this.pending.length < before) client.acked = server.integration();
    client.known = server.integration();
    this.base = server.objects();
    this.view = new Map(this.base);
    for (const changeset of this.pending) {
      applyChangeset(this.view, changeset, Number.POSITIVE_INFINITY, onOverruled);
    }
  }

  /** As a process that was killed in its first open leaves it: nothing is subscribed to, and so nothing is there. */
  loseSubscription(): void {
    this.subscribed = false;
    this.complete = false;
    this.base = new Map();
    this.view = new Map();
    for (const changeset of this.pending) applyChangeset(this.view, changeset, Number.POSITIVE_INFINITY);
  }
}

function asStored(object: NoteObject): Stored {
  return { note: noteOf(object), revision: revisionOf(object) };
}

const notes = new WeakMap<NoteObject, Note>();

export function noteOf(object: NoteObject): Note {
  const known = notes.get(object);
  if (known !== undefined) return known;
  const { cells } = object;
  const note: Note = {
    id: object.id,
    text: (cells.text.value as string | null) ?? "",
    isRoot: cells.isRoot.value === true,
    parentId: cells.parentId.value as NoteId | null,
    orderKey: (cells.orderKey.value as string | null) ?? "",
    childIds: object.children.map(({ childId }) => childId),
    deletedAtMs: cells.deletedAtMs.value as number | null,
    lastUpdatedMs: cells.lastUpdatedMs.value as number | null,
  };
  notes.set(object, note);
  return note;
}

export function revisionOf(object: NoteObject): string {
  return (object.cells.revision.value as string | null) ?? "";
}

/** Throws where the bytes are no whole file, or not one of this key. */
export function readStored(bytes: Buffer, key: RealmKey): Decoded {
  return decodeNotes(decryptRealm(bytes, key).toString("utf8"));
}
