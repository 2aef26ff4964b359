// What the server had, by a file that a recovery had downloaded and was writing to: the file's notes without what this
// device wrote into it. So what only the server had at that time is told from what recovery brought. Pure.

import { mergeText } from "../merge-text";
import type { Note, NoteId, NotesById } from "../note";
import type { NoteChange } from "../note-change";
import { samePlace } from "./field-decisions";

export type ServerAsLeft = {
  readonly notes: NotesById;
  /** Notes that this device had written to: what revision they had before is not known. */
  readonly written: ReadonlySet<NoteId>;
};

/** `changes`: all of this device's in that file, oldest first. What others wrote on top of them stays. */
export function serverAsLeft(notes: NotesById, changes: readonly NoteChange[]): ServerAsLeft {
  const before = new Map<NoteId, Note>(notes);
  const written = new Set<NoteId>();
  for (const change of changes.toReversed()) {
    const id = change.kind === "create" ? change.note.id : change.id;
    written.add(id);
    const note = before.get(id);
    if (note === undefined) continue;
    const undone = undo(note, change);
    if (undone === null) before.delete(id);
    else before.set(id, undone);
  }
  return { notes: before, written };
}

/** Null: it was not there. */
function undo(note: Note, change: NoteChange): Note | null {
  switch (change.kind) {
    case "create":
      return note.text === change.note.text ? null : note;
    case "text": {
      const merged = mergeText(change.after, change.before, note.text);
      return merged.kind === "merged" ? { ...note, text: merged.text } : note;
    }
    case "place":
      return samePlace(note, change.after) ? { ...note, ...change.before } : note;
    case "deleted":
      return note.deletedAtMs === change.after ? { ...note, deletedAtMs: change.before } : note;
  }
}
