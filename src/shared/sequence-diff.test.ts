import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffSequences, type Hunk } from "./sequence-diff";

const element = fc.constantFrom("a", "b", "c", "d", "");
const sequence = fc.array(element, { maxLength: 30 });

/** Rebuilds b from a and the hunks, checking that everything between hunks is shared. */
function rebuild(a: readonly string[], b: readonly string[], hunks: readonly Hunk[]): string[] {
  const built: string[] = [];
  let atA = 0;
  for (const { fromA, toA, fromB, toB } of hunks) {
    built.push(...a.slice(atA, fromA), ...b.slice(fromB, toB));
    atA = toA;
  }
  return [...built, ...a.slice(atA)];
}

function cost(hunks: readonly Hunk[]): number {
  return hunks.reduce((sum, { fromA, toA, fromB, toB }) => sum + toA - fromA + toB - fromB, 0);
}

describe("diffSequences", () => {
  it("finds nothing between equal sequences", () => {
    expect(diffSequences(["a", "b"], ["a", "b"])).toEqual([]);
    expect(diffSequences([], [])).toEqual([]);
  });

  it("gives hunks that rise, never touch, and rebuild the second from the first", () => {
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        const hunks = diffSequences(a, b);
        expect(rebuild(a, b, hunks)).toEqual(b);
        for (const [index, hunk] of hunks.entries()) {
          const next = hunks[index + 1];
          expect(cost([hunk])).toBeGreaterThan(0);
          if (next === undefined) continue;
          expect(next.fromA).toBeGreaterThan(hunk.toA);
          expect(next.fromA - hunk.toA).toBe(next.fromB - hunk.toB);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("finds the shortest script where no element is unique", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b"), { minLength: 2, maxLength: 12 }),
        sequence,
        (part, extra) => {
          const a = [...part, ...part];
          const b = [...a.slice(0, 3), ...extra.slice(0, 2).map(() => "a"), ...a.slice(3)];
          expect(cost(diffSequences(a, b))).toBeLessThanOrEqual(b.length - a.length);
        },
      ),
    );
  });

  it("lines up what occurs once on both sides", () => {
    const a = ["{", "one", "}", "{", "two", "}"];
    const b = ["{", "zero", "}", "{", "one", "}", "{", "two", "}"];
    expect(rebuild(a, b, diffSequences(a, b))).toEqual(b);
    expect(cost(diffSequences(a, b))).toBe(3);
  });

  it("ends soon on large sequences that share nothing or everything but their order", () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index}`);
    const others = lines.map((line) => `${line}!`);
    const few = lines.map((_, index) => `${(index * 7919) % 13}`);
    const manyTimes = lines.map((_, index) => `${(index * 104_729) % 17}`);
    const startedAtMs = performance.now();
    expect(diffSequences(lines, others)).toHaveLength(1);
    expect(rebuild(lines, lines.toReversed(), diffSequences(lines, lines.toReversed()))).toEqual(
      lines.toReversed(),
    );
    expect(rebuild(few, manyTimes, diffSequences(few, manyTimes))).toEqual(manyTimes);
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  });
});
