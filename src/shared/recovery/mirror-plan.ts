// What the lists of children come to, which the plan writes with the notes: for clients that know only those. Pure.

import type { Note, NoteId } from "../note";
import type { SparseTree } from "../sparse-tree";
import type { TreeRow } from "../tree";

/** The mirrors for clients that read only lists: as the server has them, unless the plan changes the children. */
export function planMirrors(
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
