// `npm run bench:fidelity`: the same random worlds through every strategy and through Realm's own automatic recovery,
// and what each did to them.

import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { strategyNames } from "../../src/shared/recovery/plan-types";
import { strategies } from "../../src/shared/recovery/strategies/strategy";
import { type Fidelity, judge, judgedStory } from "../../src/shared/recovery/testing/fidelity";
import { type ServerEvent, serverEvents, tellStory } from "../../src/shared/recovery/testing/random-world";
import type { Deed } from "../../src/shared/recovery/testing/world";
import { type Played, playTogether, type Told } from "./real-worlds";
import { perThousand, type Row, renderTable } from "./table";

const usage = `usage: npm run bench:fidelity -- [--worlds N] [--real N] [--seed S] [--event NAME] [--json]

Two devices write, move, trash and restore notes; one goes offline; the server is started anew, is restored from a
backup, loses notes or loses lists of children; and one or both devices recover. Each world is recovered once by every
strategy, from the same state, and then it is counted: words lost, others' edits overwritten, notes resurrected,
orphaned and duplicated.

The strategies recover worlds in memory. realm-auto is Realm's own recoverUnsyncedChanges: the same worlds are played
with real SDK clients and the real server, and compared with those in memory before anything is recovered.

  --worlds N     how many worlds (default 1000)
  --real N       how many of them realm-auto recovers, the first ones (default: all; 0: none)
  --seed S       seed of the first world; the others follow (default 1)
  --event NAME   only worlds in which the server does this: ${serverEvents.join(", ")}
  --json         print one JSON object as the last line: counts per 1000 worlds

Exit code 0: measured, and merge did no harm. 1: it did, or it could not be measured. 2: wrong arguments.`;

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const programs = {
  server: join(root, "out", "node", "server.cjs"),
  peer: join(root, "out", "node", "fidelity-peer.cjs"),
};
const attemptLimit = 5;
/** Worlds that share a server and its clients' processes. */
const together = 100;
const isServerSet = (event: ServerEvent): boolean => event === "rolled-back";

const say = (line: string): void => console.error(`${process.uptime().toFixed(1)} s  ${line}`);

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  return refuse(`--${name} takes a whole number, not '${text}'`);
}

function refuse(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      options: {
        worlds: { type: "string", default: "1000" },
        real: { type: "string" },
        seed: { type: "string", default: "1" },
        event: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

async function main(): Promise<void> {
  const values = options();
  if (values.help) {
    console.log(usage);
    return;
  }
  const worlds = wholeNumber("worlds", values.worlds);
  const firstSeed = wholeNumber("seed", values.seed);
  const real = Math.min(worlds, wholeNumber("real", values.real ?? values.worlds));
  const event = serverEvents.find((name) => name === values.event);
  if (values.event !== undefined && event === undefined)
    refuse(`--event ${values.event}: there are ${serverEvents.join(", ")}`);
  if (worlds === 0) refuse("--worlds takes a number from 1 on");
  const more = { worksBetween: false, ...(event === undefined ? {} : { event }) };
  const rows: Row[] = [];

  for (const name of strategyNames) {
    const counted = Array.from({ length: worlds }, (_, index) => {
      const story = tellStory(firstSeed + index, { ...more, planner: strategies[name] });
      return { event: story.event, counts: judge(judgedStory(story)) };
    });
    rows.push({ name, counted, notes: [] });
    say(`${name}: ${worlds} worlds`);
  }
  if (real > 0) rows.push(await playReal(firstSeed, real, more));

  for (const each of [null, ...serverEvents]) {
    const table = renderTable(rows, each);
    if (table !== null) console.log(`\n${table}`);
  }
  for (const note of rows.flatMap(({ notes }) => notes)) console.log(`\n${note}`);
  const merge = perThousand(rows[0]!.counted.map(({ counts }) => counts));
  if (values.json) {
    const result = rows.map(({ name, counted }) => [
      name,
      { ...perThousand(counted.map(({ counts }) => counts)), worlds: counted.length },
    ]);
    console.log(JSON.stringify(Object.fromEntries(result)));
  }
  process.exitCode = Object.values(merge).every((count) => count === 0) ? 0 : 1;
}

async function playReal(firstSeed: number, count: number, more: object): Promise<Row> {
  const told = Array.from({ length: count }, (_, index): Told => {
    const deeds: Deed[] = [];
    const story = tellStory(firstSeed + index, { ...more, onDeed: (deed) => void deeds.push(deed) });
    return { number: index + 1, story, deeds };
  });
  const counted = new Map<number, { event: ServerEvent; counts: Fidelity }>();
  const endings = { recovered: 0, "went-on": 0, failed: 0 };
  const problems = new Set<string>();
  for (const kind of [false, true]) {
    const alike = told.filter(({ story }) => isServerSet(story.event) === kind);
    for (let from = 0; from < alike.length; from += together) {
      const chunk = alike.slice(from, from + together);
      for (const { number, judged, endings: ended } of await playUntilItEnds(chunk)) {
        counted.set(number, { event: told[number - 1]!.story.event, counts: judge(judged) });
        for (const ending of ended) {
          endings[ending.kind] += 1;
          if (ending.kind === "failed") problems.add(ending.message);
        }
      }
      say(`realm-auto: ${counted.size} of ${count} worlds, ${JSON.stringify(endings)}`);
    }
  }
  const failed = problems.size === 0 ? "" : ` Failures: ${[...problems].join(" / ")}.`;
  return {
    name: "realm-auto",
    counted: told.map(({ number }) => counted.get(number)!),
    notes: [
      `realm-auto: of ${endings.recovered + endings["went-on"] + endings.failed} recoveries, ${endings.recovered} were ` +
        `carried out by Realm, ${endings["went-on"]} clients went on without a reset (they had seen nothing that the ` +
        `server lost), ${endings.failed} failed.${failed} ${aborted} times Realm ended its own process in the midst of it, and the worlds ` +
        "were played again.",
    ],
  };
}

let aborted = 0;

/** Realm's recovery ends its process now and then (an assertion in its core): then the worlds are played again. */
async function playUntilItEnds(chunk: readonly Told[]): Promise<Played[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await playTogether(chunk, programs);
    } catch (error) {
      const { message } = error as Error;
      if (!/process ended \(SIG/.test(message) || attempt === attemptLimit) throw error;
      aborted += 1;
      say(`Realm ended its process: ${message}; playing these worlds again`);
    }
  }
}

main().catch((error: Error) => {
  console.error(`It could not be measured: ${error.message}`);
  process.exit(1);
});
