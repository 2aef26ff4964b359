// `node:fs` as the simulated machines see it: the disk of whoever is running. Only what src/main uses in a run; a call
// of anything else throws, and fails the run.

import {
  bytesOf,
  type Disk,
  failure,
  fileAt,
  handleOf,
  makeFolder,
  namesIn,
  openFile,
  parentOf,
  remove,
  rename,
  sync,
  truncate,
  writeTo,
  writeWhole,
} from "../disk";
import { currentDisk } from "../machines";
import { moment, point } from "../simulation";

type Data = string | Uint8Array;
type Encoding = BufferEncoding | { readonly encoding?: BufferEncoding; readonly mode?: number } | null;

function toBuffer(data: Data): Buffer {
  return typeof data === "string" ? Buffer.from(data, "utf8") : Buffer.from(data);
}

function encodingOf(options?: Encoding): BufferEncoding | undefined {
  return typeof options === "string" ? options : (options?.encoding ?? undefined);
}

export function existsSync(path: string): boolean {
  return currentDisk().nodes.has(path);
}

export function realpathSync(path: string): string {
  return path;
}

export function mkdirSync(path: string, options?: { readonly recursive?: boolean }): void {
  const disk = currentDisk();
  if (disk.nodes.has(path)) {
    if (options?.recursive) return;
    throw failure("EEXIST", path);
  }
  point(`mkdir ${path}`);
  if (!options?.recursive && !disk.nodes.has(parentOf(path))) throw failure("ENOENT", path);
  makeFolder(disk, path);
}

export function readdirSync(path: string): string[] {
  return namesIn(currentDisk(), path);
}

export function readFileSync(
  path: string,
  options: BufferEncoding | { readonly encoding: BufferEncoding },
): string;
export function readFileSync(path: string): Buffer;
export function readFileSync(path: string, options?: Encoding): string | Buffer {
  const bytes = bytesOf(fileAt(currentDisk(), path));
  const encoding = encodingOf(options);
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

export function statSync(path: string, options?: { readonly throwIfNoEntry?: boolean }) {
  const disk = currentDisk();
  const node = disk.nodes.get(path);
  if (node === undefined) {
    if (options?.throwIfNoEntry === false) return undefined as never;
    throw failure("ENOENT", path);
  }
  const isFile = node.kind === "file";
  return {
    size: isFile ? bytesOf(node).length : 0,
    mtimeMs: isFile ? node.changedAtMs : 0,
    isFile: () => isFile,
    isDirectory: () => !isFile,
  };
}

export function statfsSync(_path: string) {
  return spaceOf(currentDisk());
}

export function spaceOf(disk: Disk) {
  // A disk that is full for a realm is full for its copy: the headroom that the app wants is not in the simulation.
  const { roomBytes } = disk.faults;
  return { bavail: roomBytes === null ? 1e9 : Math.max(0, roomBytes), bsize: 1, blocks: 1e9 };
}

export function openSync(path: string, flags: string, _mode?: number): number {
  return openFile(currentDisk(), path, flags);
}

export function closeSync(handle: number): void {
  currentDisk().handles.delete(handle);
}

export function fsyncSync(handle: number): void {
  sync(currentDisk(), handle);
}

export function fsync(handle: number, done: (error: unknown) => void): void {
  const disk = currentDisk();
  void moment().then(() => {
    try {
      sync(disk, handle);
      done(null);
    } catch (error) {
      done(error);
    }
  });
}

export function fdatasyncSync(handle: number): void {
  sync(currentDisk(), handle);
}

export function ftruncateSync(handle: number, length = 0): void {
  truncate(currentDisk(), handle, length);
}

export function truncateSync(path: string, length = 0): void {
  point(`truncate ${path}`);
  const node = fileAt(currentDisk(), path);
  node.bytes = node.bytes.subarray(0, length);
}

export function writeSync(handle: number, data: Data, offset = 0): number {
  const disk = currentDisk();
  const { node, path } = handleOf(disk, handle);
  return writeTo(disk, node, path, toBuffer(data).subarray(typeof data === "string" ? 0 : offset));
}

export function writeFileSync(target: string | number, data: Data, _options?: unknown): void {
  const disk = currentDisk();
  if (typeof target === "string") {
    writeWhole(disk, target, toBuffer(data));
    return;
  }
  const { node, path } = handleOf(disk, target);
  const bytes = toBuffer(data);
  for (let done = 0; done < bytes.length; ) done += writeTo(disk, node, path, bytes.subarray(done));
}

export function appendFileSync(path: string, data: Data, _options?: unknown): void {
  const handle = openSync(path, "a");
  try {
    if (data.length > 0) writeFileSync(handle, data);
  } finally {
    closeSync(handle);
  }
}

export function fstatSync(handle: number) {
  return { size: handleOf(currentDisk(), handle).node.bytes.length };
}

export function readSync(
  handle: number,
  into: Uint8Array,
  offset = 0,
  length = into.length,
  position: number | null = 0,
): number {
  const { node } = handleOf(currentDisk(), handle);
  return bytesOf(node).copy(into, offset, position ?? 0, (position ?? 0) + length);
}

export function renameSync(from: string, to: string): void {
  rename(currentDisk(), from, to);
}

export function rmSync(
  path: string,
  options?: { readonly force?: boolean; readonly recursive?: boolean },
): void {
  const disk = currentDisk();
  if (!disk.nodes.has(path)) {
    if (options?.force) return;
    throw failure("ENOENT", path);
  }
  point(`remove ${path}`);
  remove(disk, path);
}

export function unlinkSync(path: string): void {
  rmSync(path);
}

export function copyFileSync(from: string, to: string): void {
  const disk = currentDisk();
  writeWhole(disk, to, bytesOf(fileAt(disk, from)));
}

export async function* createReadStream(path: string): AsyncGenerator<Buffer> {
  yield bytesOf(fileAt(currentDisk(), path));
}

export const constants = { COPYFILE_EXCL: 1, COPYFILE_FICLONE: 2 };
