// Looks for what is wrong with a tree of notes and says which place changes mend it. Lists of children that
// disagree with the notes' own parents are reported but not mended: `parentId` is the truth, and two clients must
// not repair lists against each other.

import type { Note, NoteId } from "./note";
import type { NoteChange } from "./note-change";
import { keysBetween } from "./order-key";
import { isWithin, type Tree, type TreeRow } from "./tree";

export type TreeProblem =
  | { readonly kind: "missing-root" }
  /** Its parent is not there, or it has none and no list names it. */
  | { readonly kind: "orphan"; readonly id: NoteId; readonly parentId: NoteId | null }
  /** Each hangs under the next, the last under the first. */
  | { readonly kind: "cycle"; readonly ids: readonly NoteId[] }
  /** Lists of children name it under another note than the one it hangs under, or several lists name it. */
  | { readonly kind: "two-parents"; readonly id: NoteId; readonly parentIds: readonly NoteId[] }
  | { readonly kind: "duplicate-child"; readonly parentId: NoteId; readonly id: NoteId }
  | { readonly kind: "dangling-child"; readonly parentId: NoteId; readonly id: NoteId };

/** All problems, in an order that depends on the notes alone. Notes in the trash are no orphans: restore places them. */
export function checkTree(tree: Tree<Note>): TreeProblem[] {
  const problems: TreeProblem[] = tree.rootId === null ? [{ kind: "missing-root" }] : [];
  for (const ids of tree.cycles) problems.push({ kind: "cycle", ids });
  const cut = new Set(tree.cycles.map(([first]) => first));
  for (const id of tree.recovered) {
    if (!cut.has(id)) problems.push({ kind: "orphan", id, parentId: tree.rows.get(id)!.parentId });
  }

  const parentsOf = new Map<NoteId, Set<NoteId>>();
  for (const parent of sortedById(tree)) {
    const listed = new Set<NoteId>();
    for (const id of parent.childIds) {
      if (listed.has(id)) problems.push({ kind: "duplicate-child", parentId: parent.id, id });
      else if (!tree.rows.has(id)) problems.push({ kind: "dangling-child", parentId: parent.id, id });
      else addTo(parentsOf, id, parent.id);
      listed.add(id);
    }
  }
  for (const { id } of sortedById(tree)) {
    const parents = parentsOf.get(id);
    if (parents === undefined) continue;
    const actual = tree.parents.get(id) ?? null;
    if (actual !== null) parents.add(actual);
    if (parents.size > 1) problems.push({ kind: "two-parents", id, parentIds: [...parents].sort() });
  }
  return problems;
}

/**
 * The changes after which every note that is not in the trash hangs under the root: those nobody reaches go under
 * the note `recoveredId`, which is created where it is missing. Nothing can be mended without a root.
 */
export function planTreeRepair(tree: Tree, recoveredId: NoteId): NoteChange[] {
  const { rootId } = tree;
  if (rootId === null || tree.recovered.length === 0) return [];
  const changes: NoteChange[] = [];
  const existing = tree.rows.get(recoveredId);
  const usable = existing !== undefined && !tree.trashed.has(recoveredId);
  const homeId = existing === undefined || usable ? recoveredId : rootId;
  const strays = tree.recovered.filter((id) => id !== homeId);

  const [homeKey] = keysAfterLast(tree, rootId, 1);
  if (existing === undefined) {
    changes.push({ kind: "create", note: recoveredNote(recoveredId, rootId, homeKey!) });
  } else if (usable && !isWithin(tree, recoveredId, rootId)) {
    changes.push(placeChange(existing, rootId, homeKey!));
  }
  const keys = keysAfterLast(tree, homeId, strays.length);
  for (const [index, id] of strays.entries()) {
    changes.push(placeChange(tree.rows.get(id)!, homeId, keys[index]!));
  }
  return changes;
}

/** The note that unreachable notes are put under. */
export function recoveredNote(id: NoteId, rootId: NoteId, orderKey: string): Note {
  return {
    id,
    text: "Recovered notes",
    isRoot: false,
    parentId: rootId,
    orderKey,
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
  };
}

function placeChange(row: TreeRow, parentId: NoteId, orderKey: string): NoteChange {
  const before = { parentId: row.parentId, orderKey: row.orderKey };
  return { kind: "place", id: row.id, before, after: { parentId, orderKey } };
}

function keysAfterLast(tree: Tree, parentId: NoteId, count: number): string[] {
  const last = tree.children.get(parentId)?.at(-1);
  return keysBetween(last === undefined ? null : tree.rows.get(last)!.orderKey, null, count);
}

function sortedById(tree: Tree<Note>): Note[] {
  return [...tree.rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function addTo(sets: Map<NoteId, Set<NoteId>>, key: NoteId, value: NoteId): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
