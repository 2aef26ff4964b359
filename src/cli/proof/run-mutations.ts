// Plants each flaw in turn and plays stories until the oracles complain of it.

import { type Mutation, mutations, notPlanted } from "./mutations";
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
  readonly violations: number;
  readonly results: readonly MutationResult[];
  readonly notPlanted: Readonly<Record<string, string>>;
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
  for (const mutation of chosen) {
    const result = await runMutation(mutation);
    results.push(result);
    const { noticedBy, withinSeeds } = result;
    const how = withinSeeds === null ? "NOT NOTICED" : `${noticedBy.join(", ")} within ${withinSeeds} seeds`;
    say(`${mutation.name}: ${mutation.flaw}: ${how}`);
  }
  return {
    tier: "mutations",
    planted: chosen.length,
    violations: results.filter(({ withinSeeds }) => withinSeeds === null).length,
    results,
    notPlanted,
  };
}

async function runMutation(mutation: Mutation): Promise<MutationResult> {
  const { name, flaw, oracles, crashPoints, seeds = usualSeeds } = mutation;
  const noticed = new Set<string>();
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
        },
        (message) => {
          if (message.kind !== "violation") return;
          last = message.seed;
          for (const { oracle } of message.oracles) noticed.add(oracle);
        },
      );
      if (isNoticed()) withinSeeds = last;
      if (done.violations === 0) break;
      seed = last + 1;
    }
  });
  const wanted = oracles ?? [...noticed];
  return { name, flaw, noticedBy: [...noticed].filter((oracle) => wanted.includes(oracle)), withinSeeds };
}
