// Puts the caret into the text of the open note.

import { openNote } from "../stores/navigation";
import type { Command } from "./command";

export const focusEditor: Command = {
  id: "view.focus-editor",
  title: () => "Go to the text",
  keys: [{ chord: "Mod+2", where: "everywhere" }],
  isEnabled: ({ view }) => view.openId !== null,
  run: ({ view }) => {
    if (view.openId !== null) openNote(view.openId, { caretIn: "text" });
  },
};
