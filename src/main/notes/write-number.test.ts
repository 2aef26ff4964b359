import { describe, expect, it } from "vitest";
import type { JournalEntry } from "./journal-codec";
import { isEarlierWrite, lacksEntries, lastWriteIn, revisionOfWrite } from "./write-number";

const header = {
  version: 1,
  userId: "user",
  generation: "g",
  ordinal: 1,
  createdAtMs: 0,
  firstSeq: 5,
} as const;
const journal = (...numbers: number[]) => ({
  header,
  entries: numbers.map((seq) => ({ seq }) as JournalEntry),
});

describe("the number of a write", () => {
  it("is found in revisions of its own generation only", () => {
    const revisions = [
      revisionOfWrite("g", 7),
      revisionOfWrite("h", 9),
      "",
      "planted",
      revisionOfWrite("g", 6),
    ];
    expect(lastWriteIn(revisions, "g")).toBe(7);
    expect(lastWriteIn(revisions, "other")).toBe(0);
  });

  it("tells the order of two writes in one file, and of no others", () => {
    expect(isEarlierWrite(revisionOfWrite("g", 9), revisionOfWrite("g", 10))).toBe(true);
    expect(isEarlierWrite(revisionOfWrite("g", 10), revisionOfWrite("g", 10))).toBe(false);
    expect(isEarlierWrite(revisionOfWrite("g", 9), revisionOfWrite("h", 10))).toBe(false);
    for (const none of ["", "planted"]) expect(isEarlierWrite(none, none)).toBe(false);
  });
});

describe("a journal after a power cut", () => {
  it("lacks nothing where it tells of every write", () => {
    expect(lacksEntries(journal(5, 6, 7), 0, [revisionOfWrite("g", 7)])).toBe(false);
    expect(lacksEntries(journal(), 0, [])).toBe(false);
  });

  it("lacks what a gap in the numbers stands for, until the server has been seen to have it", () => {
    expect(lacksEntries(journal(5, 6, 8), 0, [])).toBe(true);
    expect(lacksEntries(journal(5, 6, 8), 6, [])).toBe(true);
    expect(lacksEntries(journal(5, 6, 8), 7, [])).toBe(false);
  });

  it("lacks its end where the realm has later writes", () => {
    expect(lacksEntries(journal(5, 6), 0, [revisionOfWrite("g", 7)])).toBe(true);
    expect(lacksEntries(journal(), 0, [revisionOfWrite("g", 5)])).toBe(true);
  });

  it("lacks its beginning or middle where numbers are missing", () => {
    expect(lacksEntries(journal(6, 7), 0, [revisionOfWrite("g", 7)])).toBe(true);
    expect(lacksEntries(journal(5, 7), 0, [revisionOfWrite("g", 7)])).toBe(true);
  });

  it("lacks nothing that matters where the server has acknowledged it", () => {
    expect(lacksEntries(journal(7), 6, [revisionOfWrite("g", 6)])).toBe(false);
    expect(lacksEntries(journal(), 8, [revisionOfWrite("g", 8)])).toBe(false);
  });
});
