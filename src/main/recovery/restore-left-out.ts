// Puts back from the report what a recovery left out by choice: the changes after which the note is as this device
// had it, where the tree of today allows that. Pure.

import { isTombstone, type Note, type NotesById, type Place } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { keyBetween } from "../../shared/order-key";
import { buildTree, isWithin } from "../../shared/tree";
import { changesBetween } from "../notes/note-changes";

/** A place that is gone, in the trash or inside the note itself gives way: to the note's present one, or the end. */
export function restoreLeftOut(leftOut: Note, notes: NotesById): readonly NoteChange[] {
  const current = notes.get(leftOut.id) ?? null;
  return changesBetween(current, { ...leftOut, childIds: [], ...placeFor(leftOut, current, notes) });
}

function placeFor(leftOut: Note, current: Note | null, notes: NotesById): Place {
  const { id, parentId, orderKey, isRoot } = leftOut;
  if (isRoot) return { parentId, orderKey };
  const tree = buildTree(notes.values());
  const { rootId } = tree;
  const isFine =
    parentId !== null &&
    rootId !== null &&
    isWithin(tree, parentId, rootId) &&
    !tree.trashed.has(parentId) &&
    !isWithin(tree, parentId, id);
  if (isFine || rootId === null) return { parentId, orderKey };
  if (current !== null && !isTombstone(current))
    return { parentId: current.parentId, orderKey: current.orderKey };
  const last = tree.children.get(rootId)?.at(-1);
  const lastKey = last === undefined ? null : (notes.get(last)?.orderKey ?? null);
  return { parentId: rootId, orderKey: keyBetween(lastKey, null) };
}
