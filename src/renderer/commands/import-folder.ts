// Makes notes from a folder of Markdown files, folders becoming notes with notes inside.

import type { Imported } from "../../shared/ipc-contract";
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
    if (answer.kind === "ok" && answer.value.notes > 0) showToast({ message: importedWords(answer.value) });
  },
};

const filesNamed = 3;

/** What came of an import, and which files are not among the notes. */
export function importedWords({ notes, skipped }: Imported): string {
  const imported = `${plural(notes, "note")} imported.`;
  if (skipped.length === 0) return imported;
  const named = skipped.slice(0, filesNamed).map(({ file, reason }) => `${nameOf(file)} (${reason})`);
  const others = skipped.length > filesNamed ? " and others" : "";
  return `${imported} ${plural(skipped.length, "file was", "files were")} left out: ${named.join(", ")}${others}.`;
}

function nameOf(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}
