import { appendFileSync, mkdtempSync, readFileSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { plainSealing } from "../sealed-file";
import { openSeenStates } from "./seen";

const one = "00000000-0000-4000-8000-000000000001" as NoteId;
const two = "00000000-0000-4000-8000-000000000002" as NoteId;

function note(id: NoteId, text: string, changes: Partial<Note> = {}): Note {
  const place = { parentId: two, orderKey: "A" };
  return { id, text, isRoot: false, ...place, childIds: [], deletedAtMs: null, lastUpdatedMs: 1, ...changes };
}

function open(file = join(mkdtempSync(join(tmpdir(), "perennial-seen-")), "seen.log")) {
  const fail = (error: Error) => {
    throw error;
  };
  const seen = openSeenStates(file, plainSealing, fail);
  return {
    ...seen,
    again() {
      seen.close();
      return open(file);
    },
    file,
  };
}

describe("the states this device has seen", () => {
  it("tell an old state come back from a new one, also after a restart", () => {
    let seen = open();
    expect(seen.add(note(one, "a"), "1")).toBe(0);
    expect(seen.add(note(one, "b"), "2")).toBe(0);
    for (let starts = 0; starts < 2; starts += 1) {
      expect(seen.add(note(one, "b"), "2")).toBe(0);
      expect(seen.add(note(one, "a"), "1")).toBe(1);
      expect(seen.age(note(one, "a"), "1")).toBe(1);
      expect(seen.age(note(one, "a"), "3")).toBe(null);
      seen = seen.again();
    }
  });

  it("are told of after a power cut, too, that left half of a line", () => {
    const seen = open();
    seen.add(note(one, "a"), "1");
    seen.add(note(one, "b"), "2");
    seen.close();
    truncateSync(seen.file, statSync(seen.file).size - 9);
    const next = open(seen.file);
    expect(next.age(note(one, "b"), "2")).toBe(null);
    next.add(note(one, "c"), "3");
    next.add(note(one, "d"), "4");
    const last = next.again();
    const texts = ["a", "c", "d"].map((text, index) => last.age(note(one, text), ["1", "3", "4"][index]!));
    expect(texts).toEqual([2, 1, 0]);
  });

  it("count an old state as the latest once it is settled", () => {
    let seen = open();
    seen.add(note(one, "a"), "1");
    seen.add(note(one, "b"), "2");
    seen.settle(note(one, "a"), "1");
    expect(seen.add(note(one, "a"), "1")).toBe(0);
    seen = seen.again();
    expect(seen.add(note(one, "a"), "1")).toBe(0);
    expect(seen.add(note(one, "b"), "2")).toBe(1);
  });

  it("expect every note that was there, but for what is settled or purged", () => {
    let seen = open();
    seen.add(note(one, "a"), "1");
    seen.add(note(two, "b"), "1");
    expect([...seen.expected()]).toEqual([one, two]);
    const there = [new Map([[one, note(one, "a")]]), new Map([[one, "1"]])] as const;
    // It is not there, and nobody has decided that: it is missed still.
    seen.settleAll(...there, (id) => id === one);
    seen = seen.again();
    expect([...seen.expected()].sort()).toEqual([one, two].sort());
    seen.settleAll(...there, (id) => id === two);
    seen = seen.again();
    expect([...seen.expected()]).toEqual([one]);
    seen.add(note(one, "", { parentId: null, deletedAtMs: 5 }), "2");
    seen = seen.again();
    expect([...seen.expected()]).toEqual([]);
    // Somebody puts it back: then it is expected again.
    seen.add(note(two, "b"), "1");
    expect([...seen.expected()]).toEqual([two]);
  });

  it("remember how often a note was put back until it gets a state that is new", () => {
    let seen = open();
    seen.add(note(one, "a"), "1");
    seen.markMended(one);
    seen.markMended(one);
    seen.settle(note(one, "a"), "1");
    seen = seen.again();
    expect(seen.timesMended(one)).toBe(2);
    seen.add(note(one, "b"), "2");
    expect(seen.timesMended(one)).toBe(0);
    seen = seen.again();
    expect(seen.timesMended(one)).toBe(0);
  });

  it("stay small: settled over and over, the file is written anew", () => {
    const seen = open();
    seen.add(note(one, "a"), "1");
    seen.add(note(one, "b"), "2");
    const lines = readFileSync(seen.file, "utf8");
    appendFileSync(seen.file, lines.repeat(1_000));
    const again = seen.again();
    expect(readFileSync(seen.file, "utf8")).toBe(lines);
    expect(again.add(note(one, "b"), "2")).toBe(0);
  });

  it("are settled as they are then, whatever was prepared before", () => {
    let seen = open();
    const [mine, theirs] = [note(one, "mine"), note(one, "theirs")];
    for (const [each, revision] of [
      [mine, "1"],
      [theirs, "2"],
    ] as const) {
      seen.add(each, revision);
    }
    seen.prepareToSettle(new Map([[one, theirs]]), new Map([[one, "2"]]));
    seen.settleAll(new Map([[one, mine]]), new Map([[one, "1"]]), () => false);
    seen.prepareToSettle(new Map([[two, note(two, "a")]]), new Map([[two, "1"]]));
    seen.settleAll(new Map([[two, note(two, "a")]]), new Map([[two, "2"]]), () => false);
    for (let starts = 0; starts < 2; starts += 1) {
      expect(seen.age(mine, "1")).toBe(0);
      expect(seen.age(theirs, "2")).toBe(1);
      expect(seen.age(note(two, "a"), "1")).toBeNull();
      expect(seen.age(note(two, "a"), "2")).toBe(0);
      seen = seen.again();
    }
  });
});
