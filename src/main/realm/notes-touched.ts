// Which notes of the realm are others than they were: by the places in a collection that Realm's notices name, or by
// looking at all of them. Reads only.

import { isSameChildless, type Note, type NoteId } from "../../shared/note";
import { eachOf, type NoteObject, type NotesKnown, toChildlessNote } from "./note-objects";

/** A note without its list of children, with its revision. */
export type NoteSeen = { readonly note: Note; readonly revision: string };

export type NotesTouched = { readonly upserted: readonly NoteSeen[]; readonly removed: readonly NoteId[] };

export function notesAt(
  collection: Realm.Collection<NoteObject>,
  indexes: readonly (readonly number[])[],
): NoteSeen[] {
  const seen: NoteSeen[] = [];
  for (const each of indexes) {
    for (const index of each) {
      const object = collection[index];
      if (object !== undefined) seen.push(seenOf(object));
    }
  }
  return seen;
}

export function seenOf(object: NoteObject): NoteSeen {
  return { note: toChildlessNote(object), revision: object.revision ?? "" };
}

/** What is other in the realm now than when `read` was read from it; lists of children are not looked at. */
export function differenceTo(read: NotesKnown, collection: Realm.Collection<NoteObject>): NotesTouched {
  const upserted: NoteSeen[] = [];
  const gone = new Set(read.notes.keys());
  for (const object of eachOf(collection)) {
    const now = seenOf(object);
    const { id } = now.note;
    const before = read.notes.get(id);
    gone.delete(id);
    // One's revision may stand beside another's place, where both were written at once.
    const isSame =
      before !== undefined &&
      isSameChildless({ ...before, childIds: now.note.childIds }, now.note) &&
      read.revisions.get(id) === now.revision;
    if (!isSame) upserted.push(now);
  }
  return { upserted, removed: [...gone] };
}
