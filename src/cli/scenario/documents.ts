// Real documents to take notes from: the Markdown files of the installed packages, copied into a folder tree of
// their own. Where a scenario wants more notes than there are documents, they are used again under other names.

import { copyFile, mkdir, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** Copies until an import of `target` makes `notes` notes (files and folders both become notes). Answers how many files. */
export async function gatherDocuments(source: string, target: string, notes: number): Promise<number> {
  const files = await markdownFiles(source);
  if (files.length === 0) throw new Error(`there are no Markdown files below ${source}`);
  let made = 1;
  let copied = 0;
  const folders = new Set<string>();
  for (let round = 0; made < notes; round += 1) {
    for (const file of files) {
      const path = round === 0 ? relative(source, file) : join(`again ${round}`, relative(source, file));
      const newFolders = foldersOf(path).filter((folder) => !folders.has(folder));
      if (made + newFolders.length + 1 > notes) {
        if (made + 1 > notes) return copied;
        // No room for its folders any more: it goes beside the others at the top.
        await copyTo(file, join(target, `${copied}.md`));
      } else {
        for (const folder of newFolders) folders.add(folder);
        made += newFolders.length;
        await copyTo(file, join(target, path));
      }
      made += 1;
      copied += 1;
      if (made >= notes) return copied;
    }
  }
  return copied;
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.push(folder);
  return folders;
}

async function copyTo(file: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(file, target);
}

async function markdownFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) found.push(...(await markdownFiles(path)));
    else if (entry.isFile() && /\.md$/i.test(entry.name)) found.push(path);
  }
  return found;
}
