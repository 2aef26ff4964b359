import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { PlanStep } from "../../shared/recovery/plan-types";
import { intoBatches } from "./batches";

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
