// Takes the note in hand out of its parent, to stand right after it.

import { outdentNote } from "../stores/note-actions";
import { type Command, canChangeNote } from "./command";

export const outdentNoteCommand: Command = {
  id: "note.outdent",
  title: () => "Outdent",
  keys: [
    { chord: "Alt+Shift+Left", where: "tree" },
    { chord: "Mod+Shift+Left", where: "tree" },
  ],
  isEnabled: (state) =>
    canChangeNote(state) &&
    state.noteId !== null &&
    state.tree?.parents.get(state.noteId) !== state.tree?.rootId,
  run: async ({ noteId }) => {
    if (noteId !== null) await outdentNote(noteId);
  },
};
