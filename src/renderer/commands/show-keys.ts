// Shows every key and what it does.

import { openOverlay } from "../stores/view-store";
import { always, type Command } from "./command";

export const showKeys: Command = {
  id: "help.keys",
  title: () => "Keyboard shortcuts",
  keys: [
    { chord: "Mod+/", where: "everywhere" },
    { chord: "F1", where: "everywhere" },
  ],
  isEnabled: always,
  run: () => openOverlay({ kind: "keys" }),
};
