// Between Realm objects of class Note and the app's notes: reading every field defensively (a backup may be of
// an older or newer schema), writing plain values only, never a managed object of another realm.

import { isNoteId, type Note, type NoteId } from "../../shared/note";
import { Realm } from "./realm";

export type NoteObject = Realm.Object & {
  _id: Realm.BSON.UUID;
  text?: string | null;
  children?: Realm.List<NoteObject>;
  isRoot?: boolean | null;
  owner_id?: string | null;
  lastUpdated?: Date | null;
  parentId?: Realm.BSON.UUID | null;
  orderKey?: string | null;
  deletedAt?: Date | null;
  revision?: string | null;
};

export function idOf(object: NoteObject): NoteId {
  return object._id.toHexString(true) as NoteId;
}

/** By bytes, because this version's `UUID` takes no text of another version than 4, and known notes have version 5. */
export function uuidOf(id: NoteId): Realm.BSON.UUID {
  return new Realm.BSON.UUID(Buffer.from(id.replaceAll("-", ""), "hex"));
}

export function toNote(object: NoteObject): Note {
  const parent = object.parentId?.toHexString(true);
  return {
    id: idOf(object),
    text: object.text ?? "",
    isRoot: object.isRoot ?? false,
    parentId: isNoteId(parent) ? parent : null,
    orderKey: object.orderKey ?? "",
    childIds: childIdsOf(object),
    deletedAtMs: object.deletedAt?.getTime() ?? null,
    lastUpdatedMs: object.lastUpdated?.getTime() ?? null,
  };
}

function childIdsOf(object: NoteObject): NoteId[] {
  const { children } = object;
  if (children === undefined) return [];
  const ids: NoteId[] = [];
  for (let index = 0; index < children.length; index += 1) {
    const child = children[index];
    if (child !== undefined) ids.push(idOf(child));
  }
  return ids;
}

/** All notes of the realm with the revision of each, in one pass. */
export function readNotes(realm: Realm): { notes: Map<NoteId, Note>; revisions: Map<NoteId, string> } {
  const notes = new Map<NoteId, Note>();
  const revisions = new Map<NoteId, string>();
  if (!realm.schema.some(({ name }) => name === "Note")) return { notes, revisions };
  for (const object of realm.objects<NoteObject>("Note").snapshot()) {
    const note = toNote(object);
    notes.set(note.id, note);
    revisions.set(note.id, object.revision ?? "");
  }
  return { notes, revisions };
}
