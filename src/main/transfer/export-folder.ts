// The tree of notes as a folder of Markdown files: each note a file, its children in a folder of the same name. What a
// copy holds that is no note's text and that this version has no field for is a JSON file beside them.

import { access, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Note, type NoteId, titleOf } from "../../shared/note";
import { buildTree, flattenTree, recoveredPlace } from "../../shared/tree";
import type { Leftovers } from "../realm/leftovers";

/** Answers the file of each note below `folder`. Existing files of the same name are never overwritten. */
export async function exportNotes(
  notes: ReadonlyMap<NoteId, Note>,
  rootId: NoteId,
  folder: string,
): Promise<ReadonlyMap<NoteId, string>> {
  const tree = buildTree(notes.values(), rootId);
  const everything = new Set<string>([...notes.keys(), recoveredPlace]);
  const written = new Map<NoteId, string>();
  for (const section of ["notes", "trash"] as const) {
    const folders: string[] = [section === "trash" ? join(folder, "Trash") : folder];
    for (const line of flattenTree(tree, everything, section)) {
      const parent = folders[line.level - 1] ?? folder;
      const title = line.kind === "recovered" ? "Recovered notes" : titleOf(notes.get(line.id)?.text ?? "");
      const name = await freeNameIn(parent, fileNameFor(title));
      if (line.kind === "note") {
        await mkdir(parent, { recursive: true });
        const file = join(parent, `${name}.md`);
        await writeFile(file, notes.get(line.id)?.text ?? "", { flag: "wx" });
        written.set(line.id, relative(folder, file));
      }
      folders[line.level] = join(parent, name);
    }
  }
  return written;
}

const restName = "Fields without a place";

/** Word for word, each note's under its id, with its title and file. Answers the file's name. */
export async function exportLeftovers(
  { fields, objects }: Leftovers,
  notes: ReadonlyMap<NoteId, Note>,
  files: ReadonlyMap<NoteId, string>,
  folder: string,
): Promise<string> {
  const told = {
    what: "What another version of Perennial keeps in these notes and this one has no place for, word for word.",
    notes: Object.entries(fields).map(([id, values]) => ({
      id,
      title: titleOf(notes.get(id as NoteId)?.text ?? ""),
      file: files.get(id as NoteId) ?? null,
      fields: values,
    })),
    others: objects,
  };
  await mkdir(folder, { recursive: true });
  const name = `${await freeNameIn(folder, restName, "json")}.json`;
  await writeFile(join(folder, name), `${JSON.stringify(told, null, 1)}\n`, { flag: "wx" });
  return name;
}

function fileNameFor(title: string): string {
  const clean = [...title]
    .filter((character) => character >= " " && !'<>:"/\\|?*'.includes(character))
    .join("");
  return clean.replace(/[. ]+$/, "").slice(0, 80) || "Untitled";
}

async function freeNameIn(folder: string, name: string, ending = "md"): Promise<string> {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name} (${number})`;
    try {
      await access(join(folder, `${candidate}.${ending}`));
    } catch {
      return candidate;
    }
  }
}
