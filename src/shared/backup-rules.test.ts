import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expiredCopies, expiryOf, keptDays, type ReportOfCopy, type ShelvedCopy } from "./backup-rules";

const day = 24 * 60 * 60 * 1_000;
const confirmed = (atMs: number, needsHelp = 0): ReportOfCopy => ({ kind: "confirmed", atMs, needsHelp });

function copies(count: number, report: ReportOfCopy, changes: Partial<ShelvedCopy> = {}): ShelvedCopy[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `copy-${index}`,
    userId: "u",
    kind: "reset",
    createdAtMs: index,
    report,
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

  it("always leaves three of each user's, whatever the clock says", () => {
    const arbitrary = fc.array(
      fc.record({
        name: fc.uuid(),
        userId: fc.constantFrom("u", "v"),
        kind: fc.constantFrom("reset" as const, "daily" as const),
        createdAtMs: fc.integer(),
        report: fc.constantFrom<ReportOfCopy>({ kind: "none" }, confirmed(0), confirmed(0, 2)),
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
