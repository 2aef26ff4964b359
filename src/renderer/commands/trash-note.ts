// Moves the selected notes to the trash; from there they can be restored.

import { trashNotes } from "../stores/note-actions";
import { type Command, canChangeNote } from "./command";

export const trashNoteCommand: Command = {
  id: "note.trash",
  title: ({ noteIds }) => (noteIds.length > 1 ? `Move ${noteIds.length} notes to trash` : "Move to trash"),
  keys: [
    { chord: "Delete", where: "tree" },
    { chord: "Mod+Backspace", where: "tree" },
  ],
  isEnabled: (state) => canChangeNote(state) && !state.noteIds.some((id) => state.tree?.trashed.has(id)),
  run: ({ noteIds }) => trashNotes(noteIds),
};
