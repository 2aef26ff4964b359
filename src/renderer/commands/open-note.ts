// Opens the note in hand and puts the caret into its text.

import { openNote } from "../stores/navigation";
import type { Command } from "./command";

export const openNoteCommand: Command = {
  id: "note.open",
  title: () => "Open",
  keys: [],
  isEnabled: ({ noteId }) => noteId !== null,
  run: ({ noteId }) => {
    if (noteId !== null) openNote(noteId, { caretIn: "text" });
  },
};
