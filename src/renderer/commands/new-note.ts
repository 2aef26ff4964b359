// Makes a note right after the one in hand.

import { createNote } from "../stores/note-actions";
import { targetAfter } from "../tree/places";
import type { Command } from "./command";

export const newNote: Command = {
  id: "note.new",
  title: () => "New note",
  keys: [{ chord: "Mod+N", where: "everywhere" }],
  isEnabled: ({ readOnly, tree }) => !readOnly && tree !== null,
  run: async ({ tree, noteId }) => {
    const target = tree === null ? null : targetAfter(tree, noteId);
    if (target !== null) await createNote(target);
  },
};
