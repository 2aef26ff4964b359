// Asks for the place the selected notes should go to: the way to move without dragging.

import { openOverlay } from "../stores/view-store";
import { type Command, canChangeNote } from "./command";

export const moveNoteTo: Command = {
  id: "note.move-to",
  title: () => "Move to…",
  keys: [{ chord: "Mod+Shift+M", where: "everywhere" }],
  isEnabled: canChangeNote,
  run: ({ noteIds }) => openOverlay({ kind: "move-to", ids: noteIds }),
};
