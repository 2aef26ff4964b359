// Makes a note under the one in hand, as its last.

import { createNote } from "../stores/note-actions";
import { targetInside } from "../tree/places";
import { type Command, canChangeNote } from "./command";

export const newChildNote: Command = {
  id: "note.new-child",
  title: () => "New note inside",
  keys: [{ chord: "Mod+Shift+N", where: "everywhere" }],
  isEnabled: canChangeNote,
  run: async ({ tree, noteId }) => {
    if (tree !== null && noteId !== null) await createNote(targetInside(tree, noteId));
  },
};
