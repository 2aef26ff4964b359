// The tree of notes as a folder of Markdown files: each note a file, its children in a folder of the same name.

import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Note, type NoteId, titleOf } from "../../shared/note";
import { buildTree, flattenTree, recoveredPlace } from "../../shared/tree";

/** Answers how many files were written. Existing files of the same name are never overwritten. */
export async function exportNotes(
  notes: ReadonlyMap<NoteId, Note>,
  rootId: NoteId,
  folder: string,
): Promise<number> {
  const tree = buildTree(notes.values(), rootId);
  const everything = new Set<string>([...notes.keys(), recoveredPlace]);
  let written = 0;
  for (const section of ["notes", "trash"] as const) {
    const folders: string[] = [section === "trash" ? join(folder, "Trash") : folder];
    for (const line of flattenTree(tree, everything, section)) {
      const parent = folders[line.level - 1] ?? folder;
      const title = line.kind === "recovered" ? "Recovered notes" : titleOf(notes.get(line.id)?.text ?? "");
      const name = await freeNameIn(parent, fileNameFor(title));
      if (line.kind === "note") {
        await mkdir(parent, { recursive: true });
        await writeFile(join(parent, `${name}.md`), notes.get(line.id)?.text ?? "", { flag: "wx" });
        written += 1;
      }
      folders[line.level] = join(parent, name);
    }
  }
  return written;
}

function fileNameFor(title: string): string {
  const clean = [...title]
    .filter((character) => character >= " " && !'<>:"/\\|?*'.includes(character))
    .join("");
  return clean.replace(/[. ]+$/, "").slice(0, 80) || "Untitled";
}

async function freeNameIn(folder: string, name: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} (${number})`;
    try {
      await access(join(folder, `${candidate}.md`));
    } catch {
      return candidate;
    }
  }
}
