// Writes all notes into a folder as Markdown files.

import { plural } from "../design/words";
import { flushEdits } from "../editor/editing-store";
import { request } from "../stores/bridge";
import { showToast } from "../stores/toast-store";
import type { Command } from "./command";

export const exportNotes: Command = {
  id: "file.export",
  title: () => "Export as Markdown…",
  keys: [],
  isEnabled: ({ tree }) => tree !== null,
  run: async () => {
    await flushEdits();
    const answer = await request("notes:export", { folder: null });
    if (answer.kind === "ok" && answer.value > 0)
      showToast({ message: `${plural(answer.value, "note")} exported.` });
  },
};
