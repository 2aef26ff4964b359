// A change of notes as plain data: what the tree operations answer, what the journal keeps, what undo reverses.
// Applying one is the note store's work (and `applyChange` here, for what has no realm).

import type { Note, NoteId, Place } from "./note";

export type NoteChange =
  | { readonly kind: "create"; readonly note: Note }
  | { readonly kind: "text"; readonly id: NoteId; readonly before: string; readonly after: string }
  | { readonly kind: "place"; readonly id: NoteId; readonly before: Place; readonly after: Place }
  | {
      readonly kind: "deleted";
      readonly id: NoteId;
      readonly before: number | null;
      readonly after: number | null;
    };

export function changedId(change: NoteChange): NoteId {
  return change.kind === "create" ? change.note.id : change.id;
}

/** The note as the change leaves it; a note that is not there is left so by all but its creation. */
export function applyChange(note: Note | undefined, change: NoteChange): Note | undefined {
  if (change.kind === "create") return change.note;
  if (note === undefined) return undefined;
  switch (change.kind) {
    case "text":
      return { ...note, text: change.after };
    case "place":
      return { ...note, parentId: change.after.parentId, orderKey: change.after.orderKey };
    case "deleted":
      return { ...note, deletedAtMs: change.after };
  }
}

/** Each in its turn, in `notes` itself. */
export function applyChanges(notes: Map<NoteId, Note>, changes: readonly NoteChange[]): void {
  for (const change of changes) {
    const note = applyChange(notes.get(changedId(change)), change);
    if (note !== undefined) notes.set(note.id, note);
  }
}
