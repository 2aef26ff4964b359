// Tells the version.

import { openOverlay } from "../stores/view-store";
import { always, type Command } from "./command";

export const about: Command = {
  id: "help.about",
  title: () => "About Perennial",
  keys: [],
  isEnabled: always,
  run: () => openOverlay({ kind: "about" }),
};
