/**
 * Reads how many tests passed, failed and were skipped out of the JSON reports of vitest and Playwright.
 * Pure. What a report does not say plainly counts as failed: a suite that could not be loaded, an error
 * outside any test.
 */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {any} report vitest's JSON report @returns {Counts} */
export function countVitest(report) {
  const passed = readCount(report.numPassedTests);
  const failed = readCount(report.numFailedTests);
  const skipped = readCount(report.numPendingTests) + readCount(report.numTodoTests);
  const brokenFiles = report.testResults.filter(
    (/** @type {any} */ file) =>
      file.status === "failed" &&
      !file.assertionResults.some((/** @type {any} */ test) => test.status === "failed"),
  ).length;
  const unexplained = report.success === false && failed + brokenFiles === 0 ? 1 : 0;
  return { passed, failed: failed + brokenFiles + unexplained, skipped };
}

/** @param {any} report Playwright's JSON report @returns {Counts} a test that passed only on a retry counts as failed */
export function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return {
    passed: readCount(expected),
    failed: readCount(unexpected) + readCount(flaky) + report.errors.length,
    skipped: readCount(skipped),
  };
}

/** @param {unknown} value @returns {number} */
function readCount(value) {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new Error(`A test report holds ${JSON.stringify(value)} where a number of tests should be`);
  }
  return value;
}
