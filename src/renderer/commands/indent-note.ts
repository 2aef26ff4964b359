// Puts the note in hand under the sibling above it.

import { indentNote } from "../stores/note-actions";
import { type Command, canChangeNote } from "./command";

export const indentNoteCommand: Command = {
  id: "note.indent",
  title: () => "Indent",
  keys: [
    { chord: "Alt+Shift+Right", where: "tree" },
    { chord: "Mod+Shift+Right", where: "tree" },
  ],
  isEnabled: canChangeNote,
  run: async ({ noteId }) => {
    if (noteId !== null) await indentNote(noteId);
  },
};
