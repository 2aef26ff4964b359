/** A campaign against the oracle: many random pairs, each in both roles, with counts of what they exercised. */
import type { InstructionKind } from "../../changeset";
import { instructionCodes } from "../../changeset/codes";
import { type Comparison, compare, swapRoles } from "./compare";
import type { OracleProcess } from "./oracle-process";
import { instructionsOf, type Pair, pairOf } from "./pair";
import { shrink } from "./shrink";

export type Mismatch = { readonly seed: number; readonly difference: string; readonly pair: Pair };

export type CampaignReport = {
  readonly pairs: number;
  readonly mismatches: number;
  readonly seed: number;
  /** Instructions in the pairs, by kind. */
  readonly byInstruction: Readonly<Record<InstructionKind, number>>;
  /** Merges (two for each pair) that rewrote something, left all as it was, or were refused by both. */
  readonly merges: {
    readonly changed: number;
    readonly unchanged: number;
    readonly schemaConflicts: number;
    readonly inconsistent: number;
  };
  readonly found: readonly Mismatch[];
};

const pairsPerRequest = 250;

export async function runCampaign(
  oracle: OracleProcess,
  options: { readonly pairs: number; readonly seed: number; readonly maxFound: number },
  onProgress: (pairsDone: number) => void = () => {},
): Promise<CampaignReport> {
  const byInstruction = Object.fromEntries(Object.keys(instructionCodes).map((kind) => [kind, 0])) as Record<
    InstructionKind,
    number
  >;
  const merges = { changed: 0, unchanged: 0, schemaConflicts: 0, inconsistent: 0 };
  const found: Mismatch[] = [];
  let mismatches = 0;

  for (let done = 0; done < options.pairs; done += pairsPerRequest) {
    const seeds = Array.from(
      { length: Math.min(pairsPerRequest, options.pairs - done) },
      (_, i) => (options.seed + done + i) | 0,
    );
    const bySeed = seeds.map((seed) => ({ seed, pair: pairOf(seed) }));
    for (const { pair } of bySeed) for (const { kind } of instructionsOf(pair)) byInstruction[kind]++;

    const bothRoles = bySeed.flatMap(({ seed, pair }) => [
      { seed, pair },
      { seed, pair: swapRoles(pair) },
    ]);
    const answers = await oracle.merge(bothRoles.map(({ pair }) => pair));
    for (const [i, { seed, pair }] of bothRoles.entries()) {
      const comparison = compare(pair, answers[i]!);
      if (comparison.kind !== "mismatch") {
        merges[outcomeOf(comparison)]++;
        continue;
      }
      mismatches++;
      if (found.length >= options.maxFound) continue;
      const smallest = await shrink(
        pair,
        async (smaller) => (await compareOne(oracle, smaller)).kind === "mismatch",
      );
      const again = await compareOne(oracle, smallest);
      found.push({ seed, pair: smallest, difference: again.kind === "mismatch" ? again.difference : "" });
    }
    onProgress(done + seeds.length);
  }
  return { pairs: options.pairs, mismatches, seed: options.seed, byInstruction, merges, found };
}

export async function compareOne(oracle: OracleProcess, pair: Pair): Promise<Comparison> {
  const [answer] = await oracle.merge([pair]);
  return compare(pair, answer!);
}

function outcomeOf(comparison: Exclude<Comparison, { kind: "mismatch" }>): keyof CampaignReport["merges"] {
  if (comparison.kind === "merged") return comparison.isChanged ? "changed" : "unchanged";
  return comparison.cause === "schema" ? "schemaConflicts" : "inconsistent";
}
