// The notes of the fresh copy while a recovery goes on, kept as they come and as they are written, so that they need not
// be read as a whole. What is the same on this device's side is that side's object, and takes no room of its own.

import { isSameChildless, type Note, type NoteId } from "../../shared/note";
import type { NotesRead } from "../realm/note-realm";

export type FollowedNotes = {
  readonly all: NotesRead;
  /** The note as it is now, without its list of children. */
  readonly set: (note: Note, revision: string) => void;
  readonly remove: (id: NoteId) => void;
  /** False where notes are missing, or where only lists of children, which are not followed, tell where one belongs. */
  readonly isWhole: (count: number) => boolean;
};

/** `read` are the notes so far, read with `known`. */
export function followNotes(
  read: { readonly notes: Map<NoteId, Note>; readonly revisions: Map<NoteId, string> },
  known: NotesRead | null,
): FollowedNotes {
  const { notes, revisions } = read;
  return {
    all: read,
    set(note, revision) {
      const mine = known?.notes.get(note.id);
      const kept = mine !== undefined && isSameChildless(mine, note) ? mine : note;
      notes.set(kept.id, kept);
      revisions.set(kept.id, revision);
    },
    remove(id) {
      notes.delete(id);
      revisions.delete(id);
    },
    isWhole(count) {
      if (notes.size !== count) return false;
      for (const { parentId, isRoot } of notes.values()) if (parentId === null && !isRoot) return false;
      return true;
    },
  };
}
