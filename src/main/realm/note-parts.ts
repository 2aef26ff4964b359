// All notes of an open realm as a reader of its copy would find them, a few at a time, so that whoever reads them can
// let others have their turn in between. Reads only.

import type { Note, NoteId } from "../../shared/note";
import { chooseRules, isPresentSchema } from "../../shared/recovery/field-map";
import { noteFieldsOf } from "./note-fields";
import { idOf, type NoteObject, toChildlessNote, toNote } from "./note-objects";
import { noteSchema } from "./schema";

export type NotesPart = {
  readonly notes: readonly Note[];
  /** Of each of `notes`, in their order. */
  readonly revisions: readonly string[];
  /** Lists of children, of notes of this part or of earlier ones: read only where some note has no other place. */
  readonly lists: readonly (readonly [NoteId, readonly NoteId[]])[];
};

const notesPerPart = 200;

/**
 * Null where the realm was not opened with every field of today: a copy of it may have more than is seen here. Put
 * together, the parts are what `readNotes` reads, provided that nothing is written until the last was taken.
 */
export function readNotesInParts(realm: Realm): Iterable<NotesPart> | null {
  const fields = noteFieldsOf(realm.schema);
  const chosen = fields === null ? null : chooseRules(fields);
  const isWhole = chosen !== null && chosen.size === Object.keys(noteSchema.properties).length;
  return isWhole && isPresentSchema(chosen) ? partsOf(realm) : null;
}

function* partsOf(realm: Realm): Generator<NotesPart> {
  const all = realm.objects<NoteObject>(noteSchema.name);
  let isAnyUnplaced = false;
  for (let from = 0; from < all.length; from += notesPerPart) {
    const objects = someOf(all, from);
    const notes = objects.map(toChildlessNote);
    isAnyUnplaced ||= notes.some(({ parentId, isRoot }) => parentId === null && !isRoot);
    yield { notes, revisions: objects.map(({ revision }) => revision ?? ""), lists: [] };
  }
  if (!isAnyUnplaced) return;
  const parents = all.filtered("children.@size > 0");
  for (let from = 0; from < parents.length; from += notesPerPart) {
    const lists = someOf(parents, from).map((parent) => [idOf(parent), toNote(parent).childIds] as const);
    yield { notes: [], revisions: [], lists };
  }
}

/** By index, as `eachOf` does it and for its reason. */
function someOf(collection: Realm.Collection<NoteObject>, from: number): NoteObject[] {
  const end = Math.min(collection.length, from + notesPerPart);
  return Array.from({ length: end - from }, (_, index) => collection[from + index] as NoteObject);
}
