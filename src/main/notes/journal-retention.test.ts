import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { applyChange, changedId, type NoteChange } from "../../shared/note-change";
import { plainSealing } from "../sealed-file";
import { ackedFile, journalFile, openJournal, readJournals } from "./journal";
import type { JournalEntry } from "./journal-codec";
import { compactJournals, isWorthCompacting, keptAckedMs, worthKeeping } from "./journal-retention";

const ids = [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}` as NoteId);
const onError = (error: Error) => {
  throw error;
};

function create(id: NoteId, text: string): NoteChange {
  const note: Note = {
    id,
    text,
    isRoot: false,
    parentId: null,
    orderKey: "A",
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: 0,
  };
  return { kind: "create", note };
}

const edit = (id: NoteId, before: string, after: string): NoteChange => ({ kind: "text", id, before, after });

function openIn(folder: string, generation = "g", ordinal = 1, firstSeq = 1) {
  const header = { version: 1, userId: "u", generation, ordinal, createdAtMs: 0 } as const;
  return openJournal(folder, header, firstSeq, onError, plainSealing);
}

const newFolder = () => mkdtempSync(join(tmpdir(), "perennial-retention-"));

describe("what is worth keeping of a journal", () => {
  const arbitraryEntries = fc
    .array(
      fc.record({ which: fc.nat(2), kind: fc.constantFrom("text", "place", "deleted"), value: fc.nat(9) }),
    )
    .map((steps) => {
      const texts = new Map<NoteId, string>();
      return steps.map(({ which, kind, value }, index): JournalEntry => {
        const id = ids[which] as NoteId;
        const before = texts.get(id);
        let change: NoteChange;
        if (before === undefined && value % 2 === 0) change = create(id, `${value}`);
        else if (kind === "text") change = edit(id, before ?? "?", `${value}`);
        else if (kind === "place")
          change = {
            kind: "place",
            id,
            before: { parentId: null, orderKey: "?" },
            after: { parentId: null, orderKey: `${value}` },
          };
        else change = { kind: "deleted", id, before: null, after: value };
        if (change.kind === "create") texts.set(id, change.note.text);
        if (change.kind === "text") texts.set(id, change.after);
        return { seq: index + 1, atMs: index, change };
      });
    });

  function replay(entries: readonly JournalEntry[]) {
    const notes = new Map<NoteId, Note | undefined>();
    const fields = new Map<string, unknown>();
    for (const { change } of entries) {
      const id = changedId(change);
      notes.set(id, applyChange(notes.get(id), change));
      if (change.kind !== "create") fields.set(`${id} ${change.kind}`, change.after);
    }
    return { notes, fields };
  }

  it("leaves every note as all of it would, and everything unacknowledged as it is", () => {
    fc.assert(
      fc.property(arbitraryEntries, fc.nat(30), (entries, acked) => {
        const kept = worthKeeping(entries, acked, 0);
        const whole = replay(entries);
        const small = replay(kept);
        expect(small.notes).toEqual(whole.notes);
        for (const [field, value] of small.fields) expect(value).toEqual(whole.fields.get(field));
        expect(kept.filter(({ seq }) => seq > acked)).toEqual(entries.filter(({ seq }) => seq > acked));
        expect(kept.map(({ seq }) => seq)).toEqual(kept.map(({ seq }) => seq).toSorted((a, b) => a - b));
      }),
    );
  });

  it("drops what was acknowledged and not touched for long, and nothing else", () => {
    const entries: JournalEntry[] = [
      { seq: 1, atMs: 0, change: create(ids[0]!, "old") },
      { seq: 2, atMs: 0, change: create(ids[1]!, "old, but touched since") },
      { seq: 3, atMs: 100, change: edit(ids[1]!, "old, but touched since", "young") },
      { seq: 4, atMs: 0, change: create(ids[2]!, "old, but not acknowledged") },
    ];
    const kept = worthKeeping(entries, 3, 50);
    expect(kept.map(({ change }) => (change.kind === "create" ? change.note.text : ""))).toEqual([
      "young",
      "old, but not acknowledged",
    ]);
  });
});

describe("compacting journals", () => {
  it("makes the file small, loses nothing unacknowledged, and never gives a number twice", () => {
    const folder = newFolder();
    const journal = openIn(folder);
    let text = "";
    journal.append([create(ids[0]!, text)], 1);
    for (let typed = 0; typed < 3_000; typed += 1) {
      journal.append([edit(ids[0]!, text, `${text}x`)], 1);
      text += "x";
    }
    journal.append([edit(ids[1]!, "never", "acknowledged")], 1);
    journal.close();
    const file = journalFile(folder, "u", "g");
    const sizeBefore = statSync(file).size;
    const acked = 3_001;
    const compact = (nowMs: number) =>
      compactJournals(
        folder,
        readJournals(folder, "u", plainSealing).journals,
        "g",
        acked,
        nowMs,
        plainSealing,
      );

    expect(compact(2).rewritten).toEqual(["g"]);
    const packed = ackedFile(folder, "u", "g");
    expect(statSync(file).size + statSync(packed).size).toBeLessThan(sizeBefore / 10);
    const [kept] = readJournals(folder, "u", plainSealing).journals;
    expect(kept?.trusted).toBe(true);
    expect(kept?.entries.map(({ seq }) => seq)).toEqual([3_001, 3_002]);
    expect(kept?.entries[0]?.change).toMatchObject({ kind: "create", note: { text } });
    expect(compact(2)).toEqual({ rewritten: [], removed: [] });

    const again = openIn(folder);
    expect(again.lastSeq()).toBe(3_002);
    again.append([edit(ids[0]!, text, "later")], keptAckedMs * 3);
    expect(again.lastSeq()).toBe(3_003);
    again.close();
    expect(readJournals(folder, "u", plainSealing).journals[0]?.entries.at(-1)?.change).toMatchObject({
      after: "later",
    });
    // What is packed counts as acknowledged; nothing of it is waiting.
    const last = openIn(folder);
    expect(last.pendingSince(acked).notes).toBe(2);
    last.close();
    truncateSync(packed, 20);
    expect(readJournals(folder, "u", plainSealing).journals[0]?.trusted).toBe(false);
  });

  it("reads nothing twice when the process dies between the two files", () => {
    const folder = newFolder();
    const journal = openIn(folder);
    for (let typed = 0; typed < 1_100; typed += 1)
      journal.append([edit(ids[0]!, `${typed}`, `${typed + 1}`)], 1);
    journal.close();
    const file = journalFile(folder, "u", "g");
    const whole = readFileSync(file);
    const { journals } = readJournals(folder, "u", plainSealing);
    compactJournals(folder, journals, "g", 1_100, 2, plainSealing);
    writeFileSync(file, whole);
    expect(readJournals(folder, "u", plainSealing).journals[0]?.entries).toEqual(journals[0]?.entries);
  });

  it("numbers on after entries that are all gone, and removes the files of generations left behind", () => {
    const folder = newFolder();
    const old = openIn(folder, "old");
    old.append([create(ids[0]!, "a")], 1);
    old.close();
    const current = openIn(folder, "new", 2, 2);
    for (let typed = 0; typed < 1_200; typed += 1) current.append([create(ids[1]!, "b")], 1);
    current.close();
    const done = compactJournals(
      folder,
      readJournals(folder, "u", plainSealing).journals,
      "new",
      1_201,
      keptAckedMs + 10,
      plainSealing,
    );
    expect(done).toEqual({ rewritten: ["new"], removed: ["old"] });
    expect(readdirSync(folder).sort()).toEqual(["u.new.acked.gz", "u.new.jsonl"]);
    const again = openIn(folder, "new", 2, 1);
    expect(again.lastSeq()).toBe(1_201);
    again.close();
  });
});

describe("a journal whose notes stay open", () => {
  const grown = { grownBytes: 3_000_000, packedBytes: 500_000, realmBytes: 20_000_000 };

  it("is made smaller when it has grown by a twentieth of the realm", () => {
    expect(isWorthCompacting(grown)).toBe(true);
    expect(isWorthCompacting({ ...grown, realmBytes: 100_000_000 })).toBe(false);
  });

  it("is left alone where that would be for little, or would take long", () => {
    expect(isWorthCompacting({ ...grown, grownBytes: 900_000, realmBytes: 1_000 })).toBe(false);
    expect(isWorthCompacting({ ...grown, packedBytes: 50_000_000 })).toBe(false);
  });
});
