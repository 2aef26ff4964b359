// The published recipe as it stands, with its bugs in it, so that the oracles can be seen to notice each. Test code:
// never to be carried out on anybody's notes. What each part does wrong is said where it does it.

import type { Note, NoteId } from "../../note";
import { buildTree } from "../../tree";
import type { PlanStep, RecoveryInput, RecoveryPlan } from "../plan-types";
import { isObjectUpdated } from "../strategies/recorded";

export type RecipeBugs = {
  /** `LastSynced` was never written, or not read: the filter finds nothing. */
  readonly isTimestampNull: boolean;
  /** `create(..., "modified")` follows the links: all that hangs under a changed note is overwritten with it. */
  readonly isSubtreeOverwritten: boolean;
  /** What the backup does not have is deleted, whoever made it. Deleting is trashing here; nothing removes for good. */
  readonly isAbsenceDeletion: boolean;
};

export const allBugs: RecipeBugs = {
  isTimestampNull: false,
  isSubtreeOverwritten: true,
  isAbsenceDeletion: true,
};

export function createLiteralRecipe(bugs: RecipeBugs = allBugs): (input: RecoveryInput) => RecoveryPlan {
  return (input) => {
    const { local, remote, rootId } = input;
    const unsynced = bugs.isTimestampNull
      ? []
      : [...local.keys()].filter((id) => isObjectUpdated({ ...input, historyTrusted: true }, id));
    const written = new Map<NoteId, Note>();
    const { children } = buildTree(local.values(), local.has(rootId) ? rootId : undefined);
    const waiting = [...unsynced];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (written.has(id)) continue;
      written.set(id, local.get(id)!);
      if (bugs.isSubtreeOverwritten) waiting.push(...(children.get(id) ?? []));
    }
    if (bugs.isAbsenceDeletion) {
      for (const note of remote.values()) {
        // No clock of another device can be compared with ours, so any may count as older than the last sync.
        if (!local.has(note.id) && note.id !== rootId) written.set(note.id, { ...note, deletedAtMs: 1 });
      }
    }
    const steps = [...written].map(([id, note]): PlanStep => ({ note, expect: remote.get(id) ?? null }));
    const counts = { local: local.size, remote: remote.size, created: 0, changed: steps.length, trashed: 0 };
    return { strategy: "track-objects", steps, items: [], rolledBack: false, counts };
  };
}

/** The recipe with everything in it that was seen to lose notes in a world without clocks. */
export const literalRecipe = createLiteralRecipe();
