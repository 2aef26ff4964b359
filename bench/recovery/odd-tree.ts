// Recovers a tree of an odd shape: whether that comes to its end, with every word, in a tree that is whole.

import { recoveredIdOf, rootIdOf } from "../../src/main/notes/known-notes";
import { areAllUnder, buildTree, type TreeRow } from "../../src/shared/tree";
import { medianRun, type Run, sentenceOf } from "./figures";
import { type Recovered, recoverByUs } from "./ours";
import { say, type Wanted } from "./prepare";
import { onStage } from "./stage";

export type TreeFacts = {
  readonly notes: number;
  /** How far the lowest note is below the root. */
  readonly depth: number;
  /** Rings of notes that hang under each other. */
  readonly rings: number;
  /** Notes outside the trash that do not hang under the root. */
  readonly unreachable: number;
  /** Put under the note 'Recovered notes'. */
  readonly recovered: number;
};

export function factsOfTree(rows: readonly TreeRow[], userId: string): TreeFacts {
  const rootId = rootIdOf(userId);
  const tree = buildTree(rows, rootId);
  let depth = 0;
  let reached = 0;
  const waiting = [{ id: rootId, level: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { id, level } = next;
    if (!tree.trashed.has(id)) reached += 1;
    depth = Math.max(depth, level);
    for (const child of tree.children.get(id) ?? []) waiting.push({ id: child, level: level + 1 });
  }
  const live = [...tree.rows.keys()].filter((id) => !tree.trashed.has(id));
  const unreachable = live.length - reached;
  if (areAllUnder(tree, live, rootId) !== (unreachable === 0)) {
    throw new Error("two ways to look at one tree say different things");
  }
  const recovered = tree.children.get(recoveredIdOf(userId))?.length ?? 0;
  return { notes: tree.rows.size, depth, rings: tree.cycles.length, unreachable, recovered };
}

export type RecoveredTree = {
  readonly run: Run;
  /** Of the device before, and of the server in the end, of the last round. */
  readonly before: TreeFacts;
  readonly after: TreeFacts;
  /** Offline edits that were not in the tree when it became usable, of a run that is not timed. */
  readonly missingWhenUsable: number;
  /** Lines of the report. */
  readonly reported: number;
};

/** One run that looks at every note when the tree is usable, then `rounds` that are timed. */
export async function recoverTree(
  wanted: Wanted,
  rounds: number,
  data: string | null,
  writes: boolean,
): Promise<RecoveredTree> {
  return onStage(data, wanted, async ({ prepared, onFreshCopy }) => {
    const once = (looks: boolean) =>
      onFreshCopy((dataDir, server) => recoverByUs(dataDir, prepared, server, { writes, looks }));
    const looked = await once(true);
    const { missingWhenUsable } = looked;
    let last: Recovered = looked;
    say(`${wanted.shape}, while looking: ${sentenceOf(last.run)}; ${missingWhenUsable} missing when usable`);
    const runs: Run[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      last = await once(false);
      say(`${wanted.shape}: ${sentenceOf(last.run)}`);
      runs.push(last.run);
    }
    const { userId, rows } = last.server;
    const run = medianRun(runs.length === 0 ? [looked.run] : runs);
    return {
      run: { ...run, missing: Math.max(run.missing, looked.run.missing) },
      before: factsOfTree(last.before, userId),
      after: factsOfTree(rows, userId),
      missingWhenUsable: missingWhenUsable ?? 0,
      reported: last.report.items.length,
    };
  });
}
