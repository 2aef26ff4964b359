// The plan of the strategies that write notes of the backup over the server's: which notes differ, in an order in
// which a note comes after the one it hangs under, and the report's line for each. Decides nothing about what a note
// should be, and mends nothing: what the guides' strategies do to a tree is what they do.

import type { Note, NoteId, NotesById, Place } from "../../note";
import { buildTree, idsTopDown, type Tree, type TreeRow } from "../../tree";
import { countSteps } from "../count-steps";
import { lastChangeAtMs } from "../draft-notes";
import { isExplained, sameNote, samePlace, sameValue, unacked } from "../field-decisions";
import {
  noHistory,
  type PlanStep,
  type RecoveryInput,
  type RecoveryPlan,
  type ReportItem,
  type StrategyName,
} from "../plan-types";
import { createItemWriter, type Fate } from "../report-item";

export function planWriteOver(strategy: StrategyName, input: RecoveryInput, wanted: NotesById): RecoveryPlan {
  const { local, remote, rootId } = input;
  const rows = new Map<NoteId, TreeRow>(remote);
  for (const [id, note] of wanted) rows.set(id, note);
  const tree = buildTree(rows.values(), rootId);
  const localTree = buildTree(local.values(), local.has(rootId) ? rootId : undefined);
  const writeItem = createItemWriter(localTree, input.timeText ?? null);

  const steps: PlanStep[] = [];
  const items: ReportItem[] = [];
  for (const id of idsTopDown(tree)) {
    const note = wanted.get(id);
    const expect = remote.get(id) ?? null;
    if (note === undefined || (expect !== null && sameNote(note, expect))) continue;
    // The lists of children are kept by the gateway, for every strategy.
    steps.push({ note: { ...note, childIds: expect?.childIds ?? [] }, expect });
    const item = writeItem(fateOf(input, note, expect, { localTree, tree }));
    if (item !== null) items.push(item);
  }
  return { strategy, steps, items, rolledBack: false, counts: countSteps(input, steps) };
}

function fateOf(
  input: RecoveryInput,
  note: Note,
  expect: Note | null,
  { localTree, tree }: { readonly localTree: Tree<Note>; readonly tree: Tree },
): Fate {
  const { id } = note;
  const local = input.local.get(id) ?? note;
  const history = (input.historyTrusted ? input.history.get(id) : undefined) ?? noHistory;
  const lost = expect !== null && input.historyTrusted && input.seen.earlier(id);
  const isChanged = (same: (a: Note, b: Note) => boolean) => expect !== null && !same(note, expect);
  const changesText = isChanged((a, b) => a.text === b.text);
  const changesPlace = isChanged(samePlace);
  const changesDeletion = isChanged((a, b) => a.deletedAtMs === b.deletedAtMs);
  const isForeign =
    expect !== null &&
    !lost &&
    ((changesText && !isExplained(expect.text, unacked(history.text), sameValue)) ||
      (changesPlace && !isExplained<Place>(expect, unacked(history.place), samePlace)) ||
      (changesDeletion && !isExplained(expect.deletedAtMs, unacked(history.deletedAtMs), sameValue)));
  return {
    local,
    remote: expect,
    result: note,
    isWritten: true,
    isOwnCreation: history.created === "unacked",
    text: changesText ? { kind: "mine", lost } : { kind: "same" },
    place: changesPlace ? { kind: "mine", lost } : { kind: "same" },
    deletion: changesDeletion
      ? { kind: note.deletedAtMs === null ? "restore" : "trash", lost }
      : { kind: "same" },
    isWrittenOver: isForeign,
    givenUp: null,
    wishedParent: localTree.parents.get(id) ?? null,
    isRecovered: false,
    copy: null,
    baseText: unacked(history.text)[0]?.before ?? null,
    wasTrashed: localTree.trashed.has(id),
    isTrashed: tree.trashed.has(id),
    historyTrusted: input.historyTrusted,
    changedAtMs: lastChangeAtMs({ local, history }),
  };
}
