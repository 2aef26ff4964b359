import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { PlanStep } from "../../shared/recovery/plan-types";
import { afterRefusals, intoBatches } from "./batches";

const step = (number: number, text: string): PlanStep => ({
  note: {
    id: `${number}` as NoteId,
    text,
    isRoot: false,
    parentId: null,
    orderKey: "V",
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
  },
  expect: null,
});
const steps = (count: number, text: string) =>
  Array.from({ length: count }, (_, number) => step(number, text));
const sizes = (batches: PlanStep[][]) => batches.map(({ length }) => length);

describe("batches of a plan", () => {
  it("have at most 1,000 notes, in order", () => {
    const all = steps(2_500, "few words");
    expect(sizes(intoBatches(all))).toEqual([1_000, 1_000, 500]);
    expect(intoBatches(all).flat()).toEqual(all);
    expect(intoBatches([])).toEqual([]);
  });

  it("have at most 512 KB of text, as it goes over the wire", () => {
    const kilobyte = 1_024;
    expect(sizes(intoBatches(steps(5, "x".repeat(256 * kilobyte))))).toEqual([2, 2, 1]);
    expect(sizes(intoBatches(steps(4, "é".repeat(128 * kilobyte))))).toEqual([2, 2]);
  });

  it("hold a larger note alone", () => {
    const large = step(1, "x".repeat(700_000));
    expect(sizes(intoBatches([step(0, "a"), large, step(2, "b")]))).toEqual([1, 1, 1]);
  });

  it("are half as large for each time that the server refused one", () => {
    expect(sizes(intoBatches(steps(1_000, "few words"), 2))).toEqual([250, 250, 250, 250]);
    expect(sizes(intoBatches(steps(3, "few words"), 30))).toEqual([1, 1, 1]);
  });
});

describe("what is written after refusals", () => {
  const all = [step(0, "few"), step(1, "x".repeat(90_000)), step(2, "words"), step(3, "x".repeat(70_000))];
  const idsOf = (some: readonly PlanStep[]) => some.map(({ note }) => note.id);

  it("is more batches each time, until each is one note", () => {
    const many = steps(100, "few words");
    const counts = Array.from({ length: 7 }, (_, refusals) => afterRefusals(many, refusals).batches.length);
    expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(100);
    expect(afterRefusals(many, 6).leftOut).toEqual([]);
    expect(afterRefusals(many, 6).batches.flat()).toEqual(many);
  });

  it("is one note less each time after that, the largest first", () => {
    const singles = Array.from({ length: 9 }, (_, refusals) => afterRefusals(all, refusals)).filter(
      ({ leftOut }) => leftOut.length > 0,
    );
    expect(singles.slice(0, 4).map(({ leftOut }) => idsOf(leftOut))).toEqual([
      ["1"],
      ["1", "3"],
      ["1", "2", "3"],
      ["0", "1", "2", "3"],
    ]);
    for (const { batches, leftOut } of singles) {
      expect(batches.every(({ length }) => length === 1)).toBe(true);
      expect([...idsOf(batches.flat()), ...idsOf(leftOut)].sort()).toEqual(["0", "1", "2", "3"]);
    }
  });
});
