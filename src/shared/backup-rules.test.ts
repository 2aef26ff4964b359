import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expiredCopies,
  expiryOf,
  type Kept,
  keptDays,
  keptFor,
  keptWords,
  mayDelete,
  type ReportOfCopy,
  type ShelvedCopy,
} from "./backup-rules";

const day = 24 * 60 * 60 * 1_000;
const confirmed = (atMs: number, needsHelp = 0): ReportOfCopy => ({ kind: "confirmed", atMs, needsHelp });

function copies(count: number, report: ReportOfCopy, changes: Partial<ShelvedCopy> = {}): ShelvedCopy[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `copy-${index}`,
    userId: "u",
    kind: "reset",
    createdAtMs: index,
    report,
    signOut: "none",
    onServerAtMs: null,
    ...changes,
  }));
}

describe("which safety copies may go", () => {
  it("are those confirmed for thirty days, but for the last three", () => {
    const shelf = copies(5, confirmed(0));
    expect(expiredCopies(shelf, keptDays * day)).toEqual([]);
    expect(expiredCopies(shelf, keptDays * day + 1)).toEqual(["copy-1", "copy-0"]);
  });

  it("are none that nobody confirmed, and none with a note that needs help", () => {
    for (const report of [
      { kind: "none" },
      { kind: "open", needsHelp: 0 },
      confirmed(0, 1),
    ] satisfies ReportOfCopy[]) {
      expect(expiredCopies(copies(9, report), 9_999 * day)).toEqual([]);
      expect(expiryOf(copies(1, report)[0]!)).toBe(null);
    }
  });

  it("are daily ones older than the last three, which the copies of resets do not count among", () => {
    const daily = copies(5, { kind: "none" }, { kind: "daily" });
    const resets = copies(3, confirmed(0), { createdAtMs: 100 }).map((copy) => ({
      ...copy,
      name: `r${copy.name}`,
    }));
    expect(expiredCopies([...daily, ...resets], 50)).toEqual(["copy-1", "copy-0"]);
  });

  it("are those of a sign-out thirty days after all of it was seen on the server, and not before", () => {
    const unsynced = copies(5, { kind: "none" }, { signOut: "from-account" });
    expect(expiredCopies(unsynced, 9_999 * day)).toEqual([]);
    const synced = unsynced.map((copy) => ({ ...copy, onServerAtMs: 7 * day }));
    expect(expiredCopies(synced, 7 * day + keptDays * day)).toEqual([]);
    expect(expiredCopies(synced, 7 * day + keptDays * day + 1)).toEqual(["copy-1", "copy-0"]);
    // What a report says of the same file counts for more: it may need help.
    const recovered = synced.map((copy) => ({ ...copy, report: confirmed(0, 1) }));
    expect(expiredCopies(recovered, 9_999 * day)).toEqual([]);
  });

  it("are none of notes that belong to no account", () => {
    const shelf = copies(5, { kind: "none" }, { signOut: "for-good", onServerAtMs: 0 });
    expect(expiredCopies(shelf, 9_999 * day)).toEqual([]);
  });

  it("always leaves three of each user's, whatever the clock says", () => {
    const arbitrary = fc.array(
      fc.record({
        name: fc.uuid(),
        userId: fc.constantFrom("u", "v"),
        kind: fc.constantFrom("reset" as const, "daily" as const),
        createdAtMs: fc.integer(),
        report: fc.constantFrom<ReportOfCopy>({ kind: "none" }, confirmed(0), confirmed(0, 2)),
        signOut: fc.constantFrom("none" as const, "from-account" as const, "for-good" as const),
        onServerAtMs: fc.option(fc.integer()),
      }),
    );
    fc.assert(
      fc.property(arbitrary, fc.integer(), (shelf, now) => {
        const gone = new Set(expiredCopies(shelf, now));
        for (const userId of ["u", "v"]) {
          for (const kind of ["reset", "daily"]) {
            const theirs = shelf.filter((copy) => copy.userId === userId && copy.kind === kind);
            const left = theirs.filter(({ name }) => !gone.has(name));
            expect(left.length).toBeGreaterThanOrEqual(Math.min(3, theirs.length));
          }
        }
      }),
    );
  });
});

describe("how long a safety copy is kept", () => {
  const [copy] = copies(1, { kind: "none" }) as [ShelvedCopy];
  const said = (changes: Partial<ShelvedCopy>) => {
    const kept: Kept = keptFor({ ...copy, ...changes });
    return { words: keptWords(kept, (atMs) => `day ${atMs / day}`), mayDelete: mayDelete(kept) };
  };

  it("is said by what holds it, and what is still to be looked at cannot be deleted by hand", () => {
    expect(said({ kind: "daily" })).toEqual({ words: expect.stringMatching(/three newer/), mayDelete: true });
    expect(said({ report: confirmed(day) })).toEqual({
      words: "Kept until day 31, and never fewer than the last three.",
      mayDelete: true,
    });
    expect(said({ report: { kind: "open", needsHelp: 2 } })).toEqual({
      words: expect.stringMatching(/needs your help any more \(2 notes left\)/),
      mayDelete: false,
    });
    expect(said({ report: { kind: "open", needsHelp: 0 } })).toEqual({
      words: expect.stringMatching(/until you confirm/),
      mayDelete: false,
    });
    expect(said({})).toEqual({ words: expect.stringMatching(/are recovered/), mayDelete: false });
    expect(said({ signOut: "from-account" })).toEqual({
      words: expect.stringMatching(/not synced at the sign-out/),
      mayDelete: true,
    });
    expect(said({ signOut: "for-good" })).toEqual({
      words: expect.stringMatching(/belong to no account/),
      mayDelete: true,
    });
  });
});
