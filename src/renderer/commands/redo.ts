// Does again what was taken back.

import { redo } from "../stores/note-actions";
import type { Command } from "./command";

export const redoCommand: Command = {
  id: "edit.redo",
  title: ({ app }) => (app?.canRedo ? `Redo: ${app.canRedo}` : "Redo"),
  keys: [
    { chord: "Mod+Shift+Z", where: "not-in-text" },
    { chord: "Mod+Y", where: "not-in-text" },
  ],
  isEnabled: ({ app, readOnly }) => !readOnly && app !== null && app.canRedo !== null,
  run: () => redo(),
};
