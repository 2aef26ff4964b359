import { expect, test } from "vitest";
import { countPlaywright, countVitest } from "./counts.mjs";

const vitestReport = {
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
};

test("vitest's passed, failed, skipped and still unwritten tests are told apart", () => {
  const report = {
    ...vitestReport,
    success: false,
    numFailedTests: 2,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "failed" }] }],
  };
  expect(countVitest(report)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test("a test file that could not be loaded counts as a failure, though none of its tests ran", () => {
  const report = {
    ...vitestReport,
    success: false,
    testResults: [...vitestReport.testResults, { status: "failed", assertionResults: [] }],
  };
  expect(countVitest(report)).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

test("a vitest run that failed for a reason outside its tests counts as a failure", () => {
  expect(countVitest({ ...vitestReport, success: false }).failed).toBe(1);
});

test("a Playwright test that needed a retry counts as failed, and so does an error outside any test", () => {
  const report = {
    stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 },
    errors: [{ message: "no web server" }],
  };
  expect(countPlaywright(report)).toEqual({ passed: 5, failed: 3, skipped: 2 });
});

test("a report without its numbers is an error and not zero failures", () => {
  expect(() => countPlaywright({ stats: {}, errors: [] })).toThrow(/test report/);
  expect(() => countVitest({ testResults: [] })).toThrow(/test report/);
});
