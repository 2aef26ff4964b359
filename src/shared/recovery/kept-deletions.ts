// Which deletions of this device are not repeated, because of what others did in the note or under it. Pure.

import type { NoteId, NotesById } from "../note";
import type { Ancestry } from "../sparse-tree";
import { type Draft, isChangedElsewhere } from "./draft-notes";

export type KeptDeletions = ReadonlyMap<NoteId, "itself" | "under-it">;

/**
 * Deletions of this device that are not repeated, because others changed the note or something live under it.
 * Walks up from each changed note once; what was walked over is not walked again.
 */
export function findKeptDeletions(
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
