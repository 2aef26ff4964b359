/**
 * What is said when all pieces have run. Pure. The sum is strict: a piece without tests of its own counts as
 * one failure when it fails, and so does every skipped test, because a skipped test of safety proves nothing.
 * So the last line says "0 failed" only when everything that was meant to run did run and was good.
 */
import { formatElapsed } from "../setup/progress.mjs";

/**
 * @typedef {import("./counts.mjs").Counts} Counts
 * @typedef {{ name: string, isGood: boolean, tookMs: number, counts: Counts | null }} PieceResult
 *   `counts` is null for a piece that is no test suite, and for a suite that left no report
 */

/** @param {PieceResult[]} results @returns {{ passed: number, failed: number }} */
export function sumUp(results) {
  let passed = 0;
  let failed = 0;
  for (const { isGood, counts } of results) {
    const failures = counts === null ? 0 : counts.failed + counts.skipped;
    passed += counts?.passed ?? 0;
    failed += failures > 0 || isGood ? failures : 1;
  }
  return { passed, failed };
}

/** @param {PieceResult[]} results @returns {string} a table, one line for each piece */
export function formatTable(results) {
  const rows = results.map(({ name, isGood, tookMs, counts }) => [
    name,
    isGood && (counts === null || counts.failed + counts.skipped === 0) ? "good" : "FAILED",
    counts === null ? "" : `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
    formatElapsed(tookMs),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
