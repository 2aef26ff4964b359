// The notes of a realm file as they were read, in a file that is read many times as fast as the realm: what is shown
// first after the restart of a reset. It is no copy and no source of truth: it says of which bytes of the realm file
// it was read, and whoever uses it must hold exactly these. A file that is damaged, cut off, of another key or another
// version is told from a whole one; none is ever mended.
//
// Frames of a length (4 bytes, little endian), the SHA-256 of the content (32 bytes) and the content, sealed where the folder is.
// Each frame but the last holds a part of the notes; the last tells what all are of, how many, and the hash of their
// hashes, so that none is missing or in another's place.

import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import { z } from "zod";
import type { Note, NoteId } from "../../shared/note";
import type { NotesPart } from "../realm/note-parts";
import type { Sealing } from "../sealed-file";

const aboutSchema = z.strictObject({
  userId: z.string(),
  generation: z.string(),
  /** Of the realm file at the time when its notes were read. */
  realmSha256: z.string(),
});
export type AboutNotes = z.infer<typeof aboutSchema>;

const lastFrameSchema = z.strictObject({
  version: z.literal(1),
  about: aboutSchema,
  notes: z.number(),
  sha256: z.string(),
});

export type NotesAsRead =
  | {
      readonly kind: "ok";
      readonly about: AboutNotes;
      readonly notes: Map<NoteId, Note>;
      readonly revisions: Map<NoteId, string>;
    }
  | { readonly kind: "unusable"; readonly message: string };

/** Field by field: so V8 reads them back in a third of the time that objects take. */
type Columns = {
  readonly id: readonly NoteId[];
  readonly text: readonly string[];
  readonly isRoot: readonly boolean[];
  readonly parentId: readonly (NoteId | null)[];
  readonly orderKey: readonly string[];
  readonly deletedAtMs: readonly (number | null)[];
  readonly lastUpdatedMs: readonly (number | null)[];
  readonly revision: readonly string[];
  readonly lists: NotesPart["lists"];
};

const headBytes = 4 + 32;
/** No frame of ours is so large; a length beyond it is damage. */
const largestFrameBytes = 1024 * 1024 * 1024;

/**
 * Writes beside `file` first, in turns of the event loop; `finish` answers what the notes are of once the last was
 * written, or null: they are of nothing that could be told, and no file is left. The file is forced to the disk here,
 * or the copy that is made after the restart would have to wait for it. Throws what the file system and `parts` throw,
 * and leaves no file.
 */
export async function writeNotesAsRead(
  file: string,
  parts: Iterable<NotesPart>,
  sealing: Sealing,
  finish: () => Promise<AboutNotes | null>,
): Promise<boolean> {
  const beside = `${file}.new`;
  const handle = await open(beside, "w", 0o600);
  let isDone = false;
  try {
    const hash = createHash("sha256");
    let notes = 0;
    for (const part of parts) {
      await writeFrame(handle, sealing.seal(serialize(columnsOf(part))), hash);
      notes += part.notes.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const about = await finish();
    if (about === null) return false;
    const last = { version: 1, about, notes, sha256: hash.digest("hex") };
    await writeFrame(handle, sealing.seal(serialize(last)), null);
    await handle.sync();
    isDone = true;
  } finally {
    await handle.close();
    if (!isDone) await rm(beside, { force: true });
  }
  await rename(beside, file);
  return true;
}

type Hash = ReturnType<typeof createHash>;

async function writeFrame(
  handle: FileHandle,
  sealed: string | Uint8Array,
  hashes: Hash | null,
): Promise<void> {
  const content = Buffer.from(sealed);
  const sha256 = createHash("sha256").update(content).digest();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  await handle.writeFile(Buffer.concat([length, sha256, content]));
  hashes?.update(sha256);
}

/** Total: whatever the bytes. In turns of the event loop. */
export async function readNotesAsRead(file: string, sealing: Sealing): Promise<NotesAsRead> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, "r");
    return await readFrames(handle, sealing);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return unusable(code === "ENOENT" ? "there is none" : message);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

async function readFrames(handle: FileHandle, sealing: Sealing): Promise<NotesAsRead> {
  const notes = new Map<NoteId, Note>();
  const revisions = new Map<NoteId, string>();
  const hash = createHash("sha256");
  const { size } = await handle.stat();
  const bytesAt = createWindow(handle, size);
  for (let at = 0; ; ) {
    const head = await bytesAt(at, headBytes);
    if (head === null) return unusable("it is cut off");
    const length = head.readUInt32LE(0);
    const sha256 = head.subarray(4);
    const content = length > largestFrameBytes ? null : await bytesAt(at + headBytes, length);
    if (content === null) return unusable("it is cut off");
    if (!createHash("sha256").update(content).digest().equals(sha256)) return unusable("it is damaged");
    const opened = sealing.open(content);
    if (opened.kind === "sealed-shut") return unusable(opened.message);
    at += headBytes + length;
    const value: unknown = deserialize(opened.bytes);
    if (at < size) {
      takePart(value as Columns, notes, revisions);
      hash.update(sha256);
      continue;
    }
    const last = lastFrameSchema.safeParse(value);
    if (!last.success) return unusable("it is cut off, or of another version");
    const isWhole = last.data.sha256 === hash.digest("hex") && last.data.notes === notes.size;
    return isWhole ? { kind: "ok", about: last.data.about, notes, revisions } : unusable("it is damaged");
  }
}

/** So much is read at once: each reading has to wait for its turn, on a machine that has just begun to download. */
const windowBytes = 8 * 1024 * 1024;

/** Answers bytes of the file, or null where it ends before. */
function createWindow(
  handle: FileHandle,
  size: number,
): (at: number, length: number) => Promise<Buffer | null> {
  let from = 0;
  let bytes: Buffer = Buffer.alloc(0);
  return async (at, length) => {
    if (at + length > size) return null;
    if (at < from || at + length > from + bytes.length) {
      const read = await readBytes(handle, at, Math.min(Math.max(length, windowBytes), size - at));
      if (read === null) return null;
      from = at;
      bytes = read;
    }
    return bytes.subarray(at - from, at - from + length);
  };
}

/** Null where the file ends before. */
async function readBytes(handle: FileHandle, from: number, length: number): Promise<Buffer | null> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, from + done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return bytes;
}

function unusable(message: string): NotesAsRead {
  return { kind: "unusable", message };
}

function columnsOf({ notes, revisions, lists }: NotesPart): Columns {
  return {
    id: notes.map(({ id }) => id),
    text: notes.map(({ text }) => text),
    isRoot: notes.map(({ isRoot }) => isRoot),
    parentId: notes.map(({ parentId }) => parentId),
    orderKey: notes.map(({ orderKey }) => orderKey),
    deletedAtMs: notes.map(({ deletedAtMs }) => deletedAtMs),
    lastUpdatedMs: notes.map(({ lastUpdatedMs }) => lastUpdatedMs),
    revision: revisions,
    lists,
  };
}

const none: readonly NoteId[] = [];

function takePart(part: Columns, notes: Map<NoteId, Note>, revisions: Map<NoteId, string>): void {
  for (let index = 0; index < part.id.length; index += 1) {
    const id = part.id[index]!;
    notes.set(id, {
      id,
      text: part.text[index]!,
      isRoot: part.isRoot[index]!,
      parentId: part.parentId[index]!,
      orderKey: part.orderKey[index]!,
      childIds: none,
      deletedAtMs: part.deletedAtMs[index]!,
      lastUpdatedMs: part.lastUpdatedMs[index]!,
    });
    revisions.set(id, part.revision[index]!);
  }
  for (const [id, childIds] of part.lists) notes.set(id, { ...notes.get(id)!, childIds });
}

/** Also what a writing that was cut short has left. Throws what the file system throws. */
export async function removeNotesAsRead(file: string): Promise<void> {
  for (const each of [file, `${file}.new`]) await rm(each, { force: true });
}
