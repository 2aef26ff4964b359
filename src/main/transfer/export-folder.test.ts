import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { exportNotes } from "./export-folder";

const rootId = noteId(0);

function noteId(number: number): NoteId {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as NoteId;
}

function note(number: number, text: string, parentId: NoteId | null, more: Partial<Note> = {}): Note {
  const life = { isRoot: number === 0, childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return { id: noteId(number), text, parentId, orderKey: String(number).padStart(6, "a"), ...life, ...more };
}

async function exported(notes: readonly Note[], into?: string) {
  const folder = into ?? (await mkdtemp(join(tmpdir(), "perennial-export-")));
  if (into === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const all = [note(0, "Notes", null), ...notes]; // A later root takes the place of the usual one.
  const files = await exportNotes(new Map(all.map((each) => [each.id, each])), rootId, folder);
  return { folder, files, read: (file: string) => readFile(join(folder, file), "utf8") };
}

it("writes each note as a file, its children in a folder of its name, the trash apart", async () => {
  const { files, read } = await exported([
    note(1, "# Garden\n", rootId),
    note(2, "# Beans: when?\n", noteId(1)),
    note(3, "# Old\n", rootId, { deletedAtMs: 5 }),
    note(4, "# Adrift\n", noteId(99)),
  ]);
  expect([...files].sort()).toEqual([
    [noteId(1), "Garden.md"],
    [noteId(2), join("Garden", "Beans when.md")],
    [noteId(3), join("Trash", "Old.md")],
    [noteId(4), join("Recovered notes", "Adrift.md")],
  ]);
  expect(await read(join("Garden", "Beans when.md"))).toBe("# Beans: when?\n");
});

it("overwrites nothing: notes of one title are numbered, beside files that were there as well", async () => {
  const twins = [note(1, "Twin", rootId), note(2, "Twin", rootId), note(3, "Twin", noteId(2))];
  const first = await exported(twins);
  expect([...first.files.values()].sort()).toEqual(["Twin (2).md", join("Twin (2)", "Twin.md"), "Twin.md"]);
  const second = await exported(twins, first.folder);
  expect([...second.files.values()].sort()).toEqual([
    "Twin (3).md",
    "Twin (4).md",
    join("Twin (4)", "Twin.md"),
  ]);
});

it("writes a chain of 2,000 notes, which is deeper than folders can be, and says where each part belongs", async () => {
  const chain = Array.from({ length: 2_000 }, (_, link) =>
    note(link + 1, `# Link ${link}\nword-${link}\n`, link === 0 ? rootId : noteId(link)),
  );
  const { folder, files, read } = await exported(chain);
  expect(files.size).toBe(2_000);
  for (const [id, file] of files) expect(await read(file)).toBe(chain.find((each) => each.id === id)?.text);
  const longest = Math.max(...[...files.values()].map((file) => Buffer.byteLength(join(folder, file))));
  expect(longest).toBeLessThan(1_000);

  const list = await read(join("Deeper notes", "Where they belong.md"));
  const parts = (await readdir(join(folder, "Deeper notes"))).filter((name) => !name.endsWith(".md"));
  expect(parts.length).toBeGreaterThan(10);
  for (const part of parts) {
    const place = new RegExp(`\`${part}\` belongs under \`(.+)\``).exec(list)?.[1];
    const [, link] = /^\d+ Link (\d+)$/.exec(part) ?? [];
    expect(place).toBe(files.get(noteId(Number(link) + 1)));
    expect(files.get(noteId(Number(link) + 2))).toBe(
      join("Deeper notes", part, `Link ${Number(link) + 1}.md`),
    );
  }
});

it("writes what another app has put into the root, which has no words of its own", async () => {
  const { files, read } = await exported([note(0, "# Index\nby hand\n", null), note(1, "# Index\n", rootId)]);
  expect([...files]).toEqual([
    [noteId(1), "Index.md"],
    [rootId, "Index (2).md"],
  ]);
  expect(await read("Index (2).md")).toBe("# Index\nby hand\n");
});
