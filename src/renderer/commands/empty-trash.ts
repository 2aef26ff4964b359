// Deletes what is in the trash for good, after a question.

import { openOverlay } from "../stores/view-store";
import type { Command } from "./command";

export const emptyTrash: Command = {
  id: "note.empty-trash",
  title: () => "Empty trash…",
  keys: [],
  isEnabled: ({ readOnly, tree }) => !readOnly && tree !== null && tree.trash.length > 0,
  run: () => openOverlay({ kind: "empty-trash" }),
};
