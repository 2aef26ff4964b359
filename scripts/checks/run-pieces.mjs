/** Runs pieces one after the other, also after a failure, and ends with the table and the sum. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { formatElapsed } from "../setup/progress.mjs";
import { projectFolder, runSetup } from "../setup/run-setup.mjs";
import { formatTable, sumUp } from "./summary.mjs";

/**
 * @param {() => import("./pieces.mjs").Piece[]} pieces asked for after setup, because they may depend on it
 * @returns {Promise<number>} exit code; the last line printed is "N passed, N failed"
 */
export async function runPieces(pieces) {
  const setupCode = await runSetup({ purpose: "tests" });
  if (setupCode !== 0) {
    console.log("0 passed, 1 failed");
    return setupCode;
  }
  /** @type {import("./summary.mjs").PieceResult[]} */
  const results = [];
  for (const piece of pieces()) {
    console.log(`\n== ${piece.name} ==`);
    const startedAt = Date.now();
    const endedWell = await runPiece(piece);
    const tookMs = Date.now() - startedAt;
    const counts = readCounts(piece);
    console.log(`== ${piece.name}: ${formatElapsed(tookMs)} ==`);
    const isGood = endedWell && (piece.report === null || counts !== null);
    results.push({ name: piece.name, isGood, tookMs, counts });
  }
  const { passed, failed } = sumUp(results);
  console.log(`\n${formatTable(results)}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** @param {import("./pieces.mjs").Piece} piece @returns {Promise<boolean>} */
function runPiece({ command, args, report, env }) {
  if (report !== null) {
    // A report of a former run must never speak for this one.
    rmSync(report.file, { force: true });
    mkdirSync(dirname(report.file), { recursive: true });
  }
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectFolder,
      env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }), ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.on("close", (code) => resolve(code === 0));
  });
}

/** @param {import("./pieces.mjs").Piece} piece */
function readCounts({ report }) {
  if (report === null || !existsSync(report.file)) return null;
  return report.count(JSON.parse(readFileSync(report.file, "utf8")));
}
