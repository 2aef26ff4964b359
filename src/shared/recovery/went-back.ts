// Whether the server has gone back in time (it was restored, say): the evidence for it, and of which notes it may then
// have lost something of this device's. A note that another app deleted is no proof of it. Pure.

import type { Note, NotesById } from "../note";
import { isExplained, samePlace, sameValue, unacked } from "./field-decisions";
import { type NoteHistory, noHistory, type RecoveryInput } from "./plan-types";

/**
 * `certain`: it was told, or a note is an older version that pending changes do not explain. `possible`: a note that the
 * server had is gone without a tombstone; but an app that knows only the published fields deletes just so.
 */
export type WentBack = "none" | "possible" | "certain";

export function evidenceOfGoingBack(
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
export function mayHaveLost(wentBack: WentBack, { created, text, place, deletedAtMs }: NoteHistory): boolean {
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
