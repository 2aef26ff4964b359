import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import { changedId, type NoteChange } from "../../shared/note-change";
import { commitInBatches, planImport } from "./import-folder";

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as NoteId;

/** Three changes of each note, as of one that goes back to another text, place and state. */
function changesOf(notes: number, text: string): NoteChange[] {
  return Array.from({ length: notes }, (_, number): NoteChange[] => [
    { kind: "text", id: id(number), before: "", after: text },
    { kind: "place", id: id(number), before: place("A"), after: place("B") },
    { kind: "deleted", id: id(number), before: 1, after: null },
  ]).flat();
}

const place = (orderKey: string) => ({ parentId: null, orderKey });

async function batchesOf(changes: readonly NoteChange[]): Promise<(readonly NoteChange[])[]> {
  const batches: (readonly NoteChange[])[] = [];
  await commitInBatches(
    changes,
    (batch) => batches.push(batch),
    () => undefined,
  );
  return batches;
}

describe("changes in small transactions", () => {
  it.each([
    ["many notes", changesOf(250, "short")],
    ["large notes", changesOf(20, "x".repeat(50_000))],
  ])("are all there, in order, and no note is cut in two: %s", async (_what, changes) => {
    const batches = await batchesOf(changes);
    expect(batches.flat()).toEqual(changes);
    expect(batches.length).toBeGreaterThan(2);
    const inBatches = batches.flatMap((batch) => [...new Set(batch.map(changedId))]);
    expect(new Set(inBatches).size).toBe(inBatches.length);
  });
});

describe("a folder that is imported", () => {
  it("keeps the order in which a file manager lists it, and names what it leaves out", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perennial-import-"));
    try {
      for (const name of ["Day 10.md", "Day 2.md", "day 1.md"])
        await writeFile(join(folder, name), `# ${name}`);
      await writeFile(join(folder, "picture.txt"), Buffer.from([0, 1]));
      const { changes, skipped } = await planImport(folder, id(1), null, { atMs: 0 });
      const made = changes.flatMap((change) => (change.kind === "create" ? [change.note] : []));
      const [top, ...days] = made;
      expect(days.every(({ parentId }) => parentId === top?.id)).toBe(true);
      days.sort((a, b) => (a.orderKey < b.orderKey ? -1 : 1));
      expect(days.map(({ text }) => text)).toEqual(["# day 1.md", "# Day 2.md", "# Day 10.md"]);
      expect(skipped).toEqual([{ file: join(folder, "picture.txt"), reason: "not a text file" }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
