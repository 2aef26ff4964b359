// Takes the note in hand out of the trash, to where it was.

import { restoreNote } from "../stores/note-actions";
import type { Command } from "./command";

export const restoreNoteCommand: Command = {
  id: "note.restore",
  title: () => "Restore from trash",
  keys: [{ chord: "Mod+Shift+R", where: "tree" }],
  isEnabled: ({ readOnly, tree, noteId }) =>
    !readOnly && noteId !== null && tree?.trashed.has(noteId) === true,
  run: async ({ noteId }) => {
    if (noteId !== null) await restoreNote(noteId);
  },
};
