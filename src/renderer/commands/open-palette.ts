// Opens the palette: every command and every title.

import { openOverlay } from "../stores/view-store";
import { always, type Command } from "./command";

export const openPalette: Command = {
  id: "view.palette",
  title: () => "Go to note or command",
  keys: [
    { chord: "Mod+K", where: "everywhere" },
    { chord: "Mod+P", where: "everywhere" },
  ],
  isEnabled: always,
  run: () => openOverlay({ kind: "palette" }),
};
