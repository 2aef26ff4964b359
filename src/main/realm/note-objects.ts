// Between Realm objects of class Note and the app's notes: reading every field defensively (a backup may be of
// an older or newer schema), writing plain values only, never a managed object of another realm.

import { isSameChildless, type Note, type NoteId } from "../../shared/note";
import type { MappedValues } from "../../shared/recovery/field-map";
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

const digits = Buffer.from("0123456789abcdef", "latin1");
/** Where in the text each of the 16 bytes has its two digits. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const spelled = Buffer.from("00000000-0000-0000-0000-000000000000", "latin1");

/**
 * A UUID's text; its own `toHexString` takes many times as long, and a large tree has many. Made in one piece: of a text
 * that is put together, V8 keeps every piece until it is looked at.
 */
function textOf({ id }: Realm.BSON.UUID): NoteId {
  for (let index = 0; index < 16; index += 1) {
    const byte = id[index] as number;
    const at = places[index] as number;
    spelled[at] = digits[byte >> 4] as number;
    spelled[at + 1] = digits[byte & 15] as number;
  }
  return spelled.toString("latin1") as NoteId;
}

export function idOf(object: NoteObject): NoteId {
  return textOf(object._id);
}

/** By bytes, because this version's `UUID` takes no text of another version than 4, and known notes have version 5. */
export function uuidOf(id: NoteId): Realm.BSON.UUID {
  return new Realm.BSON.UUID(Buffer.from(id.replaceAll("-", ""), "hex"));
}

export function toNote(object: NoteObject): Note {
  return { ...toChildlessNote(object), childIds: childIdsOf(object) };
}

/** The note with no word of its list of children: opening the list costs more than all other fields together. */
export function toChildlessNote(object: NoteObject): Note {
  const { text, parentId } = object;
  return {
    id: idOf(object),
    text: typeof text === "string" ? text : String(text ?? ""),
    isRoot: object.isRoot ?? false,
    parentId: parentId ? textOf(parentId) : null,
    orderKey: object.orderKey ?? "",
    childIds: none,
    deletedAtMs: object.deletedAt?.getTime() ?? null,
    lastUpdatedMs: object.lastUpdated?.getTime() ?? null,
  };
}

const none: readonly NoteId[] = [];

/** A note of another version's fields; null where its id cannot be told. */
export function noteOfValues(values: MappedValues["values"]): Note | null {
  const { _id: id, text, isRoot, parentId, orderKey, children, deletedAt, lastUpdated } = values;
  if (id === undefined) return null;
  return {
    id: id as NoteId,
    text: String(text ?? ""),
    isRoot: isRoot === true,
    parentId: (parentId ?? null) as NoteId | null,
    orderKey: String(orderKey ?? ""),
    childIds: (children ?? []) as readonly NoteId[],
    deletedAtMs: typeof deletedAt === "number" ? deletedAt : null,
    lastUpdatedMs: typeof lastUpdated === "number" ? lastUpdated : null,
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

/**
 * One after another, by index: iterating as the SDK does makes a snapshot, which keeps its version of the file alive
 * until it is collected as garbage, and until then the file only grows. Nothing may be written meanwhile.
 */
export function* eachOf<T>(collection: Realm.Collection<T>): Generator<T> {
  const { length } = collection;
  for (let index = 0; index < length; index += 1) yield collection[index] as T;
}

/**
 * All notes of the realm with the revision of each. Lists of children are read only where some note has no place of its
 * own, since for the others they say nothing. A note that is the same in `known` is that very object, and so takes no
 * room of its own.
 */
export function readNotes(
  realm: Realm,
  known?: NotesKnown,
): { notes: Map<NoteId, Note>; revisions: Map<NoteId, string> } {
  const notes = new Map<NoteId, Note>();
  const revisions = new Map<NoteId, string>();
  const schema = realm.schema.find(({ name }) => name === "Note");
  if (schema === undefined) return { notes, revisions };
  const all = realm.objects<NoteObject>("Note");
  let isAnyUnplaced = false;
  for (const object of eachOf(all)) {
    const read = toChildlessNote(object);
    const before = known?.notes.get(read.id);
    const note = before !== undefined && isSameChildless(before, read) ? before : read;
    notes.set(note.id, note);
    revisions.set(note.id, object.revision ?? "");
    isAnyUnplaced ||= note.parentId === null && !note.isRoot;
  }
  const { children } = schema.properties as Record<string, Realm.ObjectSchemaProperty | undefined>;
  if (isAnyUnplaced && children?.type === "list" && children.objectType === "Note") {
    for (const parent of eachOf(all.filtered("children.@size > 0"))) {
      const id = idOf(parent);
      notes.set(id, { ...notes.get(id)!, childIds: childIdsOf(parent) });
    }
  }
  return { notes, revisions };
}

export type NotesKnown = {
  readonly notes: ReadonlyMap<NoteId, Note>;
  readonly revisions: ReadonlyMap<NoteId, string>;
};

export function countNotes(realm: Realm): number {
  return realm.schema.some(({ name }) => name === "Note") ? realm.objects("Note").length : 0;
}
