// The notes of the recovery benchmark and what is done to them offline. The same sizes and the same seed make the
// same texts and the same edits, whoever plays them.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HeadlessClient } from "../../src/cli/scenario/headless-client";
import { seededChance } from "../../src/cli/scenario/random";
import type { NoteId } from "../../src/shared/note";

const notesPerFolder = 50;
const foldersPerFolder = 20;

/** Writes a tree of Markdown files whose import makes `notes` notes, the folders' own included. */
export async function writeGarden(folder: string, notes: number): Promise<void> {
  const folders = Math.ceil(notes / (notesPerFolder + 1));
  const paths: string[] = [];
  for (let index = 0; index < folders; index += 1) {
    const parent = index === 0 ? undefined : paths[Math.floor((index - 1) / foldersPerFolder)];
    paths.push(parent === undefined ? folder : join(parent, `bed ${index}`));
  }
  const files = notes - folders;
  for (const [index, path] of paths.entries()) {
    await mkdir(path, { recursive: true });
    for (let file = index; file < files; file += folders) {
      await writeFile(join(path, `${file}.md`), textOf(file));
    }
  }
}

function textOf(number: number): string {
  const lines = Array.from(
    { length: 6 },
    (_, line) => `Line ${line} of it: what grows here is number ${number * 7 + line}.`,
  );
  return `# Plant ${number}\n\n${lines.join("\n")}\n`;
}

export type OfflineEdits = { readonly changed: number; readonly tokens: readonly string[] };

/** Changes `edits` notes: most get a line, some are moved, some are new, a few go into the trash. */
export async function editOffline(
  client: HeadlessClient,
  edits: number,
  seed: number,
): Promise<OfflineEdits> {
  const chance = seededChance(seed);
  const { rows, rootId } = await client.ask("notes:all", undefined);
  const ids = rows
    .filter(({ id }) => id !== rootId)
    .sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : a.orderKey < b.orderKey ? -1 : 1))
    .map(({ id }) => id);
  const tokens: string[] = [];
  const picked = new Set<NoteId>();
  for (let done = 0; done < edits; done += 1) {
    const id = chance.pick(ids);
    const share = chance.next();
    const token = `token-${seed}-${done}`;
    if (share < 0.85 && !picked.has(id)) {
      picked.add(id);
      const note = await client.ask("notes:read", { id });
      const lines = note.text.split("\n");
      lines.splice(chance.below(lines.length - 1) + 1, 0, token);
      await client.ask("notes:edit", { id, text: lines.join("\n"), base: note.text });
      tokens.push(token);
    } else if (share < 0.95) {
      const parentId = chance.pick(ids);
      await client.ask("notes:create", { target: { parentId, afterId: null }, text: `# ${token}\n` });
      tokens.push(token);
    } else {
      const parentId = chance.pick(ids);
      // A move into itself is refused, as it should be.
      await client.ask("notes:move", { id, target: { parentId, afterId: null } }).catch(() => undefined);
    }
  }
  return { changed: edits, tokens };
}
