import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { withJournalTail } from "./journal-tail";

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
