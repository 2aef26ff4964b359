/** Makes a pair that shows a difference as small as it can while it still shows one. */
import type { MergeChangeset } from "../transform";
import type { Pair } from "./pair";

export async function shrink(pair: Pair, showsIt: (smaller: Pair) => Promise<boolean>): Promise<Pair> {
  let smallest = pair;
  for (;;) {
    const next = await firstOf(smallerPairs(smallest), showsIt);
    if (next === null) return smallest;
    smallest = next;
  }
}

async function firstOf(
  candidates: Iterable<Pair>,
  accept: (candidate: Pair) => Promise<boolean>,
): Promise<Pair | null> {
  for (const candidate of candidates) if (await accept(candidate)) return candidate;
  return null;
}

function* smallerPairs({ ours, theirs }: Pair): Iterable<Pair> {
  for (const smaller of smallerSequences(ours)) yield { ours: smaller, theirs };
  for (const smaller of smallerSequences(theirs)) yield { ours, theirs: smaller };
}

/** Large steps first: without a whole changeset, then without ever shorter runs of instructions. */
function* smallerSequences(sequence: readonly MergeChangeset[]): Iterable<MergeChangeset[]> {
  if (sequence.length > 1) for (const i of sequence.keys()) yield sequence.toSpliced(i, 1);
  for (const [i, changeset] of sequence.entries()) {
    const { instructions } = changeset;
    for (let run = instructions.length; run >= 1; run = Math.floor(run / 2)) {
      for (let start = 0; start < instructions.length; start += run) {
        yield sequence.with(i, { ...changeset, instructions: instructions.toSpliced(start, run) });
      }
    }
  }
}
