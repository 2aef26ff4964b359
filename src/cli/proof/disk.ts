// The disk of one simulated machine: files and folders in memory, what of them would outlive a power cut, and
// faults on order (full, not writable). Every operation is a point to die at; writes may then be torn.

import { isLastPoint, nowMs, point } from "./simulation";

export type FileNode = {
  kind: "file";
  bytes: Buffer;
  /** As last forced to the disk. */
  synced: Buffer;
  changedAtMs: number;
  /** A realm's file: its bytes are made when somebody reads them, and are always on the disk. */
  realm: { readonly toBytes: () => Buffer } | null;
};
type FolderNode = { readonly kind: "folder" };
type Node = FileNode | FolderNode;

export type DiskFaults = {
  /** Bytes that can still be written; null: plenty. */
  roomBytes: number | null;
  /** Below this folder nothing can be written or created. */
  readOnlyBelow: string | null;
};

export type Disk = {
  readonly faults: DiskFaults;
  readonly nodes: Map<string, Node>;
  readonly handles: Map<number, { readonly node: FileNode; readonly path: string; readonly append: boolean }>;
  /** What the folders would hold after a power cut. */
  durable: Map<string, Node>;
  nextHandle: number;
};

const folder: FolderNode = { kind: "folder" };

export function createDisk(): Disk {
  return {
    faults: { roomBytes: null, readOnlyBelow: null },
    nodes: new Map(),
    handles: new Map(),
    durable: new Map(),
    nextHandle: 3,
  };
}

export function failure(code: string, what: string): NodeJS.ErrnoException {
  const words: Record<string, string> = {
    ENOENT: "no such file or directory",
    ENOSPC: "No space left on device",
    EACCES: "permission denied",
    EEXIST: "file already exists",
    EISDIR: "illegal operation on a directory",
    EBADF: "bad file descriptor",
  };
  return Object.assign(new Error(`${code}: ${words[code] ?? code}, ${what}`), { code });
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

function checkWritable(disk: Disk, path: string): void {
  const { readOnlyBelow } = disk.faults;
  if (readOnlyBelow !== null && path.startsWith(readOnlyBelow)) throw failure("EACCES", path);
}

export function fileAt(disk: Disk, path: string): FileNode {
  const node = disk.nodes.get(path);
  if (node === undefined) throw failure("ENOENT", path);
  if (node.kind === "folder") throw failure("EISDIR", path);
  return node;
}

export function bytesOf(node: FileNode): Buffer {
  return node.realm === null ? node.bytes : node.realm.toBytes();
}

export function makeFolder(disk: Disk, path: string): void {
  for (let at = path; at.length > 1 && !disk.nodes.has(at); at = parentOf(at)) {
    checkWritable(disk, at);
    disk.nodes.set(at, folder);
    disk.durable.set(at, folder);
  }
}

/** Names in the folder, without the path. */
export function namesIn(disk: Disk, path: string): string[] {
  if (!disk.nodes.has(path)) throw failure("ENOENT", path);
  const prefix = `${path}/`;
  const names: string[] = [];
  for (const each of disk.nodes.keys()) {
    if (each.startsWith(prefix) && !each.includes("/", prefix.length)) names.push(each.slice(prefix.length));
  }
  return names.sort();
}

export function openFile(disk: Disk, path: string, flags: string): number {
  point(`open ${flags} ${path}`);
  let node = disk.nodes.get(path);
  const writes = flags !== "r";
  if (writes) checkWritable(disk, path);
  if (node === undefined) {
    if (!writes || flags === "r+") throw failure("ENOENT", path);
    node = createFile(disk, path);
  } else if (node.kind === "folder") {
    if (writes) throw failure("EISDIR", path);
    disk.handles.set(disk.nextHandle, { node: folder as unknown as FileNode, path, append: false });
    disk.nextHandle += 1;
    return disk.nextHandle - 1;
  } else if (flags.startsWith("w")) {
    node.bytes = Buffer.alloc(0);
  }
  disk.handles.set(disk.nextHandle, { node, path, append: flags.startsWith("a") });
  disk.nextHandle += 1;
  return disk.nextHandle - 1;
}

function createFile(disk: Disk, path: string): FileNode {
  if (!disk.nodes.has(parentOf(path))) throw failure("ENOENT", path);
  const empty = Buffer.alloc(0);
  const node: FileNode = { kind: "file", bytes: empty, synced: empty, changedAtMs: nowMs(), realm: null };
  disk.nodes.set(path, node);
  return node;
}

export function handleOf(disk: Disk, handle: number) {
  const found = disk.handles.get(handle);
  if (found === undefined) throw failure("EBADF", String(handle));
  return found;
}

/** Appends as much as there is room for, and answers how much that was; throws where there is none at all. */
export function writeTo(disk: Disk, node: FileNode, path: string, data: Buffer): number {
  if (isLastPoint()) append(node, data.subarray(0, data.length >> 1));
  point(`write ${path}`);
  checkWritable(disk, path);
  const { roomBytes } = disk.faults;
  if (roomBytes !== null && roomBytes <= 0) throw failure("ENOSPC", path);
  const written = roomBytes === null ? data.length : Math.min(roomBytes, data.length);
  if (roomBytes !== null) disk.faults.roomBytes = roomBytes - written;
  append(node, data.subarray(0, written));
  return written;
}

function append(node: FileNode, data: Buffer): void {
  node.bytes = node.bytes.length === 0 ? Buffer.from(data) : Buffer.concat([node.bytes, data]);
  node.changedAtMs = nowMs();
}

export function writeWhole(disk: Disk, path: string, data: Buffer): void {
  checkWritable(disk, path);
  const existing = disk.nodes.get(path);
  if (existing?.kind === "folder") throw failure("EISDIR", path);
  const node = existing ?? createFile(disk, path);
  node.bytes = Buffer.alloc(0);
  node.realm = null;
  for (let done = 0; done < data.length; ) done += writeTo(disk, node, path, data.subarray(done));
}

/** By another hand than the simulated processes': no operation of theirs, and on the disk for good. */
export function placeFile(disk: Disk, path: string, bytes: Buffer): void {
  const node: FileNode = { kind: "file", bytes, synced: bytes, changedAtMs: nowMs(), realm: null };
  disk.nodes.set(path, node);
  disk.durable.set(path, node);
}

export function truncate(disk: Disk, handle: number, length: number): void {
  const { node, path } = handleOf(disk, handle);
  point(`truncate ${path}`);
  node.bytes = node.bytes.subarray(0, length);
}

/** Forces a file's content, or a folder's names, to the disk. */
export function sync(disk: Disk, handle: number): void {
  const { node, path } = handleOf(disk, handle);
  point(`fsync ${path}`);
  if ((node.kind as string) === "folder") {
    syncNames(disk, path);
    return;
  }
  node.synced = node.bytes;
  // A file system that forces a new file's content to the disk forces its name there too (ext4, APFS, NTFS do).
  if (disk.nodes.get(path) === node) disk.durable.set(path, node);
}

/** What a folder that was moved here holds came along: it was forced to the disk under its former name. */
function syncNames(disk: Disk, path: string): void {
  const prefix = `${path}/`;
  const childOf = (each: string) => {
    const end = each.indexOf("/", prefix.length);
    return end === -1 ? each : each.slice(0, end);
  };
  const wereThere = new Set<string>();
  for (const each of [...disk.durable.keys()]) {
    if (!each.startsWith(prefix)) continue;
    if (disk.nodes.has(childOf(each))) wereThere.add(childOf(each));
    else disk.durable.delete(each);
  }
  for (const [each, node] of disk.nodes) {
    if (!each.startsWith(prefix)) continue;
    const child = childOf(each);
    if (child === each || !wereThere.has(child)) disk.durable.set(each, node);
  }
}

/** A realm's own file work: durable by itself. */
export function placeRealm(disk: Disk, path: string, realm: FileNode["realm"]): FileNode {
  makeFolder(disk, parentOf(path));
  const node = createFile(disk, path);
  node.realm = realm;
  disk.durable.set(path, node);
  return node;
}

export function rename(disk: Disk, from: string, to: string): void {
  point(`rename ${from} ${to}`);
  checkWritable(disk, to);
  const node = disk.nodes.get(from);
  if (node === undefined) throw failure("ENOENT", from);
  for (const [each, there] of [...disk.nodes]) {
    if (each !== from && !each.startsWith(`${from}/`)) continue;
    disk.nodes.delete(each);
    disk.nodes.set(to + each.slice(from.length), there);
  }
}

export function remove(disk: Disk, path: string, durably = false): void {
  for (const each of [...disk.nodes.keys()]) {
    if (each !== path && !each.startsWith(`${path}/`)) continue;
    disk.nodes.delete(each);
    if (durably) disk.durable.delete(each);
  }
}

/**
 * The machine's power is gone. Names that were not forced to the disk are all there or all as before; content that
 * was not is there in part. `chance` picks, from 0 up to but not including 1.
 */
export function losePower(disk: Disk, chance: () => number): void {
  if (chance() < 0.5) {
    disk.nodes.clear();
    for (const [path, node] of disk.durable) disk.nodes.set(path, node);
  }
  disk.durable = new Map(disk.nodes);
  disk.handles.clear();
  for (const node of disk.nodes.values()) {
    if (node.kind === "folder" || node.realm !== null || node.bytes === node.synced) continue;
    const { bytes, synced } = node;
    const isAppended = bytes.length >= synced.length && bytes.subarray(0, synced.length).equals(synced);
    const kept = isAppended ? synced.length + Math.floor(chance() * (bytes.length - synced.length)) : 0;
    node.bytes = isAppended ? bytes.subarray(0, kept) : synced;
    node.synced = node.bytes;
  }
}
