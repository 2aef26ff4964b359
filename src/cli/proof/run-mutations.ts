// Plants each flaw in turn and plays stories until the oracles complain of it.

import { type Mutation, mutations } from "./mutations";
import { runProgram, withProgram } from "./run-fast";

export type MutationResult = {
  readonly name: string;
  readonly flaw: string;
  /** Oracles that complained, in the order they did. */
  readonly noticedBy: readonly string[];
  /** How many seeds it took; null: it was not noticed. */
  readonly withinSeeds: number | null;
};

export type MutationsResult = {
  readonly tier: "mutations";
  readonly planted: number;
  /** Flaws that nobody noticed. */
  readonly violations: number;
  /** Stories played until each was noticed. */
  readonly seeds: number;
  /** How many of the flaws each oracle noticed. */
  readonly byOracle: Readonly<Record<string, number>>;
  /** Operations died at, for flaws that only a crash shows. */
  readonly crashPoints: number;
  readonly results: readonly MutationResult[];
};

const usualSeeds = 1_500;

/** `part`: only every so-many-th, beginning with `from`; 1 plants all. A flaw that nobody notices is a violation. */
export async function runMutations(options: {
  readonly part: number;
  readonly from: number;
  readonly only: string | null;
  readonly say: (line: string) => void;
}): Promise<MutationsResult> {
  const { part, from, only, say } = options;
  const chosen = mutations.filter(({ name }, index) =>
    only === null ? index % part === from % part : name === only,
  );
  const results: MutationResult[] = [];
  const byOracle: Record<string, number> = {};
  let seeds = 0;
  let crashPoints = 0;
  for (const mutation of chosen) {
    const { result, played } = await runMutation(mutation).catch((error: Error) => {
      say(`${mutation.name} could not be planted: ${error.message}`);
      const { name, flaw } = mutation;
      return {
        result: { name, flaw, noticedBy: [], withinSeeds: null },
        played: { seeds: 0, crashPoints: 0 },
      };
    });
    results.push(result);
    seeds += played.seeds;
    crashPoints += played.crashPoints;
    const { noticedBy, withinSeeds } = result;
    for (const oracle of noticedBy) byOracle[oracle] = (byOracle[oracle] ?? 0) + 1;
    const how = withinSeeds === null ? "NOT NOTICED" : `${noticedBy.join(", ")} within ${withinSeeds} seeds`;
    say(`${mutation.name}: ${mutation.flaw}: ${how}`);
  }
  return {
    tier: "mutations",
    planted: chosen.length,
    violations: results.filter(({ withinSeeds }) => withinSeeds === null).length,
    seeds,
    byOracle,
    crashPoints,
    results,
  };
}

type Played = { seeds: number; crashPoints: number };

async function runMutation(mutation: Mutation): Promise<{ result: MutationResult; played: Played }> {
  const { name, flaw, oracles, crashPoints, seeds = usualSeeds, world = "plain" } = mutation;
  const noticed = new Set<string>();
  const played: Played = { seeds: 0, crashPoints: 0 };
  let withinSeeds: number | null = null;
  const isNoticed = () =>
    oracles === undefined ? noticed.size > 0 : oracles.every((oracle) => noticed.has(oracle));
  await withProgram(mutation, async (program) => {
    for (let seed = 1; seed <= seeds && !isNoticed(); ) {
      let last = seed;
      const done = await runProgram(
        program,
        {
          mode: crashPoints ? "crash-points" : "seeds",
          seed,
          seeds: crashPoints ? 1 : seeds - seed + 1,
          stride: 1,
          twice: false,
          shrink: false,
          stopAtFirst: true,
          trace: false,
          world,
        },
        (message) => {
          if (message.kind !== "violation") return;
          last = message.seed;
          for (const { oracle } of message.oracles) noticed.add(oracle);
        },
      );
      played.seeds += done.seeds;
      played.crashPoints += done.counts.crashPoints ?? 0;
      if (isNoticed()) withinSeeds = last;
      if (done.violations === 0) break;
      seed = last + 1;
    }
  });
  const wanted = oracles ?? [...noticed];
  const noticedBy = [...noticed].filter((oracle) => wanted.includes(oracle));
  return { result: { name, flaw, noticedBy, withinSeeds }, played };
}
