// The recovery plan: from what this device had (the safety copy), what the server has (the fresh copy) and what is
// known of how they came to differ, to the notes that must be written and the report of it. Pure: no I/O, no
// clock, no randomness; the same input gives the same plan. What it must never do: write a note this device did
// not change, put a note into the trash without evidence that a person here did, or drop a word that was typed.
//
// In order: complete the local side, look for evidence that the server went back in time, decide each field of
// each note by itself, settle places in the tree, see which deletions may be repeated, make copies, write it down.

import { mergeTextKeepingBoth } from "../merge-text";
import { isTombstone, type Note, type NoteId, type NotesById, type Place } from "../note";
import { type Ancestry, type SparseTree, sparseTree } from "../sparse-tree";
import type { TreeRow } from "../tree";
import { recoveredNote } from "../tree-check";
import { markedAsCopy } from "./copy-text";
import { countSteps } from "./count-steps";
import { derivedId } from "./derived-id";
import {
  type DeletionDecision,
  decideDeletion,
  decidePlace,
  decideText,
  isExplained,
  type NoteCase,
  type PlaceDecision,
  samePlace,
  sameValue,
  type TextDecision,
  unacked,
} from "./field-decisions";
import { ownText } from "./own-text";
import { keysAfter, type SettledPlaces, settlePlaces, type Wish } from "./place-plan";
import type { NoteHistory, PlanStep, RecoveryInput, RecoveryPlan, ReportItem } from "./plan-types";
import { createItemWriter, type Fate } from "./report-item";
import { stepsForSameAgain } from "./same-again";

export const noHistory: NoteHistory = { created: "elsewhere", text: [], place: [], deletedAtMs: [] };

/** What the fields of one note came to, before the tree has its say. */
type Draft = {
  readonly local: Note;
  readonly remote: Note | null;
  readonly history: NoteHistory;
  readonly text: TextDecision;
  readonly place: PlaceDecision;
  readonly deletion: DeletionDecision;
};

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

  const drafts = draftAll(input, differing, remoteTree, wentBack);
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
  return writeDown(input, { localTree, remoteTree, drafts, settled, kept, rolledBack, again });
}

function nothingToDo(
  { local, remote }: RecoveryInput,
  rolledBack: boolean,
  again: readonly PlanStep[],
): RecoveryPlan {
  const counts = { local: local.size, remote: remote.size, created: 0, changed: again.length, trashed: 0 };
  return { strategy: "merge", steps: again, items: [], rolledBack, counts };
}

// --- The local side -------------------------------------------------------------------------------------------

/** A note of which only the journal still has the words (removed by another hand before they were synced). */
function withJournalOnlyNotes(input: RecoveryInput): NotesById {
  const { local, remote, history, rootId, historyTrusted, serverWentBack } = input;
  if (!historyTrusted) return local;
  // A copy without so much as the root is not what this device had: it lost its subscription, say.
  const isHollow = !local.has(rootId);
  const completed = new Map<NoteId, Note>();
  for (const [id, { created, born, text, place, deletedAtMs }] of history) {
    if (local.has(id) || id === rootId) continue;
    const found = remote.get(id);
    const known = text.at(-1)?.after ?? born?.text;
    let lastText = unacked(text).at(-1)?.after;
    if (found === undefined && (created === "unacked" || isHollow)) lastText ??= known;
    // What others wrote after this device is not to be told from what the server lost, so both stay.
    if (found !== undefined && isHollow && serverWentBack && known !== undefined) {
      lastText ??= mergeTextKeepingBoth(found.text, known);
    }
    if (lastText === undefined) continue;
    const lastPlace = place.at(-1)?.after ?? placeOf(born);
    const lastUpdatedMs = text.at(-1)?.atMs ?? born?.lastUpdatedMs ?? null;
    const blank = { id, isRoot: false, ...lastPlace, childIds: [], lastUpdatedMs };
    const lastDeleted = deletedAtMs.at(-1)?.after ?? born?.deletedAtMs ?? null;
    completed.set(id, { ...(found ?? { ...blank, deletedAtMs: lastDeleted }), text: lastText });
  }
  return completed.size === 0 ? local : new Map([...local, ...completed]);
}

function placeOf(born: Note | undefined): Place {
  return { parentId: born?.parentId ?? null, orderKey: born?.orderKey ?? "" };
}

/** With the words that another hand's text replaced before they were synced. */
function withOwnTexts(local: NotesById, { history, historyTrusted }: RecoveryInput): NotesById {
  if (!historyTrusted) return local;
  const completed = new Map<NoteId, Note>();
  for (const [id, { text }] of history) {
    const here = local.get(id);
    if (here === undefined) continue;
    const own = ownText(here.text, unacked(text));
    if (own !== here.text) completed.set(id, { ...here, text: own });
  }
  return completed.size === 0 ? local : new Map([...local, ...completed]);
}

/**
 * `certain`: it was told, or a note is an older version that pending changes do not explain. `possible`: a note that the
 * server had is gone without a tombstone; but an app that knows only the published fields deletes just so.
 */
type WentBack = "none" | "possible" | "certain";

function evidenceOfGoingBack(
  { remote, history, seen, historyTrusted, serverWentBack }: RecoveryInput,
  local: NotesById,
  differing: readonly Note[],
): WentBack {
  if (serverWentBack) return "certain";
  let found: WentBack = "none";
  if (!historyTrusted) return found;
  for (const { id } of differing) {
    const mine = local.get(id)!;
    const theirs = remote.get(id);
    const known = history.get(mine.id) ?? noHistory;
    if (theirs === undefined) {
      if (known.created === "acked" || seen.known(mine.id)) found = "possible";
    } else if (!isExplainedByPending(mine, theirs, known) && seen.earlier(mine.id)) {
      return "certain";
    }
  }
  return found;
}

/** What is only possible counts for notes of which this device itself may have lost something; no other is touched. */
function mayHaveLost(wentBack: WentBack, { created, text, place, deletedAtMs }: NoteHistory): boolean {
  if (wentBack !== "possible") return wentBack === "certain";
  const isAcked = ({ acked }: { readonly acked: boolean }) => acked;
  return created === "acked" || text.some(isAcked) || place.some(isAcked) || deletedAtMs.some(isAcked);
}

/** Whether all that differs is what the server has yet to be told. */
export function isExplainedByPending(
  mine: Note,
  theirs: Note,
  { text, place, deletedAtMs }: NoteHistory,
): boolean {
  return (
    (mine.text === theirs.text || isExplained(theirs.text, unacked(text), sameValue)) &&
    (samePlace(mine, theirs) || isExplained(theirs, unacked(place), samePlace)) &&
    (mine.deletedAtMs === theirs.deletedAtMs ||
      isExplained(theirs.deletedAtMs, unacked(deletedAtMs), sameValue))
  );
}

// --- Each note by itself --------------------------------------------------------------------------------------

function draftAll(
  { remote, history, seen, rootId, historyTrusted, hasWrittenOver }: RecoveryInput,
  differing: readonly Note[],
  remoteTree: Ancestry,
  wentBack: WentBack,
): Map<NoteId, Draft> {
  const drafts = new Map<NoteId, Draft>();
  for (const mine of differing) {
    const theirs = remote.get(mine.id) ?? null;
    const known = historyTrusted ? (history.get(mine.id) ?? noHistory) : noHistory;
    if (theirs === null) {
      // Of a note that was deleted for good there is nothing to put back.
      if (isTombstone(mine)) continue;
      drafts.set(mine.id, { local: mine, remote: null, history: known, ...untouched });
      continue;
    }
    if (mine.text === theirs.text && samePlace(mine, theirs) && mine.deletedAtMs === theirs.deletedAtMs) {
      continue;
    }
    const note: NoteCase = {
      local: mine,
      remote: theirs,
      history: known,
      // Asked only where the two differ: it takes longer than all the rest.
      get isEarlier() {
        return historyTrusted && seen.earlier(mine.id);
      },
      rolledBack: mayHaveLost(wentBack, known),
      historyTrusted,
      isWrittenOver: hasWrittenOver?.(mine.id, mine.text) === true,
    };
    const isRoot = mine.id === rootId;
    const draft: Draft = {
      local: mine,
      remote: theirs,
      history: known,
      text: decideText(note),
      place:
        isRoot || isTombstone(mine)
          ? untouched.place
          : decidePlace(note, remoteTree.parents.get(mine.id) !== null),
      deletion: isRoot ? untouched.deletion : decideDeletion(note),
    };
    if (draft.text.kind !== "same" || draft.place.kind !== "same" || draft.deletion.kind !== "same") {
      drafts.set(mine.id, draft);
    }
  }
  return drafts;
}

const untouched = {
  text: { kind: "same" },
  place: { kind: "same" },
  deletion: { kind: "same" },
} as const;

/** Whether anything of this device's goes into the note, so that recovery writes it. */
function isTouched({ remote, text, place, deletion }: Draft): boolean {
  return (
    remote === null ||
    text.kind === "mine" ||
    text.kind === "merged" ||
    text.kind === "conflict" ||
    place.kind === "mine" ||
    deletion.kind === "restore" ||
    deletion.kind === "trash"
  );
}

/** Other hands left something in the note that this device did not have. */
function isChangedElsewhere({ text, place, deletion }: Draft): boolean {
  return (
    text.kind === "theirs" ||
    text.kind === "merged" ||
    text.kind === "conflict" ||
    place.kind === "theirs" ||
    place.kind === "overruled" ||
    deletion.kind === "theirs"
  );
}

/** A deletion of this device that may yet be given up counts as not made. */
function deletionBeforeTree(draft: Draft | undefined): number | null {
  if (draft === undefined || draft.deletion.kind === "restore") return null;
  return draft.remote?.deletedAtMs ?? null;
}

// --- The tree -------------------------------------------------------------------------------------------------

function collectWishes(
  drafts: ReadonlyMap<NoteId, Draft>,
  localTree: Ancestry,
  rootId: NoteId,
): Map<NoteId, Wish> {
  const wishes = new Map<NoteId, Wish>();
  for (const { local, remote, place } of drafts.values()) {
    if (local.id === rootId) continue;
    if (remote !== null && place.kind !== "mine") continue;
    wishes.set(local.id, {
      kind: remote === null ? "put-back" : "move",
      parentId: localTree.parents.get(local.id) ?? null,
      orderKey: local.orderKey,
      mayBeInTrash: localTree.trashed.has(local.id),
    });
  }
  return wishes;
}

/** 'Recovered notes' as it is known, unless it is where nobody would look: then one of this reset's own. */
function chooseHome(
  { recoveredId, resetId, remote }: RecoveryInput,
  local: NotesById,
  localTree: Ancestry,
  remoteTree: Ancestry,
): NoteId {
  const holder = remote.has(recoveredId) ? remoteTree : local.has(recoveredId) ? localTree : null;
  if (holder === null) return recoveredId;
  let top = recoveredId;
  for (let at: NoteId | null = top; at !== null; at = holder.parents.get(at) ?? null) top = at;
  const isInView = top === holder.rootId && !holder.trashed.has(recoveredId);
  return isInView ? recoveredId : derivedId(resetId, recoveredId, "home");
}

type KeptDeletions = ReadonlyMap<NoteId, "itself" | "under-it">;

/**
 * Deletions of this device that are not repeated, because others changed the note or something live under it.
 * Walks up from each changed note once; what was walked over is not walked again.
 */
function findKeptDeletions(
  drafts: ReadonlyMap<NoteId, Draft>,
  local: NotesById,
  remote: NotesById,
  tree: Ancestry,
  historyTrusted: boolean,
): KeptDeletions {
  const kept = new Map<NoteId, "itself" | "under-it">();
  if (!historyTrusted || ![...drafts.values()].some(isDeletion)) return kept;
  const walked = new Set<NoteId>();
  for (const id of remote.keys()) {
    const draft = drafts.get(id);
    const isChanged = draft === undefined ? !local.has(id) : isChangedElsewhere(draft);
    if (!isChanged || tree.trashed.has(id)) continue;
    if (isDeletion(draft)) kept.set(id, "itself");
    for (let at = tree.parents.get(id) ?? null; at !== null && !walked.has(at); ) {
      walked.add(at);
      if (isDeletion(drafts.get(at)) && !kept.has(at)) kept.set(at, "under-it");
      at = tree.parents.get(at) ?? null;
    }
  }
  return kept;
}

function isDeletion(draft: Draft | undefined): boolean {
  if (draft === undefined) return false;
  return draft.remote === null ? draft.local.deletedAtMs !== null : draft.deletion.kind === "trash";
}

// --- Writing it down ------------------------------------------------------------------------------------------

type Decided = {
  readonly localTree: SparseTree<Note>;
  readonly remoteTree: SparseTree<Note>;
  readonly drafts: ReadonlyMap<NoteId, Draft>;
  readonly settled: SettledPlaces;
  readonly kept: KeptDeletions;
  readonly rolledBack: boolean;
  readonly again: readonly PlanStep[];
};

function writeDown(input: RecoveryInput, decided: Decided): RecoveryPlan {
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
  const copies = makeCopies(input, drafts, results, settled.tree);
  for (const copy of copies.values()) if (!remote.has(copy.id)) results.set(copy.id, copy);

  const rows = rowsAfter(results, settled.changed, remote);
  const tree: SparseTree = sparseTree<TreeRow>(remote, rows, rootId);
  const childIdsOf = mirrorsOf(results, rows, tree, remoteTree);
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

export function sameNote(a: Note, b: Note): boolean {
  return a.text === b.text && samePlace(a, b) && a.deletedAtMs === b.deletedAtMs;
}

/** For each note in conflict, this device's version as a sibling right after it (under the root: last). */
function makeCopies(
  { resetId, remote, rootId }: RecoveryInput,
  drafts: ReadonlyMap<NoteId, Draft>,
  results: ReadonlyMap<NoteId, Note>,
  tree: SparseTree,
): Map<NoteId, Note> {
  const copies = new Map<NoteId, Note>();
  const byParent = new Map<NoteId, NoteId[]>();
  for (const { local, text } of drafts.values()) {
    if (text.kind !== "conflict") continue;
    const existing = remote.get(derivedId(resetId, local.id, "copy"));
    if (existing !== undefined) {
      copies.set(local.id, existing);
      continue;
    }
    const parentId = tree.parents.get(local.id) ?? rootId;
    const ids = byParent.get(parentId);
    if (ids === undefined) byParent.set(parentId, [local.id]);
    else ids.push(local.id);
  }
  const children = byParent.size === 0 ? null : tree.childrenOf(new Set(byParent.keys()));
  for (const [parentId, ids] of byParent) {
    const siblings = children?.get(parentId) ?? [];
    const keyOf = (id: NoteId) => results.get(id)?.orderKey ?? tree.rows.get(id)!.orderKey;
    const known = new Map(siblings.map((id) => [id, keyOf(id)]));
    const last = siblings.at(-1) ?? null;
    const waiting = new Map(ids.map((id) => [id, known.has(id) ? id : last]));
    for (const [id, orderKey] of keysAfter(known, waiting)) {
      const { local } = drafts.get(id)!;
      copies.set(id, {
        ...local,
        id: derivedId(resetId, id, "copy"),
        text: markedAsCopy(local.text),
        isRoot: false,
        parentId,
        orderKey,
        childIds: [],
        deletedAtMs: results.get(id)!.deletedAtMs,
      });
    }
  }
  return copies;
}

/** The mirrors for clients that read only lists: as the server has them, unless the plan changes the children. */
function mirrorsOf(
  results: ReadonlyMap<NoteId, Note>,
  changed: ReadonlyMap<NoteId, TreeRow>,
  tree: SparseTree,
  remoteTree: SparseTree<Note>,
): (id: NoteId) => readonly NoteId[] {
  const parentIds = new Set<NoteId>();
  const add = (id: NoteId | null | undefined) => {
    if (id !== null && id !== undefined && results.has(id)) parentIds.add(id);
  };
  for (const [id, { parentId, orderKey }] of changed) {
    const before = remoteTree.rows.get(id);
    // Notes whose parent was not there hang under it now.
    if (before === undefined) add(id);
    if (before?.parentId === parentId && before.orderKey === orderKey) continue;
    add(remoteTree.parents.get(id));
    add(tree.parents.get(id));
  }
  // Where a cycle is opened or made, notes change their parents that nobody moves.
  for (const each of [tree, remoteTree]) {
    for (const cycle of each.cyclesAbove(changed.keys())) for (const id of cycle) add(id);
  }
  const [childrenAfter, childrenBefore] = [tree.childrenOf(parentIds), remoteTree.childrenOf(parentIds)];
  return (id) => {
    const after = childrenAfter.get(id) ?? [];
    const before = childrenBefore.get(id) ?? [];
    const isSame = after.length === before.length && after.every((child, index) => child === before[index]);
    return isSame ? (remoteTree.rows.get(id)?.childIds ?? []) : after;
  };
}

/** When this device last changed the note, as far as that is still to be told; for display only. */
export function lastChangeAtMs({ local, history }: Pick<Draft, "local" | "history">): number | null {
  if (history.created === "unacked") return local.lastUpdatedMs;
  const last = unacked(history.text).at(-1) ?? unacked(history.place).at(-1);
  return last?.atMs ?? null;
}
