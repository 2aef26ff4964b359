/**
 * Command line of the merge oracle: compares our transformer with realm-core's own on random pairs of concurrent
 * changeset sequences. Exit status 0 only when every merge agreed.
 */
import { parseArgs } from "node:util";
import { buildOracle } from "./build-oracle.mjs";
import { runCampaign } from "./campaign";
import { listing } from "./compare";
import { writeFixture } from "./fixture";
import { OracleProcess } from "./oracle-process";

const usage = `Compares the server's merge of concurrent changesets with realm-core's own.

Usage: test:oracle [options]

  --pairs <n>       how many random pairs, each merged in both roles (default 20000)
  --seed <n>        where the random numbers start; pair i has seed <n> + i (default: from the clock)
  --keep            write shrunk counter-examples to fixtures/, where the tests find them
  --max-found <n>   how many counter-examples to shrink and show (default 5)
  --program <path>  use this oracle program instead of building it
  --json            print nothing but the report
  --help            print this

The last line is a report in JSON: pairs, mismatches, seed, byInstruction.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      pairs: { type: "string", default: "20000" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
      keep: { type: "boolean", default: false },
      "max-found": { type: "string", default: "5" },
      program: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const pairs = integer("--pairs", values.pairs);
  const seed = integer("--seed", values.seed);
  const maxFound = integer("--max-found", values["max-found"]);
  const say = values.json ? () => {} : (text: string) => console.log(text);

  const oracle = new OracleProcess(values.program ?? buildOracle());
  const startedAtMs = performance.now();
  let nextReportAtMs = startedAtMs + 5000;
  const { found, merges, ...report } = await runCampaign(oracle, { pairs, seed, maxFound }, (done) => {
    if (performance.now() < nextReportAtMs) return;
    nextReportAtMs = performance.now() + 5000;
    say(`${done} of ${pairs} pairs`);
  });
  await oracle.close();

  for (const { seed: pairSeed, pair, difference } of found) {
    say(`\nCounter-example (shrunk) from seed ${pairSeed}`);
    for (const [side, sequence] of Object.entries(pair)) {
      for (const { originTimestampMs, originFileIdent, instructions } of sequence) {
        say(`${side}, timestamp ${originTimestampMs}, file ${originFileIdent}:\n${listing(instructions)}`);
      }
    }
    say(difference);
    if (values.keep) say(`kept as ${writeFixture(`seed-${pairSeed}`, difference.split("\n")[0]!, pair)}`);
  }
  say(
    Object.entries(merges)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(", "),
  );
  say(`${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
  console.log(JSON.stringify(report));
  return report.mismatches === 0 ? 0 : 1;
}

function integer(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${name} takes a whole number, not '${text}'`);
  return Number(text);
}

process.exitCode = await main();
