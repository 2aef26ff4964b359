// Takes back the last change of the notes. Inside a text its own undo comes first.

import { undo } from "../stores/note-actions";
import type { Command } from "./command";

export const undoCommand: Command = {
  id: "edit.undo",
  title: ({ app }) => (app?.canUndo ? `Undo: ${app.canUndo}` : "Undo"),
  keys: [{ chord: "Mod+Z", where: "not-in-text" }],
  isEnabled: ({ app, readOnly }) => !readOnly && app !== null && app.canUndo !== null,
  run: () => undo(),
};
