import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { plainSealing } from "../sealed-file";
import { type Journal, journalFile, openJournal, readJournals } from "./journal";
import { applySplice, spliceBetween } from "./journal-codec";

const one = "00000000-0000-4000-8000-000000000001" as NoteId;
const two = "00000000-0000-4000-8000-000000000002" as NoteId;
const header = { version: 1, userId: "u", generation: "g", ordinal: 1, createdAtMs: 1 } as const;
const open: Journal[] = [];

function folder(): string {
  return mkdtempSync(join(tmpdir(), "perennial-journal-"));
}

function openIn(at: string): Journal {
  const journal = openJournal(
    at,
    header,
    1,
    (error) => {
      throw error;
    },
    plainSealing,
  );
  open.push(journal);
  return journal;
}

afterEach(() => {
  for (const journal of open.splice(0)) journal.close();
});

const edit = (id: NoteId, before: string, after: string): NoteChange => ({ kind: "text", id, before, after });

describe("the edit journal", () => {
  it("gives back every change with its whole texts, in order", () => {
    const at = folder();
    const journal = openIn(at);
    const changes: NoteChange[] = [
      edit(one, "milk", "milk, eggs"),
      edit(two, "", "x"),
      edit(one, "milk, eggs", "eggs"),
      {
        kind: "place",
        id: two,
        before: { parentId: one, orderKey: "A" },
        after: { parentId: null, orderKey: "B" },
      },
      { kind: "deleted", id: two, before: null, after: 5 },
      // Another device wrote in between: the text before is not the one this journal left.
      edit(one, "eggs and bread", "bread"),
    ];
    for (const change of changes) journal.append([change], 7);
    const { journals } = readJournals(at, "u", plainSealing);
    expect(journals[0]?.entries.map(({ change }) => change)).toEqual(changes);
    expect(journals[0]?.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(journals[0]?.trusted).toBe(true);
  });

  it("keeps a text once, not with every edit of it", () => {
    const at = folder();
    const journal = openIn(at);
    const long = "a long note ".repeat(5_000);
    let text = long;
    for (let edits = 0; edits < 50; edits += 1) {
      const after = `${text}x`;
      journal.append([edit(one, text, after)], 1);
      text = after;
    }
    expect(statSync(journalFile(at, "u", "g")).size).toBeLessThan(long.length * 1.5);
  });

  it("cuts off the torn line of a crash and goes on after the last whole one", () => {
    const at = folder();
    const first = openIn(at);
    first.append([edit(one, "a", "b")], 1);
    first.append([edit(one, "b", "c")], 1);
    open.splice(0);
    first.close();
    const file = journalFile(at, "u", "g");
    truncateSync(file, statSync(file).size - 9);
    const again = openIn(at);
    expect(again.lastSeq()).toBe(1);
    again.append([edit(one, "b", "d")], 1);
    const [journal] = readJournals(at, "u", plainSealing).journals;
    expect(journal?.entries.map(({ seq, change }) => [seq, change.kind === "text" && change.after])).toEqual([
      [1, "b"],
      [2, "d"],
    ]);
    expect(journal?.trusted).toBe(true);
  });

  it("is not trusted any more when a line in the middle is damaged, but gives what it can", () => {
    const at = folder();
    const journal = openIn(at);
    journal.append([edit(one, "a", "b")], 1);
    journal.append([edit(two, "a", "b")], 1);
    journal.append([edit(one, "b", "c")], 1);
    const file = journalFile(at, "u", "g");
    const lines = readFileSync(file, "utf8").split("\n");
    lines[1] = lines[1]?.replace('"b"', '"z"') ?? "";
    writeFileSync(file, lines.join("\n"));
    const [read] = readJournals(at, "u", plainSealing).journals;
    expect(read?.trusted).toBe(false);
    expect(read?.entries.map(({ seq }) => seq)).toEqual([2]);
  });

  it("counts notes, not edits, as pending, and none before the acknowledged sequence number", () => {
    const journal = openIn(folder());
    journal.append([edit(one, "a", "b")], 10);
    journal.append([edit(one, "b", "c")], 20);
    const acked = journal.lastSeq();
    journal.append([edit(two, "", "x")], 30);
    journal.append([edit(two, "x", "y")], 40);
    expect(journal.pendingSince(0)).toEqual({ notes: 2, oldestAtMs: 10 });
    expect(journal.pendingSince(acked)).toEqual({ notes: 1, oldestAtMs: 30 });
    expect(journal.pendingSince(journal.lastSeq())).toEqual({ notes: 0, oldestAtMs: null });
  });

  it("names a file whose header cannot be read instead of passing it over", () => {
    const at = folder();
    appendFileSync(join(at, "u.broken.jsonl"), "no journal\n");
    expect(readJournals(at, "u", plainSealing)).toEqual({ journals: [], unreadable: ["u.broken.jsonl"] });
  });

  it("finds a splice between any two texts that leads from one to the other", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (before, after) => {
        expect(applySplice(before, spliceBetween(before, after))).toBe(after);
      }),
    );
  });

  it("goes on in the file that was written anew while it was open, and forgets nothing", async () => {
    const at = folder();
    const journal = openIn(at);
    journal.append([edit(one, "a", "ab")], 1);
    journal.append([edit(two, "x", "xy")], 2);
    const flushed = journal.flushAside();
    const { journals: before } = readJournals(at, "u", plainSealing);
    const file = journalFile(at, "u", "g");
    // As it is made smaller: of the two entries the second is left, in another file of the same name.
    const whole = readFileSync(file, "utf8").split("\n");
    writeFileSync(`${file}.new`, `${whole[0]}\n${whole[2]}\n`);
    renameSync(`${file}.new`, file);
    journal.reopen();
    await flushed;
    expect(journal.sizeBytes()).toBe(statSync(file).size);
    journal.append([edit(one, "ab", "abc")], 3);
    await journal.flushAside();
    const { journals: after } = readJournals(at, "u", plainSealing);
    expect(before[0]?.entries.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(after[0]?.entries.map(({ seq, change }) => [seq, change])).toEqual([
      [2, edit(two, "x", "xy")],
      [3, edit(one, "ab", "abc")],
    ]);
    expect(after[0]?.trusted).toBe(true);
    expect(journal.lastSeq()).toBe(3);
  });
});
