// `node:fs/promises` as the simulated machines see it. Each operation takes a moment, in which other things happen.

import { bytesOf, fileAt, makeFolder } from "../disk";
import { currentDisk } from "../machines";
import { moment, point } from "../simulation";
import * as fs from "./fs";

type Entry = ReturnType<typeof fs.statSync> & { readonly name: string };

export async function copyFile(from: string, to: string): Promise<void> {
  await moment();
  fs.copyFileSync(from, to);
}

export async function mkdir(path: string, options?: { readonly recursive?: boolean }): Promise<void> {
  await moment();
  fs.mkdirSync(path, options);
}

export async function open(path: string, flags = "r") {
  await moment();
  const handle = fs.openSync(path, flags);
  return {
    fd: handle,
    async sync() {
      await moment();
      fs.fsyncSync(handle);
    },
    async close() {
      await moment();
      fs.closeSync(handle);
    },
    async writeFile(data: string | Uint8Array) {
      await moment();
      fs.writeFileSync(handle, data);
    },
    async stat() {
      await moment();
      return fs.fstatSync(handle);
    },
    async read(into: Uint8Array, offset: number, length: number, position: number) {
      await moment();
      return { bytesRead: fs.readSync(handle, into, offset, length, position) };
    },
  };
}

export async function readFile(path: string, encoding?: BufferEncoding): Promise<string | Buffer> {
  await moment();
  const bytes = bytesOf(fileAt(currentDisk(), path));
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

export async function writeFile(path: string, data: string | Uint8Array): Promise<void> {
  await moment();
  fs.writeFileSync(path, data);
}

export async function appendFile(path: string, data: string): Promise<void> {
  await moment();
  fs.appendFileSync(path, data);
}

export async function rename(from: string, to: string): Promise<void> {
  await moment();
  fs.renameSync(from, to);
}

export async function rm(
  path: string,
  options?: { readonly force?: boolean; readonly recursive?: boolean },
): Promise<void> {
  await moment();
  fs.rmSync(path, options);
}

export async function stat(path: string) {
  await moment();
  return fs.statSync(path);
}

export async function statfs(path: string) {
  await moment();
  return fs.statfsSync(path);
}

export async function readdir(path: string): Promise<string[]>;
export async function readdir(path: string, options: { readonly withFileTypes: true }): Promise<Entry[]>;
export async function readdir(
  path: string,
  options?: { readonly withFileTypes: true },
): Promise<string[] | Entry[]> {
  await moment();
  const names = fs.readdirSync(path);
  if (options === undefined) return names;
  return names.map((name) => ({ ...fs.statSync(`${path}/${name}`), name }));
}

export async function mkdtemp(prefix: string): Promise<string> {
  await moment();
  const path = `${prefix}${currentDisk().nextHandle}`;
  point(`mkdir ${path}`);
  makeFolder(currentDisk(), path);
  return path;
}
