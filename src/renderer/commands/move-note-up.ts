// Moves the note in hand one place up among its siblings.

import { moveNote } from "../stores/note-actions";
import { targetBeside } from "../tree/places";
import { type Command, type CommandState, canChangeNote } from "./command";

export const moveNoteUp: Command = {
  id: "note.move-up",
  title: () => "Move up",
  keys: [{ chord: "Mod+Shift+Up", where: "tree" }],
  isEnabled: (state) => canChangeNote(state) && beside(state) !== null,
  run: async (state) => {
    const target = beside(state);
    if (state.noteId !== null && target !== null) await moveNote(state.noteId, target);
  },
};

function beside({ tree, noteId }: CommandState) {
  return tree === null || noteId === null ? null : targetBeside(tree, noteId, -1);
}
