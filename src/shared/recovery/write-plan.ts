// The last part of planning: from what was decided to the notes as they are to be written, parents before their
// children, each with its line of the report. Decides nothing any more. Pure.

import type { Note, NoteId, NotesById } from "../note";
import { type SparseTree, sparseTree } from "../sparse-tree";
import type { TreeRow } from "../tree";
import { recoveredNote } from "../tree-check";
import { makeConflictCopies } from "./conflict-copies";
import { countSteps } from "./count-steps";
import { type Draft, lastChangeAtMs } from "./draft-notes";
import { sameNote, unacked } from "./field-decisions";
import type { KeptDeletions } from "./kept-deletions";
import { planMirrors } from "./mirror-plan";
import type { SettledPlaces } from "./place-plan";
import type { PlanStep, RecoveryInput, RecoveryPlan, ReportItem } from "./plan-types";
import { createItemWriter, type Fate } from "./report-item";

export type Decided = {
  readonly localTree: SparseTree<Note>;
  readonly remoteTree: SparseTree<Note>;
  readonly drafts: ReadonlyMap<NoteId, Draft>;
  readonly settled: SettledPlaces;
  readonly kept: KeptDeletions;
  readonly rolledBack: boolean;
  readonly again: readonly PlanStep[];
};

export function writePlan(input: RecoveryInput, decided: Decided): RecoveryPlan {
  const { remote, rootId, historyTrusted } = input;
  const { localTree, remoteTree, drafts, settled, kept, rolledBack } = decided;

  const results = new Map<NoteId, Note>();
  for (const draft of drafts.values()) {
    results.set(draft.local.id, resultOf(draft, settled, kept, rootId));
  }
  const home = [...settled.places.keys()].find((id) => !drafts.has(id));
  if (home !== undefined) {
    results.set(home, recoveredNote(home, rootId, settled.places.get(home)!.orderKey));
  }
  const copies = makeConflictCopies(input, drafts, results, settled.tree);
  for (const copy of copies.values()) if (!remote.has(copy.id)) results.set(copy.id, copy);

  const rows = rowsAfter(results, settled.changed, remote);
  const tree: SparseTree = sparseTree<TreeRow>(remote, rows, rootId);
  const childIdsOf = planMirrors(results, rows, tree, remoteTree);
  const writeItem = createItemWriter(localTree, input.timeText ?? null);
  const steps: PlanStep[] = [];
  const items: ReportItem[] = [];
  for (const id of tree.topDown(results.keys())) {
    const result = results.get(id)!;
    const expect = remote.get(id) ?? null;
    const isWritten = expect === null || !sameNote(result, expect);
    const draft = drafts.get(id);
    if (isWritten) {
      const childIds = childIdsOf(id);
      const note = childIds === result.childIds ? result : { ...result, childIds };
      steps.push({ note, expect, asItWas: draft !== undefined && sameNote(note, draft.local) });
    }
    if (draft === undefined) continue;
    const reason = kept.get(id);
    // Field by field, because of ten thousand notes a spread takes as long as all the rest here.
    const fate: Fate = {
      local: draft.local,
      remote: draft.remote,
      text: draft.text,
      place: draft.place,
      result,
      isWritten,
      isOwnCreation: draft.history.created === "unacked",
      deletion: reason === undefined ? draft.deletion : { kind: "kept-live", reason },
      givenUp: settled.givenUp.get(id) ?? null,
      wishedParent: localTree.parents.get(id) ?? null,
      isRecovered: settled.recovered.has(id),
      copy: copies.get(id) ?? null,
      baseText: draft.text.base ?? unacked(draft.history.text)[0]?.before ?? null,
      wasTrashed: localTree.trashed.has(id),
      isTrashed: tree.trashed.has(id),
      historyTrusted,
      changedAtMs: lastChangeAtMs(draft),
    };
    const item = writeItem(fate);
    if (item !== null) items.push(item);
  }

  const written = new Set(steps.map(({ note }) => note.id));
  steps.push(...decided.again.filter(({ note }) => !written.has(note.id)));
  return { strategy: "merge", steps, items, rolledBack, counts: countSteps(input, steps) };
}

/** What differs from the server's rows once the plan is carried out. */
function rowsAfter(
  results: ReadonlyMap<NoteId, Note>,
  before: ReadonlyMap<NoteId, TreeRow>,
  remote: NotesById,
): Map<NoteId, TreeRow> {
  const rows = new Map<NoteId, TreeRow>(before);
  for (const [id, result] of results) {
    const { isRoot, parentId, orderKey, deletedAtMs } = result;
    if (result === remote.get(id)) rows.delete(id);
    else
      rows.set(id, { id, isRoot, parentId, orderKey, deletedAtMs, childIds: remote.get(id)?.childIds ?? [] });
  }
  return rows;
}

/** The note as the plan leaves it, its list of children aside. */
function resultOf(
  { local, remote, text, deletion }: Draft,
  settled: SettledPlaces,
  kept: KeptDeletions,
  rootId: NoteId,
): Note {
  const isRoot = local.id === rootId;
  const place = settled.places.get(local.id);
  if (remote === null) {
    const isLive = isRoot || kept.has(local.id);
    return {
      ...local,
      isRoot,
      parentId: place?.parentId ?? null,
      orderKey: place?.orderKey ?? local.orderKey,
      deletedAtMs: isLive ? null : local.deletedAtMs,
    };
  }
  const mergedText = text.kind === "mine" ? local.text : text.kind === "merged" ? text.text : remote.text;
  const isDeletedAgain = deletion.kind === "trash" && !kept.has(local.id);
  const result: Note = {
    ...remote,
    text: mergedText,
    parentId: place?.parentId ?? remote.parentId,
    orderKey: place?.orderKey ?? remote.orderKey,
    deletedAtMs: isDeletedAgain ? local.deletedAtMs : deletion.kind === "restore" ? null : remote.deletedAtMs,
  };
  return sameNote(result, remote) ? remote : { ...result, lastUpdatedMs: local.lastUpdatedMs };
}
