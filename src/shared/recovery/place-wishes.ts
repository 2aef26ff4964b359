// What is asked of the tree once each note's fields are decided: which note is wished where, and which note takes those
// that have no place to go to. What of it the tree allows is settled in place-plan.ts. Pure.

import type { NoteId, NotesById } from "../note";
import type { Ancestry } from "../sparse-tree";
import { derivedId } from "./derived-id";
import type { Draft } from "./draft-notes";
import type { Wish } from "./place-plan";
import type { RecoveryInput } from "./plan-types";

export function collectWishes(
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
export function chooseHome(
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
