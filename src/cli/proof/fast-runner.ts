// The program that plays simulated stories: started by src/cli/proof.ts after it was bundled with the simulated world.
// Takes its orders as one JSON argument, tells of what it finds line by line, and ends with one line of counts.

import { planSeed, type StoryPlan, type WorldKind, worldKinds } from "./commands";
import { crashEverywhere } from "./crash-points";
import { knownSeeds } from "./known-seeds";
import type { RunnerMessage, RunnerOrder } from "./runner-messages";
import { shrinkPlan } from "./shrink";
import { installTimers, Killed } from "./simulation";
import { playStory, type StoryResult } from "./story";

const order = JSON.parse(process.argv[2] ?? "{}") as RunnerOrder;
// Errors are made by the thousand here (a file that is not there), and nobody reads where.
if (!order.trace) Error.stackTraceLimit = 0;
const realImmediate = globalThis.setImmediate;
const restoreTimers = installTimers();
let unhandled: string | null = null;
process.on("unhandledRejection", (reason) => {
  if (!(reason instanceof Killed)) unhandled ??= String(reason instanceof Error ? reason.stack : reason);
});

function tell(message: RunnerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/**
 * The seed's story; where something threw that must not, that is what is wrong with it. A simulation empties the queue
 * of microtasks itself, so it cannot run in one; and Node tells of a rejection that nobody handled only after it.
 */
function play(seed: number, plan: StoryPlan, keepsLines = false): Promise<StoryResult | null> {
  return outsideMicrotasks(() => {
    try {
      return playStory(seed, plan, { keepsLines });
    } catch (error) {
      unhandled ??= String(error instanceof Error ? error.stack : error);
      return null;
    }
  });
}

function outsideMicrotasks<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    realImmediate(() => {
      const result = work();
      realImmediate(() => resolve(result));
    });
  });
}

/** Every seed has a plain world; some have another one as well, with draws of its own. */
function worldsOf(seed: number): readonly WorldKind[] {
  if (order.world !== null) return [order.world];
  return [
    "plain",
    ...(seed % 4 === 0 ? ["wide" as const] : []),
    ...(seed % 64 === 1 ? ["many" as const] : []),
  ];
}

/** What to play: seeds, each with its worlds. */
function* seedsInOrder(): Generator<ToPlay> {
  if (order.mode === "known-seeds") {
    for (const world of worldKinds) {
      for (const seed of knownSeeds[world] ?? []) {
        // As they were when they were broken, and with somebody who writes on.
        yield { seed, worlds: [world], writesMeanwhile: false };
        yield { seed, worlds: [world], writesMeanwhile: true };
      }
    }
    return;
  }
  for (let seed = order.seed; seed < order.seed + order.seeds; seed += order.stride)
    yield { seed, worlds: worldsOf(seed), writesMeanwhile: seed % 5 !== 0 };
}

type ToPlay = {
  readonly seed: number;
  readonly worlds: readonly WorldKind[];
  readonly writesMeanwhile: boolean;
};

async function playSeeds(): Promise<void> {
  const counts: Record<string, number> = {
    resets: 0,
    recoveries: 0,
    deaths: 0,
    stopped: 0,
    commands: 0,
    tokens: 0,
  };
  const byOracle: Record<string, number> = {};
  let violations = 0;
  let seeds = 0;
  for (const { seed, worlds, writesMeanwhile } of seedsInOrder()) {
    let isBroken = false;
    for (const world of worlds) {
      const plan = planSeed(seed, world, writesMeanwhile);
      const found = await oraclesOf(seed, plan, counts);
      counts[world] = (counts[world] ?? 0) + 1;
      if (found.size === 0) {
        await traceFor(seed, plan);
        continue;
      }
      isBroken = true;
      for (const oracle of found.keys()) byOracle[oracle] = (byOracle[oracle] ?? 0) + 1;
      await tellOf(seed, world, plan, found);
    }
    seeds += 1;
    if (isBroken) violations += 1;
    if (isBroken && order.stopAtFirst) break;
    if (seeds % 1_000 === 0) tell({ kind: "progress", seeds });
  }
  tell({ kind: "done", seeds, violations, byOracle, counts });
}

/** What is wrong with the story, by oracle. Played twice, it must come to the same in every step. */
async function oraclesOf(
  seed: number,
  plan: StoryPlan,
  counts: Record<string, number> | null = null,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  unhandled = null;
  const first = await play(seed, plan);
  for (const { oracle, what } of first?.violations ?? []) if (!found.has(oracle)) found.set(oracle, what);
  if (order.twice && first !== null) {
    const second = await play(seed, plan);
    if (second?.trace !== first.trace) found.set("same-twice", `${first.trace} and then ${second?.trace}`);
  }
  if (unhandled !== null) found.set("unhandled", unhandled);
  if (counts !== null && first !== null) {
    for (const [name, count] of Object.entries(first.counts)) counts[name] = (counts[name] ?? 0) + count;
    counts.commands = (counts.commands ?? 0) + plan.commands.length;
    counts.tokens = (counts.tokens ?? 0) + first.story.ledger.tokens.size;
  }
  return found;
}

async function tellOf(
  seed: number,
  world: WorldKind,
  plan: StoryPlan,
  found: Map<string, string>,
): Promise<void> {
  const [[oracle, what]] = [...found] as [[string, string]];
  let shrunk: StoryPlan | null = null;
  if (order.shrink) {
    // The same complaint: a shorter story may break the same promise in quite another way.
    shrunk = await shrinkPlan(plan, async (shorter) => {
      const foundNow = (await oraclesOf(seed, shorter)).get(oracle);
      return foundNow !== undefined && withoutNames(foundNow) === withoutNames(what);
    });
  }
  await traceFor(seed, shrunk ?? plan);
  const commands = (shrunk ?? plan).commands.map(({ kind, machine, waitMs }) => {
    return `${kind} on machine ${machine % (shrunk ?? plan).machines}, then ${waitMs} ms`;
  });
  tell({
    kind: "violation",
    seed,
    world,
    oracles: [...found].map(([name, what]) => ({ oracle: name, what })),
    commands,
  });
}

/** What is made in the story is named by when it was made there. */
function withoutNames(what: string): string {
  return what.replaceAll(/#\w+\.\d+|[\da-f]{8}-[\da-f-]{27}/g, "");
}

/** What happened, line by line: of a story that fails, the shortest found. */
async function traceFor(seed: number, plan: StoryPlan): Promise<void> {
  if (!order.trace) return;
  for (const line of (await play(seed, plan, true))?.lines ?? []) console.error(line);
}

if (order.mode === "crash-points") await outsideMicrotasks(() => crashEverywhere(order, tell));
else await playSeeds();
restoreTimers();
