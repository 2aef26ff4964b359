// What the fields of each note that differs come to, each note by itself, before the tree has its say; and what of
// that is this device's or another hand's doing. What the tree allows is settled afterwards (place-plan.ts). Pure.

import { isTombstone, type Note, type NoteId } from "../note";
import type { Ancestry } from "../sparse-tree";
import {
  type DeletionDecision,
  decideDeletion,
  decidePlace,
  decideText,
  type NoteCase,
  type PlaceDecision,
  sameNote,
  type TextDecision,
  unacked,
} from "./field-decisions";
import { type NoteHistory, noHistory, type RecoveryInput } from "./plan-types";
import { mayHaveLost, type WentBack } from "./went-back";

/** What the fields of one note came to, before the tree has its say. */
export type Draft = {
  readonly local: Note;
  readonly remote: Note | null;
  readonly history: NoteHistory;
  readonly text: TextDecision;
  readonly place: PlaceDecision;
  readonly deletion: DeletionDecision;
};

export function draftNotes(
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
    if (sameNote(mine, theirs)) continue;
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
export function isTouched({ remote, text, place, deletion }: Draft): boolean {
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
export function isChangedElsewhere({ text, place, deletion }: Draft): boolean {
  return (
    text.kind === "theirs" ||
    text.kind === "merged" ||
    text.kind === "conflict" ||
    place.kind === "theirs" ||
    place.kind === "overruled" ||
    deletion.kind === "theirs"
  );
}

/** When this device last changed the note, as far as that is still to be told; for display only. */
export function lastChangeAtMs({ local, history }: Pick<Draft, "local" | "history">): number | null {
  if (history.created === "unacked") return local.lastUpdatedMs;
  const last = unacked(history.text).at(-1) ?? unacked(history.place).at(-1);
  return last?.atMs ?? null;
}
