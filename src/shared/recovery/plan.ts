// The recovery plan: from what this device had (the safety copy), what the server has (the fresh copy) and what is
// known of how they came to differ, to the notes that must be written and the report of it. Pure: no I/O, no
// clock, no randomness; the same input gives the same plan. What it must never do: write a note this device did
// not change, put a note into the trash without evidence that a person here did, or drop a word that was typed.
//
// In order: complete the local side (complete-local.ts), look for evidence that the server went back in time
// (went-back.ts), decide each field of each note by itself (draft-notes.ts, field-decisions.ts), settle places in the
// tree (place-wishes.ts, place-plan.ts), see which deletions may be repeated (kept-deletions.ts), make copies and write
// it down (conflict-copies.ts, write-plan.ts). This file holds the order and nothing else.

import { sparseTree } from "../sparse-tree";
import { withJournalOnlyNotes, withOwnTexts } from "./complete-local";
import { type Draft, draftNotes, isTouched } from "./draft-notes";
import { findKeptDeletions } from "./kept-deletions";
import { settlePlaces } from "./place-plan";
import { chooseHome, collectWishes } from "./place-wishes";
import type { PlanStep, RecoveryInput, RecoveryPlan } from "./plan-types";
import { stepsForSameAgain } from "./same-again";
import { evidenceOfGoingBack } from "./went-back";
import { writePlan } from "./write-plan";

export function planRecovery(input: RecoveryInput): RecoveryPlan {
  const { remote, rootId, historyTrusted } = input;
  const found = withJournalOnlyNotes(input);
  const local = withOwnTexts(found, input);
  // What is the same on both sides is one object, as a rule, and of that there is nothing to decide.
  const differing = [...local.values()].filter((note) => remote.get(note.id) !== note);
  const remoteTree = sparseTree(remote, new Map(), rootId);
  const localTree = sparseTree(local, new Map(), local.has(rootId) ? rootId : undefined);
  const wentBack = evidenceOfGoingBack(input, found, differing);
  const rolledBack = wentBack !== "none";

  const drafts = draftNotes(input, differing, remoteTree, wentBack);
  const again = wentBack === "certain" && historyTrusted ? stepsForSameAgain(input) : [];
  if (drafts.size === 0) return nothingToDo(input, rolledBack, again);
  const settled = settlePlaces({
    rootId,
    homeId: chooseHome(input, local, localTree, remoteTree),
    remote,
    localTree,
    wishes: collectWishes(drafts, localTree, rootId),
    touched: new Set([...drafts.values()].filter((draft) => isTouched(draft)).map((draft) => draft.local.id)),
    deletedAtMs: (id) => deletionBeforeTree(drafts.get(id)),
  });
  const kept = findKeptDeletions(drafts, local, remote, settled.tree, historyTrusted);
  return writePlan(input, { localTree, remoteTree, drafts, settled, kept, rolledBack, again });
}

function nothingToDo(
  { local, remote }: RecoveryInput,
  rolledBack: boolean,
  again: readonly PlanStep[],
): RecoveryPlan {
  const counts = { local: local.size, remote: remote.size, created: 0, changed: again.length, trashed: 0 };
  return { strategy: "merge", steps: again, items: [], rolledBack, counts };
}

/** A deletion of this device that may yet be given up counts as not made. */
function deletionBeforeTree(draft: Draft | undefined): number | null {
  if (draft === undefined || draft.deletion.kind === "restore") return null;
  return draft.remote?.deletedAtMs ?? null;
}
