// Opens the search through the text of all notes.

import { openOverlay } from "../stores/view-store";
import type { Command } from "./command";

export const searchNotes: Command = {
  id: "edit.search",
  title: () => "Search all notes",
  keys: [
    { chord: "Mod+F", where: "everywhere" },
    { chord: "Mod+Shift+F", where: "everywhere" },
  ],
  isEnabled: ({ tree }) => tree !== null,
  run: () => openOverlay({ kind: "search" }),
};
