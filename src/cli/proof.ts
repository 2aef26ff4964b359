// `npm run test:recovery`: the proof by machines that try to lose notes. Plays seeded worlds and judges them; the fast
// tier simulates everything around the app's own code, the slow tier is the real thing.

import { parseArgs } from "node:util";
import { fail, wholeNumber } from "./command-arguments";
import { worldKinds } from "./proof/commands";
import { runFast } from "./proof/run-fast";
import { runMutations } from "./proof/run-mutations";
import { runSlow } from "./proof/run-slow";

const usage = `usage: npm run test:recovery -- [--tier fast|slow] [--seeds N] [--seed S] [--json]

Plays stories of several machines with notes, a server that resets them, crashes, full disks and wrong clocks, each
made from a seed, and judges what is there in the end: nothing typed may be lost, nothing of anybody else's changed.

  --tier fast|slow   fast: the real app over a simulated disk, realm, server and clock, thousands of seeds (default)
                     slow: real processes with the real Realm and the real server, killed with SIGKILL
  --seeds N          how many seeds (default: 1000 fast, 5 slow)
  --seed S           the first seed (default 1)
  --world KIND       fast tier: one kind of world for every seed: plain, wide or many; without it every seed is played
                     in a plain world, every fourth in a wide one, too, and every 64th in one with many notes
  --known            fast tier: the seeds that were broken once (src/cli/proof/known-seeds.ts), and no others
  --crash-points     fast tier: die at every single operation of a recovery, one run for each
  --mutations        plant each known flaw as a bug and see that an oracle notices; --only F3 for one of them,
                     --part K for every K-th, beginning with number --seed
  --workers N        processes that share the seeds (default 1)
  --once             do not play each seed a second time to see that it comes to the same
  --trace            write down everything that happens, for one seed
  --json             nothing but progress on stderr, and one JSON object as the last line:
                     {seeds, violations, byOracle, crashPoints, ...}

Exit code 0: no promise was broken. 1: one was; its seed and the shortest story that breaks it are printed.
2: wrong arguments.`;

const options = {
  tier: { type: "string", default: "fast" },
  seeds: { type: "string" },
  seed: { type: "string", default: "1" },
  world: { type: "string" },
  "crash-points": { type: "boolean", default: false },
  known: { type: "boolean", default: false },
  mutations: { type: "boolean", default: false },
  only: { type: "string" },
  part: { type: "string", default: "1" },
  workers: { type: "string", default: "1" },
  once: { type: "boolean", default: false },
  trace: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = (() => {
    try {
      return parseArgs({ options });
    } catch (error) {
      return fail(`${(error as Error).message}\n\n${usage}`, 2);
    }
  })();
  if (values.help) {
    console.log(usage);
    return;
  }
  if (values.tier !== "fast" && values.tier !== "slow") fail(`--tier takes fast or slow\n\n${usage}`, 2);
  const world = worldKinds.find((kind) => kind === values.world) ?? null;
  if (values.world !== undefined && world === null)
    fail(`--world takes ${worldKinds.join(", ")}\n\n${usage}`, 2);
  const seed = wholeNumber("seed", values.seed, 0);
  const isSlow = values.tier === "slow";
  const usualSeeds = isSlow ? "5" : values["crash-points"] ? "1" : "1000";
  const common = {
    seed,
    seeds: wholeNumber("seeds", values.seeds ?? usualSeeds, 1),
    workers: wholeNumber("workers", values.workers, 1),
    say: (line: string) => console.error(line),
  };
  const { "crash-points": crashPoints, known: knownSeeds, once, trace } = values;
  const part = wholeNumber("part", values.part, 1);
  const result = values.mutations
    ? await runMutations({ part, from: seed, only: values.only ?? null, say: common.say })
    : isSlow
      ? await runSlow(common)
      : await runFast({ ...common, crashPoints, knownSeeds, twice: !once, trace, world });
  if (values.json) console.log(JSON.stringify(result));
  else console.log(result.violations === 0 ? "Every promise was kept." : "A promise was broken:", result);
  process.exitCode = result.violations === 0 ? 0 : 1;
}

main().catch((error: Error) => fail(`The proof could not be run: ${error.stack}`, 1));
