// Shows the settings.

import { openOverlay } from "../stores/view-store";
import { always, type Command } from "./command";

export const settings: Command = {
  id: "app.settings",
  title: () => "Settings…",
  keys: [{ chord: "Mod+,", where: "everywhere" }],
  isEnabled: always,
  run: () => openOverlay({ kind: "settings" }),
};
