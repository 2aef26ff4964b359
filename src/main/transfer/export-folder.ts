// The tree of notes as a folder of Markdown files: each note a file, its children in a folder of the same name. What a
// copy holds that is no note's text and that this version has no field for is a JSON file beside them.

import { access, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Note, type NoteId, titleOf } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import { flattenTree, recoveredPlace } from "../../shared/tree-lines";
import type { Leftovers } from "../realm/leftovers";

/** No path of a folder gets longer, in bytes: with a file's name it stays below what systems allow (macOS: 1,024). */
const longestFolder = 700;
const deeperName = "Deeper notes";

/**
 * Answers the file of each note below `folder`. Existing files of the same name are never overwritten. What lies deeper
 * than folders can is in a folder at the top, with a list of where it belongs.
 */
export async function exportNotes(
  notes: ReadonlyMap<NoteId, Note>,
  rootId: NoteId,
  folder: string,
): Promise<ReadonlyMap<NoteId, string>> {
  const tree = buildTree(notes.values(), rootId);
  const everything = new Set<string>([...notes.keys(), recoveredPlace]);
  const written = new Map<NoteId, string>();
  const deeper: string[] = [];
  let deeperFolder: string | null = null;

  async function folderUnder(parent: string, name: string): Promise<string> {
    const usual = join(parent, name);
    if (Buffer.byteLength(usual) <= longestFolder) return usual;
    deeperFolder ??= join(folder, await freeNameIn(folder, deeperName, ""));
    const instead = `${deeper.length + 1} ${name}`;
    deeper.push(`- \`${instead}\` belongs under \`${relative(folder, usual)}.md\``);
    return join(deeperFolder, instead);
  }

  for (const section of ["notes", "trash"] as const) {
    const folders: string[] = [section === "trash" ? join(folder, "Trash") : folder];
    /** Of the folder of each level: how often a name was given in it. */
    const given: Map<string, number>[] = [new Map()];
    for (const line of flattenTree(tree, everything, section)) {
      const above = line.level - 1;
      const parent = folders[above] ?? folder;
      const title = line.kind === "recovered" ? "Recovered notes" : titleOf(notes.get(line.id)?.text ?? "");
      const name = await nextNameIn(parent, fileNameFor(title), given[above] ?? new Map());
      if (line.kind === "note") {
        await mkdir(parent, { recursive: true });
        const file = join(parent, `${name}.md`);
        await writeFile(file, notes.get(line.id)?.text ?? "", { flag: "wx" });
        written.set(line.id, relative(folder, file));
      }
      if (line.childCount > 0) folders[line.level] = await folderUnder(parent, name);
      given[line.level] = new Map();
    }
  }
  const root = notes.get(rootId);
  // The app never shows it, but another one may have written into it.
  if (root !== undefined && !["", "Notes"].includes(root.text.trim())) {
    await mkdir(folder, { recursive: true });
    const name = `${await freeNameIn(folder, fileNameFor(titleOf(root.text)), ".md")}.md`;
    await writeFile(join(folder, name), root.text, { flag: "wx" });
    written.set(rootId, name);
  }
  if (deeperFolder !== null) {
    const list = `# ${deeperName}\n\nThese lie deeper than folders can.\n\n${deeper.join("\n")}\n`;
    await writeFile(join(deeperFolder, "Where they belong.md"), list, { flag: "wx" });
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
  const name = `${await freeNameIn(folder, restName, ".json")}.json`;
  await writeFile(join(folder, name), `${JSON.stringify(told, null, 1)}\n`, { flag: "wx" });
  return name;
}

function fileNameFor(title: string): string {
  const clean = [...title]
    .filter((character) => character >= " " && !'<>:"/\\|?*'.includes(character))
    .join("");
  return clean.replace(/[. ]+$/, "").slice(0, 80) || "Untitled";
}

/** As `freeNameIn`, without asking the disk again for every one of many that are called the same. */
async function nextNameIn(folder: string, name: string, given: Map<string, number>): Promise<string> {
  const free = await freeNameIn(folder, name, ".md", (given.get(name) ?? 0) + 1);
  given.set(name, (given.get(name) ?? 0) + 1);
  return free;
}

async function freeNameIn(folder: string, name: string, ending: string, from = 1): Promise<string> {
  for (let number = from; ; number += 1) {
    const candidate = number === 1 ? name : `${name} (${number})`;
    try {
      await access(join(folder, `${candidate}${ending}`));
    } catch {
      return candidate;
    }
  }
}
