// Makes notes from a folder of Markdown files, folders becoming notes with notes inside.

import { plural } from "../design/words";
import { request } from "../stores/bridge";
import { showToast } from "../stores/toast-store";
import type { Command } from "./command";

export const importFolder: Command = {
  id: "file.import",
  title: () => "Import a folder of Markdown…",
  keys: [],
  isEnabled: ({ app, readOnly }) => !readOnly && app?.importing === null,
  run: async () => {
    const answer = await request("notes:import-folder", { folder: null });
    if (answer.kind === "ok" && answer.value > 0)
      showToast({ message: `${plural(answer.value, "note")} imported.` });
  },
};
