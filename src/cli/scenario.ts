// `npm run scenario`: plays the story of a client reset with real processes and says whether anything was lost.

import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { strategyNames } from "../shared/recovery/plan-types";
import { statesAfterRestart, statesBeforeRestart } from "../shared/reset-machine";
import { fail, wholeNumber } from "./command-arguments";
import { causeNames, causes } from "./scenario/causes";
import { playStory } from "./scenario/play";

/** Where the laptop can be killed: 'Not now' is said in these stories. */
const crashStates = [...statesBeforeRestart, "postponed", ...statesAfterRestart] as const;

const usage = `usage: npm run scenario -- [--cause NAME] [--strategy NAME] [--notes N] [--seed S] [--crash-at STATE] [--json] [--keep]

Plays the whole story without a window: a real sync server and real clients as processes of their own take notes,
something happens to the server, clients are reset, restart and recover. Then everything that was typed is looked
for, and what the replicas hold is compared.

  --cause NAME       why the server resets its clients (default restored):
${causeNames.map((name) => `                     ${name.padEnd(12)} ${causes[name].title}`).join("\n")}
  --strategy NAME    how the clients recover: ${strategyNames.join(", ")}
                     (default merge; only merge is meant to lose nothing)
  --notes N          notes to import from the Markdown files of the installed packages (default 300)
  --seed S           seed of all chance (default 1)
  --crash-at STATE   kill the laptop once in this state of its recovery:
                     ${crashStates.join(", ")}
  --json             print one JSON object as the last line, and nothing but progress on stderr
  --keep             keep the data folders and say where they are

Exit code 0: nothing lost, overwritten, resurrected, orphaned or duplicated, and all replicas agree.
1: something was, or the story could not be played. 2: wrong arguments.`;

const options = {
  cause: { type: "string", default: "restored" },
  strategy: { type: "string", default: "merge" },
  notes: { type: "string", default: "300" },
  seed: { type: "string", default: "1" },
  "crash-at": { type: "string" },
  json: { type: "boolean", default: false },
  keep: { type: "boolean", default: false },
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
  const cause = causeNames.find((name) => name === values.cause);
  if (cause === undefined) fail(`--cause ${values.cause}: there are ${causeNames.join(", ")}`, 2);
  const strategy = strategyNames.find((name) => name === values.strategy);
  if (strategy === undefined) fail(`--strategy ${values.strategy}: there are ${strategyNames.join(", ")}`, 2);
  const crashAt = values["crash-at"] ?? null;
  if (crashAt !== null && !crashStates.some((state) => state === crashAt)) {
    fail(`--crash-at ${crashAt}: there are ${crashStates.join(", ")}`, 2);
  }
  const here = dirname(process.argv[1] ?? ".");
  const programs = { client: join(here, "client.cjs"), server: join(here, "server.cjs") };
  for (const program of Object.values(programs)) {
    if (!existsSync(program)) fail(`${program} is missing: run 'npm run setup' first`, 1);
  }
  const startedAtMs = Date.now();
  const { findings, ...result } = await playStory({
    cause,
    notes: wholeNumber("notes", values.notes, 10),
    seed: wholeNumber("seed", values.seed, 0),
    crashAt,
    strategy,
    programs,
    documents: resolve(here, "..", "..", "node_modules"),
    keep: values.keep,
    say: (line) => console.error(`${((Date.now() - startedAtMs) / 1000).toFixed(1)} s  ${line}`),
  });
  for (const finding of findings) console.error(`  ${finding}`);
  const { lost, overwritten, resurrected, orphans, duplicates, converged } = result;
  const isGood = lost + overwritten + resurrected + orphans + duplicates === 0 && converged;
  if (values.json) console.log(JSON.stringify(result));
  else console.log(isGood ? "Nothing was lost." : "Something is wrong:", result);
  process.exitCode = isGood ? 0 : 1;
}

main().catch((error: Error) => fail(`The story could not be played to its end: ${error.message}`, 1));
