/** The pieces that `npm run check` and `npm test` are made of, each a program that is called as it stands. */
import { join } from "node:path";
import { projectFolder } from "../setup/run-setup.mjs";
import { needsVirtualScreen } from "../setup/screen.mjs";
import { countPlaywright, countVitest } from "./counts.mjs";

/**
 * @typedef {object} Piece
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {{ file: string, count: (report: any) => import("./counts.mjs").Counts } | null} report
 * @property {Record<string, string>} [env]
 */

const reportFolder = join(projectFolder, "out", "test-results");

/** @param {string} program */
const installed = (program) => join(projectFolder, "node_modules", ".bin", program);

// Unlike the others, Biome colours logs too, letter by letter, and does not heed NO_COLOR.
const biomeColors = process.stdout.isTTY ? [] : ["--colors=off"];

/** @returns {Piece[]} */
export function checkPieces() {
  return [
    { name: "types", command: installed("tsc"), args: ["--noEmit"], report: null },
    { name: "lint and format", command: installed("biome"), args: ["ci", ...biomeColors], report: null },
    vitestPiece("unit and property tests", "quick"),
  ];
}

/** Whole clients and servers, started, killed and started again. @returns {Piece} */
export function storiesPiece() {
  return vitestPiece("stories", "stories");
}

/** Real clients and a real server at random, for half a minute: far longer by hand. @returns {Piece} */
export function soakPiece() {
  const args = ["src/server/testing/soak/run.ts", "--minutes", "0.5", "--seed", "11", "--json"];
  return { name: "soak", command: installed("tsx"), args, report: null };
}

/**
 * @param {string} name
 * @param {string} project one of vitest.config.ts
 * @returns {Piece}
 */
function vitestPiece(name, project) {
  const file = join(reportFolder, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  return {
    name,
    command: installed("vitest"),
    args: ["run", "--project", project, ...reporters],
    report: { file, count: countVitest },
  };
}

/** @returns {Piece} */
export function endToEndPiece() {
  const report = join(reportFolder, "e2e.json");
  const playwright = [installed("playwright"), "test", "--reporter=list,json"];
  const [command = "", ...args] = needsVirtualScreen(process.env)
    ? ["xvfb-run", "--auto-servernum", ...playwright]
    : playwright;
  return {
    name: "end-to-end tests",
    command,
    args,
    report: { file: report, count: countPlaywright },
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  };
}
