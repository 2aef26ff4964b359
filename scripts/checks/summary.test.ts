import { expect, test } from "vitest";
import { formatTable, sumUp } from "./summary.mjs";

const types = { name: "types", isGood: true, tookMs: 4_200, counts: null };
const unit = { name: "unit", isGood: true, tookMs: 61_000, counts: { passed: 40, failed: 0, skipped: 0 } };
const windows = {
  name: "windows",
  isGood: true,
  tookMs: 12_000,
  counts: { passed: 10, failed: 0, skipped: 0 },
};

test("the tests of all suites are added up", () => {
  expect(sumUp([types, unit, windows])).toEqual({ passed: 50, failed: 0 });
});

test("a failed piece without tests is one failure", () => {
  expect(sumUp([{ ...types, isGood: false }, unit])).toEqual({ passed: 40, failed: 1 });
});

test("a suite that broke off without a report is one failure", () => {
  expect(sumUp([{ ...unit, isGood: false, counts: null }])).toEqual({ passed: 0, failed: 1 });
});

test("a suite that failed is not counted a second time beside its failed tests", () => {
  expect(sumUp([{ ...unit, isGood: false, counts: { passed: 38, failed: 2, skipped: 0 } }])).toEqual({
    passed: 38,
    failed: 2,
  });
});

test("a suite that reports only good tests and still ends badly is one failure", () => {
  expect(sumUp([{ ...unit, isGood: false }])).toEqual({ passed: 40, failed: 1 });
});

test("a skipped test fails the run", () => {
  const skipping = { ...unit, counts: { passed: 39, failed: 0, skipped: 1 } };
  expect(sumUp([skipping])).toEqual({ passed: 39, failed: 1 });
  expect(formatTable([skipping])).toContain("FAILED");
});

test("the table has a line for each piece with its verdict, its counts and its time", () => {
  expect(formatTable([types, { ...unit, isGood: false }]).split("\n")).toEqual([
    "types  good                                    4.2 s",
    "unit   FAILED  40 passed, 0 failed, 0 skipped  1 m 01 s",
  ]);
});
