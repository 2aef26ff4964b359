// 'Recovered notes' after a recovery is undone: made only to hold what recovery could put nowhere else, it goes to the
// trash once that is gone from it. What anybody else made, wrote into or put a note under stays. Pure.

import type { NoteId, NotesById } from "../../shared/note";
import { applyChanges, type NoteChange } from "../../shared/note-change";
import { derivedId } from "../../shared/recovery/derived-id";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { buildTree } from "../../shared/tree";
import { recoveredNote } from "../../shared/tree-check";

/**
 * `recoveredId`: of the user's own 'Recovered notes', in the place of which a recovery makes another where that one is
 * out of sight. `changes`: what undoing comes to, carried out in `notes`.
 */
export function trashEmptiedHome(
  report: RecoveryReport,
  notes: NotesById,
  changes: readonly NoteChange[],
  { recoveredId, atMs }: { readonly recoveredId: NoteId; readonly atMs: number },
): readonly NoteChange[] {
  const homes = [recoveredId, derivedId(report.resetId, recoveredId, "home")];
  const emptied = homes.filter((id) => isMadeBy(report, id, notes));
  if (emptied.length === 0) return [];
  const after = new Map(notes);
  applyChanges(after, changes);
  const tree = buildTree(after.values());
  return emptied
    .filter((id) => (tree.children.get(id) ?? []).every((child) => tree.trashed.has(child)))
    .map((id) => ({ kind: "deleted", id, before: null, after: atMs }));
}

/** A note is stamped by whoever writes it: one that was last written while the recovery ran is as that left it. */
function isMadeBy({ items, startedAtMs, finishedAtMs }: RecoveryReport, id: NoteId, notes: NotesById) {
  const home = notes.get(id);
  if (home === undefined || home.deletedAtMs !== null || home.lastUpdatedMs === null) return false;
  if (items.some(({ noteId }) => noteId === id)) return false;
  const isAsMade = home.text === recoveredNote(id, id, "").text;
  return isAsMade && home.lastUpdatedMs >= startedAtMs && home.lastUpdatedMs <= finishedAtMs;
}
