// Edits the title of the note in hand, in its line of the tree.

import { revealNote } from "../stores/navigation";
import { setView } from "../stores/view-store";
import { type Command, canChangeNote } from "./command";

export const renameNoteCommand: Command = {
  id: "note.rename",
  title: () => "Rename",
  keys: [{ chord: "F2", where: "everywhere" }],
  isEnabled: canChangeNote,
  run: ({ noteId }) => {
    if (noteId === null) return;
    revealNote(noteId);
    setView({ renamingId: noteId, sidebarShown: true });
  },
};
