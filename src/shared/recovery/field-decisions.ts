// What becomes of one field of one note that both this device and the server have: text, place, deletion. Looks
// at the note alone; what the tree allows is settled afterwards (place-plan.ts). Pure.

import { hasLinesOf, linesBeside } from "../line-sets";
import { containsLines, mergeText, mergeTextKeepingBoth } from "../merge-text";
import type { Note, Place } from "../note";
import type { FieldChange, NoteHistory } from "./plan-types";

/** One note on both sides, with all that is known about how the sides came to differ. */
export type NoteCase = {
  readonly local: Note;
  readonly remote: Note;
  readonly history: NoteHistory;
  /** The server shows a version that this device had before. */
  readonly isEarlier: boolean;
  /** There is evidence, from any note, that the server went back in time and may have lost something of this one. */
  readonly rolledBack: boolean;
  readonly historyTrusted: boolean;
  /** This recovery has written over this device's text in the fresh file already, where the server had it as well. */
  readonly isWrittenOver: boolean;
};

/** `base`: the text that both sides were compared with, where that is not what was there before all of this device's. */
export type TextDecision = { readonly base?: string } & (
  | { readonly kind: "same" }
  | { readonly kind: "theirs" }
  /** `lost`: the server once had it. */
  | { readonly kind: "mine"; readonly lost: boolean }
  | { readonly kind: "merged"; readonly text: string; readonly lost: boolean }
  /** The server's text stays and mine becomes a copy. */
  | { readonly kind: "conflict" }
);

export type PlaceDecision =
  | { readonly kind: "same" }
  | { readonly kind: "theirs" }
  | { readonly kind: "mine"; readonly lost: boolean }
  /** Both moved it: the server's place stays, which is reported. */
  | { readonly kind: "overruled" };

export type DeletionDecision =
  | { readonly kind: "same" }
  | { readonly kind: "theirs" }
  /** This device took it out of the trash and another put it there anew, which is reported. */
  | { readonly kind: "overruled" }
  /** Out of the trash again, as this device had it. */
  | { readonly kind: "restore"; readonly lost: boolean }
  /** Into the trash again, if nothing was changed elsewhere in it or under it. */
  | { readonly kind: "trash"; readonly lost: boolean }
  /**
   * The server has lost that a person here put it there, or another took it out since: it shows a version that this
   * device never saw. So it stays out, which is reported.
   */
  | { readonly kind: "doubtful" }
  /** This device had it in the trash, but there is no evidence that a person here put it there. */
  | { readonly kind: "not-trusted" };

export function samePlace(a: Place, b: Place): boolean {
  return a.parentId === b.parentId && a.orderKey === b.orderKey;
}

export function sameNote(a: Note, b: Note): boolean {
  return a.text === b.text && samePlace(a, b) && a.deletedAtMs === b.deletedAtMs;
}

export function sameValue<T>(a: T, b: T): boolean {
  return a === b;
}

/** The changes of a field that the server was not seen to have. */
export function unacked<T>(changes: readonly FieldChange<T>[]): readonly FieldChange<T>[] {
  return changes.filter(({ acked }) => !acked);
}

/** Whether the server's value is one of those that this device's own pending changes lead from or through. */
export function isExplained<T>(
  value: T,
  pending: readonly FieldChange<T>[],
  same: (a: T, b: T) => boolean,
): boolean {
  return pending.some(({ before, after }) => same(value, before) || same(value, after));
}

/** Whether pending changes leave the field other than it was before the first of them. */
function isChanged<T>(value: T, pending: readonly FieldChange<T>[], same: (a: T, b: T) => boolean): boolean {
  const [first] = pending;
  return first !== undefined && !same(first.before, value);
}

export function decideText(note: NoteCase): TextDecision {
  const mine = note.local.text;
  const theirs = note.remote.text;
  if (mine === theirs) return { kind: "same" };
  if (note.isWrittenOver) return { kind: "theirs" };
  if (!note.historyTrusted) {
    if (containsLines(theirs, mine)) return { kind: "theirs" };
    return containsLines(mine, theirs) ? { kind: "mine", lost: false } : { kind: "conflict" };
  }
  const pending = unacked(note.history.text);
  if (!isChanged(mine, pending, sameValue)) {
    if (note.isEarlier) return { kind: "mine", lost: true };
    if (note.rolledBack) return asDecision(mergeTextKeepingBoth(theirs, mine), note, true);
    const taken = takenBefore(mine, theirs, pending);
    return taken === undefined ? { kind: "theirs" } : { ...decideByMerge(taken, note), base: taken };
  }
  // Whether it is an earlier version takes longest to tell, so that is asked last.
  if (isExplained(theirs, pending, sameValue) || note.isEarlier) return { kind: "mine", lost: false };
  const base = pending[0]!.before;
  if (note.rolledBack) return asDecision(mergeTextKeepingBoth(theirs, mine, base), note, true);
  const taken = takenBefore(mine, theirs, pending);
  return taken === undefined ? decideByMerge(base, note) : { ...decideByMerge(taken, note), base: taken };
}

function decideByMerge(base: string, note: NoteCase): TextDecision {
  const mine = note.local.text;
  const theirs = note.remote.text;
  const merged = mergeText(base, mine, theirs);
  if (merged.kind === "merged") return asDecision(merged.text, note, false);
  if (containsLines(theirs, mine)) return { kind: "theirs" };
  return containsLines(mine, theirs) ? { kind: "mine", lost: false } : { kind: "conflict" };
}

/**
 * Lines that were taken out and put back here (by an undo, say) while the server was not heard: it may have had the
 * text without them, and others have written on that. Then their lack in `theirs` is this device's own doing, which it
 * has taken back. Answers that text, the last one there is; it and not what was before it is what both grew from.
 */
function takenBefore(
  mine: string,
  theirs: string,
  pending: readonly FieldChange<string>[],
): string | undefined {
  const [first] = pending;
  if (first === undefined) return undefined;
  const isMissing = linesBeside(theirs, mine).some((line) => hasLinesOf(first.before, line));
  return isMissing ? pending.findLast(({ after }) => containsLines(theirs, after))?.after : undefined;
}

/** A text that this device itself went through has nothing of anybody else: then the last of its own holds. */
function asDecision(text: string, { local, remote, history }: NoteCase, lost: boolean): TextDecision {
  if (text === remote.text) return { kind: "theirs" };
  const isOwn = text === local.text || isExplained(text, unacked(history.text), sameValue);
  return isOwn ? { kind: "mine", lost } : { kind: "merged", text, lost };
}

/** `theirsIsReached`: the server's place is one that can be got to in the server's tree. */
export function decidePlace(note: NoteCase, theirsIsReached: boolean): PlaceDecision {
  const { local, remote, history } = note;
  if (samePlace(local, remote)) return { kind: "same" };
  const sameParent = local.parentId === remote.parentId;
  if (!note.historyTrusted) return sameParent ? { kind: "theirs" } : { kind: "overruled" };
  const pending = unacked(history.place);
  if (!isChanged<Place>(local, pending, samePlace)) {
    if (note.isEarlier) return { kind: "mine", lost: true };
    const last = history.place.at(-1);
    const mayBeLost = note.rolledBack && last !== undefined && samePlace(last.after, local);
    return mayBeLost && !sameParent ? { kind: "overruled" } : { kind: "theirs" };
  }
  if (!theirsIsReached || isExplained<Place>(remote, pending, samePlace) || note.isEarlier) {
    return { kind: "mine", lost: false };
  }
  const bothMovedThere = sameParent && pending[0]!.before.parentId !== local.parentId;
  return bothMovedThere ? { kind: "theirs" } : { kind: "overruled" };
}

export function decideDeletion(note: NoteCase): DeletionDecision {
  const mine = note.local.deletedAtMs;
  const theirs = note.remote.deletedAtMs;
  if (mine === theirs) return { kind: "same" };
  const changes = note.history.deletedAtMs;
  const pending = unacked(changes);
  if (mine !== null && theirs !== null) {
    // In the trash on both sides: since when matters only where it tells an old deletion from the latest.
    const isOld = note.isEarlier && !isExplained(theirs, pending, sameValue);
    return isOld ? { kind: "trash", lost: true } : { kind: "theirs" };
  }
  if (!note.historyTrusted) return mine === null ? { kind: "theirs" } : { kind: "not-trusted" };
  const isMine = isChanged(mine, pending, sameValue);
  if (mine === null) {
    if (isMine && isExplained(theirs, pending, sameValue)) return { kind: "restore", lost: false };
    if (note.isEarlier) return { kind: "restore", lost: !isMine };
    return { kind: isMine ? "overruled" : "theirs" };
  }
  if (isMine) return { kind: "trash", lost: false };
  const ownAcked = changes.at(-1)?.after === mine;
  if (note.isEarlier) return { kind: "trash", lost: true };
  return { kind: note.rolledBack && ownAcked ? "doubtful" : "theirs" };
}
