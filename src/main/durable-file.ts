// Files that are either wholly the old or wholly the new content after a crash: write beside, fsync, rename,
// fsync the folder. Also reading them back, where 'not there' is an expected answer.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

/** Throws what the file system throws (ENOSPC, EACCES, ...); the old content is then still in place. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.new`;
  const handle = openSync(beside, "w", 0o600);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(beside, file);
  fsyncFolder(dirname(file));
}

/** As `writeDurably`, but what a power cut leaves of it is open: for what is written again and again. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.new`;
  writeFileSync(beside, content, { mode: 0o600 });
  renameSync(beside, file);
}

/** Within one file system. Throws what the file system throws, and then nothing has moved. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  fsyncFolder(dirname(from));
  fsyncFolder(dirname(to));
}

export function removeDurably(file: string): void {
  rmSync(file, { force: true });
  fsyncFolder(dirname(file));
}

/** Makes renames and removals in the folder last; where folders cannot be opened (Windows) it does nothing. */
export function fsyncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export type ReadJson =
  | { readonly kind: "ok"; readonly value: unknown }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly message: string };

/** `open` makes the text's bytes of the file's, and throws where it cannot. */
export function readJson(file: string, open: (bytes: Buffer) => Buffer = (bytes) => bytes): ReadJson {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "absent" };
    return { kind: "unreadable", message: (error as Error).message };
  }
  try {
    return { kind: "ok", value: JSON.parse(open(bytes).toString("utf8")) };
  } catch (error) {
    return { kind: "unreadable", message: `${file}: ${(error as Error).message}` };
  }
}

/** A file that others have written, aside. Throws what the file system throws. */
export async function fsyncFile(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
