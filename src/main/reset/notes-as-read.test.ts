import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import type { NotesPart } from "../realm/note-parts";
import { createSealing, keyBytes, plainSealing, type Sealing } from "../sealed-file";
import { readNotesAsRead, removeNotesAsRead, writeNotesAsRead } from "./notes-as-read";

const about = { userId: "u", generation: "g", realmSha256: "0".repeat(64) };
const sealed = createSealing(Buffer.alloc(keyBytes, "one key "));
const otherKey = createSealing(Buffer.alloc(keyBytes, "another "));

function noteOf(index: number, text: string): Note {
  return {
    id: `id-${index}` as NoteId,
    text,
    isRoot: index === 0,
    parentId: index % 3 === 0 ? null : (`id-${index - 1}` as NoteId),
    orderKey: "m".repeat(index % 4),
    childIds: [],
    deletedAtMs: index % 5 === 0 ? index : null,
    lastUpdatedMs: index % 2 === 0 ? 1_700_000_000_000 + index : null,
  };
}

const oddTexts = ["", "\0", "a\0b", "\ud800", "x\udfff\ud800y", "😀", "é\r\n\u2028", "10 kB ".repeat(1_700)];
const notes = oddTexts.map((text, index) => noteOf(index, text));
const parts: readonly NotesPart[] = [
  { notes: notes.slice(0, 3), revisions: ["r/0", "", "r/2"], lists: [] },
  { notes: notes.slice(3), revisions: notes.slice(3).map((_, index) => `s/${index}`), lists: [] },
  { notes: [], revisions: [], lists: [["id-1" as NoteId, ["id-3", "id-6"] as NoteId[]]] },
];

async function written(sealing: Sealing, of: readonly NotesPart[] = parts): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), "perennial-as-read-")), "notes-as-read");
  expect(await writeNotesAsRead(file, of, sealing, async () => about)).toBe(true);
  return file;
}

/** Where each frame begins, and where the last one ends. */
function framesOf(bytes: Buffer): number[] {
  const begins = [0];
  for (let at = 0; at < bytes.length; begins.push(at)) at += 36 + bytes.readUInt32LE(at);
  return begins;
}

describe.each([
  ["plain", plainSealing],
  ["sealed", sealed],
])("notes as they were read, %s", (_name, sealing) => {
  it("come back as they were, whatever their texts", async () => {
    const read = await readNotesAsRead(await written(sealing), sealing);
    if (read.kind !== "ok") throw new Error(read.message);
    const expected = notes.map((note) =>
      note.id === "id-1" ? { ...note, childIds: ["id-3", "id-6"] } : note,
    );
    expect(read.about).toEqual(about);
    expect([...read.notes]).toEqual(expected.map((note) => [note.id, note]));
    expect([...read.revisions.values()]).toEqual(parts.flatMap(({ revisions }) => revisions));
  });

  it("come back from a file that is read in several pieces", async () => {
    const large = Array.from({ length: 9 }, (_, index) => noteOf(index, `${index} `.repeat(1_500_000)));
    const many = large.map((note): NotesPart => ({ notes: [note], revisions: ["r"], lists: [] }));
    const read = await readNotesAsRead(await written(sealing, many), sealing);
    if (read.kind !== "ok") throw new Error(read.message);
    expect([...read.notes.values()].every((note, index) => note.text === large[index]?.text)).toBe(true);
    expect(read.notes.size).toBe(large.length);
  });

  it("are none where there were none", async () => {
    const read = await readNotesAsRead(await written(sealing, []), sealing);
    expect(read).toMatchObject({ kind: "ok", notes: new Map(), revisions: new Map() });
  });

  it("are not used when the file is cut off anywhere", async () => {
    const file = await written(sealing);
    const whole = readFileSync(file);
    const frames = framesOf(whole);
    const near = frames.flatMap((at) => [at - 1, at, at + 1, at + 3, at + 20, at + 36, at + 40]);
    for (const length of near.filter((at) => at >= 0 && at < whole.length)) {
      writeFileSync(file, whole.subarray(0, length));
      expect((await readNotesAsRead(file, sealing)).kind, `of ${length} bytes`).toBe("unusable");
    }
  });

  it("are not used when a byte of the file is another, or one is added", async () => {
    const file = await written(sealing);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += at < 200 || at > whole.length - 400 ? 1 : 97) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x10;
      writeFileSync(file, damaged);
      expect((await readNotesAsRead(file, sealing)).kind, `byte ${at}`).toBe("unusable");
    }
    writeFileSync(file, Buffer.concat([whole, Buffer.from([0])]));
    expect((await readNotesAsRead(file, sealing)).kind).toBe("unusable");
  });

  it("are not used when a part of them is missing, twice there, elsewhere or of another file", async () => {
    const file = await written(sealing);
    const other = readFileSync(await written(sealing, [...parts].reverse()));
    const whole = readFileSync(file);
    const begins = framesOf(whole);
    const frames = begins.slice(0, -1).map((at, index) => whole.subarray(at, begins[index + 1]));
    const [first, second, third, last] = frames as [Buffer, Buffer, Buffer, Buffer];
    const otherLast = other.subarray(framesOf(other).at(-2));
    for (const changed of [
      [second, third, last],
      [first, first, second, third, last],
      [second, first, third, last],
      [first, second, third, otherLast],
      [first, second, third],
      [last],
      [],
    ]) {
      writeFileSync(file, Buffer.concat(changed));
      expect((await readNotesAsRead(file, sealing)).kind).toBe("unusable");
    }
    writeFileSync(file, Buffer.concat(frames));
    expect((await readNotesAsRead(file, sealing)).kind).toBe("ok");
  });

  it("are not used when they are of another version", async () => {
    const file = await written(sealing, []);
    const sha256 = createHash("sha256").digest("hex");
    const content = Buffer.from(sealing.seal(serialize({ version: 2, about, notes: 0, sha256 })));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(content.length);
    writeFileSync(file, Buffer.concat([head, createHash("sha256").update(content).digest(), content]));
    expect(await readNotesAsRead(file, sealing)).toEqual({
      kind: "unusable",
      message: "it is cut off, or of another version",
    });
  });

  it("leave no file where it turns out that they are of nothing, or where reading them fails", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "perennial-as-read-")), "notes-as-read");
    expect(await writeNotesAsRead(file, parts, sealing, async () => null)).toBe(false);
    function* failing(): Generator<NotesPart> {
      yield parts[0]!;
      throw new Error("the realm was closed");
    }
    await expect(writeNotesAsRead(file, failing(), sealing, async () => about)).rejects.toThrow("was closed");
    expect([existsSync(file), existsSync(`${file}.new`)]).toEqual([false, false]);
    expect(await readNotesAsRead(file, sealing)).toEqual({ kind: "unusable", message: "there is none" });
  });
});

describe("notes as they were read in an encrypted folder", () => {
  it("cannot be read without its key, and a plain file counts for nothing there", async () => {
    const file = await written(sealed);
    expect(readFileSync(file).includes("10 kB 10 kB")).toBe(false);
    expect((await readNotesAsRead(file, otherKey)).kind).toBe("unusable");
    expect((await readNotesAsRead(file, plainSealing)).kind).toBe("unusable");
    expect((await readNotesAsRead(await written(plainSealing), sealed)).kind).toBe("unusable");
  });
});

describe("removing notes as they were read", () => {
  it("takes what a writing that was cut short has left along", async () => {
    const file = await written(plainSealing);
    writeFileSync(`${file}.new`, "half");
    await removeNotesAsRead(file);
    await removeNotesAsRead(file);
    expect([existsSync(file), existsSync(`${file}.new`)]).toEqual([false, false]);
  });
});
