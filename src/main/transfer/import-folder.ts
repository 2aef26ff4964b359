// A folder of Markdown files becomes a tree of notes: folders become notes, files their children. Reads the disk;
// what the notes are and where they go is worked out before anything is written, then committed in small batches.

import { randomUUID } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { NoteId } from "../../shared/note";
import { changedId, type NoteChange } from "../../shared/note-change";
import { keysBetween } from "../../shared/order-key";

export type ImportPlan = {
  readonly changes: readonly NoteChange[];
  /** Files that were left out, each with the reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
};

type Found = { readonly title: string; readonly text: string; readonly children: readonly Found[] };

const endings = new Set([".md", ".markdown", ".txt"]);
const maxFileBytes = 2_000_000;
const batchCharacters = 128 * 1024;
const batchNotes = 100;

/** As a file manager lists them: 2 before 10. */
const asListed = new Intl.Collator("en", { numeric: true, sensitivity: "variant" });

export type ImportOptions = {
  /** Stops after so many files; without it, all. */
  readonly maxFiles?: number;
  readonly atMs: number;
};

/** Plans the import of `folder` under `parentId`, after the sibling whose order key is `afterKey`. */
export async function planImport(
  folder: string,
  parentId: NoteId,
  afterKey: string | null,
  options: ImportOptions,
): Promise<ImportPlan> {
  const skipped: { file: string; reason: string }[] = [];
  let filesLeft = options.maxFiles ?? Number.POSITIVE_INFINITY;

  async function readFolder(path: string): Promise<Found[]> {
    const entries = (await readdir(path, { withFileTypes: true })).sort((a, b) =>
      asListed.compare(a.name, b.name),
    );
    const found: Found[] = [];
    for (const entry of entries) {
      if (filesLeft <= 0) break;
      if (entry.name.startsWith(".")) continue;
      const at = join(path, entry.name);
      if (entry.isDirectory()) {
        const children = await readFolder(at);
        if (children.length > 0) found.push({ title: entry.name, text: `# ${entry.name}\n`, children });
      } else if (entry.isFile() && endings.has(extname(entry.name).toLowerCase())) {
        const file = await readNoteFile(at);
        if (file === null) continue;
        filesLeft -= 1;
        found.push(file);
      }
    }
    return found;
  }

  async function readNoteFile(at: string): Promise<Found | null> {
    const { size } = await stat(at);
    if (size > maxFileBytes) {
      skipped.push({ file: at, reason: "larger than 2 MB" });
      return null;
    }
    const bytes = await readFile(at);
    if (bytes.includes(0)) {
      skipped.push({ file: at, reason: "not a text file" });
      return null;
    }
    const title = basename(at, extname(at));
    const text = bytes
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .replaceAll("\r\n", "\n");
    return { title, text: /^\s*#/.test(text) ? text : `# ${title}\n\n${text}`, children: [] };
  }

  const top: Found = {
    title: basename(folder),
    text: `# ${basename(folder)}\n`,
    children: await readFolder(folder),
  };
  return {
    changes: top.children.length === 0 ? [] : asChanges([top], parentId, afterKey, options.atMs),
    skipped,
  };
}

/** Parents come before their children, so that every prefix of the list is a tree. */
function asChanges(
  tops: readonly Found[],
  parentId: NoteId,
  afterKey: string | null,
  atMs: number,
): NoteChange[] {
  const changes: NoteChange[] = [];
  const waiting = [{ siblings: tops, parentId, afterKey }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const keys = keysBetween(next.afterKey, null, next.siblings.length);
    next.siblings.forEach((found, index) => {
      const id = randomUUID() as NoteId;
      changes.push({
        kind: "create",
        note: {
          id,
          text: found.text,
          isRoot: false,
          parentId: next.parentId,
          orderKey: keys[index] ?? "",
          childIds: [],
          deletedAtMs: null,
          lastUpdatedMs: atMs,
        },
      });
      if (found.children.length > 0) waiting.push({ siblings: found.children, parentId: id, afterKey: null });
    });
  }
  return changes;
}

/**
 * Small transactions, so that uploads stay small and the window stays usable in between. What is changed of one note, one
 * change after the other, is in one of them: whoever dies in between leaves no note half changed.
 */
export async function commitInBatches(
  changes: readonly NoteChange[],
  commit: (changes: readonly NoteChange[]) => void,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let done = 0;
  while (done < changes.length) {
    const batch: NoteChange[] = [];
    let characters = 0;
    for (let next = changes[done]; next !== undefined; next = changes[done + batch.length]) {
      const last = batch.at(-1);
      const isSameNote = last !== undefined && changedId(last) === changedId(next);
      if ((batch.length >= batchNotes || characters >= batchCharacters) && !isSameNote) break;
      if (next.kind === "create") characters += next.note.text.length;
      if (next.kind === "text") characters += next.after.length;
      batch.push(next);
    }
    commit(batch);
    done += batch.length;
    onProgress(done, changes.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
