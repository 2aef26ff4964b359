import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { openJournal, readJournals } from "../notes/journal";
import { lacksEntries } from "../notes/write-number";
import { plainSealing } from "../sealed-file";
import { openTail, tailEnd, withJournalTail } from "./journal-tail";

const noteOf = (id: string, text: string): Note => ({
  id: id as NoteId,
  text,
  isRoot: false,
  parentId: null,
  orderKey: "m",
  childIds: [],
  deletedAtMs: null,
  lastUpdatedMs: null,
});
const journal = (...changes: NoteChange[]) => ({
  header: { generation: "g", droppedThrough: 0 },
  entries: changes.map((change, index) => ({ seq: index + 1, atMs: 0, change })),
});
const text = (id: string, before: string, after: string): NoteChange => ({
  kind: "text",
  id: id as NoteId,
  before,
  after,
});
const textsOf = ({ notes }: { notes: ReadonlyMap<NoteId, Note> }) =>
  [...notes.values()].map((note) => note.text);

describe("the journal's tail", () => {
  const a = "a" as NoteId;
  const copy = { notes: new Map([[a, noteOf("a", "two")]]), revisions: new Map([[a, "g/1"]]) };
  const all = journal(
    text("a", "one", "two"),
    text("a", "two", "three"),
    { kind: "create", note: noteOf("b", "new") },
    text("b", "new", "newer"),
  );

  it("is what the copied journal does not have", () => {
    expect(textsOf(withJournalTail(copy, all, journal(text("a", "one", "two"))))).toEqual(["three", "newer"]);
    expect(withJournalTail(copy, all, all)).toBe(copy);
    expect(withJournalTail(copy, undefined, all)).toBe(copy);
  });

  it("is nothing where all that the journal tells of was acknowledged and packed away before the copy", () => {
    const packed = { header: { droppedThrough: 4 }, entries: [] };
    expect(withJournalTail(copy, all, packed)).toBe(copy);
    const more = { ...all, entries: [...all.entries, { seq: 5, atMs: 0, change: text("a", "two", "five") }] };
    expect(textsOf(withJournalTail(copy, more, packed))).toEqual(["five"]);
  });

  it("gives what it changes a revision of its own, and leaves the copy as it was", () => {
    const named = { ...all, entries: all.entries.map((entry) => ({ ...entry, revision: `r${entry.seq}` })) };
    const copied = journal(text("a", "one", "two"));
    expect([...withJournalTail(copy, all, copied).revisions.values()]).toEqual(["g/2", "g/4"]);
    expect([...withJournalTail(copy, named, copied).revisions.values()]).toEqual(["r2", "r4"]);
    expect(copy.revisions.get(a)).toBe("g/1");
  });

  it("brings notes that the copy has not where no journal lies beside it, and leaves the others alone", () => {
    expect(textsOf(withJournalTail(copy, all, null))).toEqual(["two", "newer"]);
  });
});

describe("what is written on top of a safety copy", () => {
  const generation = "00000000-0000-4000-8000-0000000000aa";
  const facts = { userId: "u", generation };
  const said: string[] = [];

  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "perennial-tail-"));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
  }

  /** Writes one entry there, and answers the journal as it is read back. */
  function writeOne(journals: string, lastSeq: number) {
    const tail = openTail(
      facts,
      { lastSeq },
      {
        paths: { journals, sealing: plainSealing },
        decodeOnce: (_file, decode) => decode(),
        now: () => 1,
        log: (_level, message) => said.push(message),
      },
    );
    tail.append([text("a", "two", "three")], 1);
    tail.close();
    return readJournals(journals, facts.userId, plainSealing).journals[0]!;
  }

  function withEntries(journals: string, count: number): void {
    const header = { version: 1, ...facts, ordinal: 1, createdAtMs: 1 } as const;
    const before = openJournal(journals, header, 1, () => undefined, plainSealing);
    for (let entry = 1; entry <= count; entry += 1) before.append([text("a", "one", "two")], 1);
    before.close();
  }

  it("goes on where the journal ended", () => {
    const journals = folder();
    withEntries(journals, 2);
    const { entries, header } = writeOne(journals, 2);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lacksEntries({ entries, header }, 0, [])).toBe(false);
  });

  it("takes no number that was given once, so that it does not pass for acknowledged, and the gap still shows", () => {
    const journals = folder();
    withEntries(journals, 2);
    const { entries, header } = writeOne(journals, 5);
    expect(entries.at(-1)?.seq).toBe(6);
    expect(lacksEntries({ entries, header }, 2, [])).toBe(true);
    expect(lacksEntries({ entries, header }, 5, [])).toBe(false);
  });

  it("is no history to be trusted where the journal is gone, and the log says so", () => {
    const { entries, header } = writeOne(folder(), 0);
    expect(lacksEntries({ entries, header }, 0, [])).toBe(true);
    expect(said.at(-1)).toMatch(/is gone/);
  });

  it("is not begun where it would not be read: no journal lies beside the copy", () => {
    expect(tailEnd(null, 3, 3)).toBeNull();
    expect(tailEnd(journal(text("a", "one", "two")), 3, 4)).toEqual({ lastSeq: 4 });
    expect(tailEnd(journal(text("a", "one", "two")), 0, 0)).toEqual({ lastSeq: 1 });
  });
});
