// The tree kept as it changes, for one who asks about a few notes after each change: a large tree is not built anew
// for every stroke. Answers exactly what `buildTree` would. Holds rows and decides nothing.

import type { NoteId } from "./note";
import { compareSiblings } from "./order-key";
import { buildTree, type Tree, type TreeRow, type TreeView } from "./tree";

export type TreeIndex<R extends TreeRow = TreeRow> = TreeView<R> & {
  readonly set: (row: R) => void;
  /** True where there was one. */
  readonly remove: (id: NoteId) => boolean;
  readonly clear: () => void;
  /** The notes whose own parent it is, without those that a list alone puts there; in no order. */
  readonly placedUnder: (id: NoteId) => readonly NoteId[];
};

/**
 * Rows say who adopts them by `adoptedBy`; lists of children are not looked at. Asking costs what lies above a note
 * or under one parent, never the whole tree; while there is a cycle, which no command of ours makes, the whole.
 */
export function createTreeIndex<R extends TreeRow>(rootId: NoteId): TreeIndex<R> {
  const rows = new Map<NoteId, R>();
  const under = new Map<NoteId, Set<NoteId>>();
  const sorted = new Map<NoteId, readonly NoteId[]>();
  /** Rows are hung up when somebody asks about them first: many a large tree is only shown. */
  let isHung = false;
  let hasCycle = false;
  /** Only while there is a cycle. */
  let whole: Tree<R> | null = null;

  const wishedParent = ({ id, parentId, adoptedBy }: R): NoteId | null =>
    id === rootId ? null : (parentId ?? adoptedBy ?? null);

  function parentOf(id: NoteId): NoteId | null {
    const row = rows.get(id);
    const parentId = row === undefined ? null : wishedParent(row);
    return parentId !== null && rows.has(parentId) ? parentId : null;
  }

  function makesCycle(id: NoteId): boolean {
    if (!under.has(id)) return false;
    for (let at = parentOf(id); at !== null; at = parentOf(at)) if (at === id) return true;
    return false;
  }

  function built(): Tree<R> {
    whole ??= buildTree(rows.values(), rootId);
    if (whole.cycles.length === 0) hasCycle = false;
    return whole;
  }

  function unhang(row: R): void {
    const parentId = wishedParent(row);
    if (parentId === null) return;
    const siblings = under.get(parentId);
    siblings?.delete(row.id);
    if (siblings?.size === 0) under.delete(parentId);
    sorted.delete(parentId);
  }

  function hang(row: R): void {
    const parentId = wishedParent(row);
    if (parentId === null) return;
    const siblings = under.get(parentId);
    if (siblings === undefined) under.set(parentId, new Set([row.id]));
    else siblings.add(row.id);
    sorted.delete(parentId);
  }

  function hangAll(): void {
    if (isHung) return;
    isHung = true;
    for (const row of rows.values()) hang(row);
    // Whatever is in a cycle has something under it.
    const walked = new Set<NoteId>();
    for (const id of under.keys()) {
      const path = new Set<NoteId>();
      let at: NoteId | null = id;
      for (; at !== null && !walked.has(at); at = parentOf(at)) {
        walked.add(at);
        path.add(at);
      }
      hasCycle ||= at !== null && path.has(at);
    }
  }

  function isCyclic(): boolean {
    hangAll();
    return hasCycle;
  }

  function childrenOf(id: NoteId): readonly NoteId[] | undefined {
    if (!rows.has(id)) return undefined;
    const known = sorted.get(id);
    if (known !== undefined) return known;
    const children = under.get(id);
    if (children === undefined) return undefined;
    const inOrder = [...children].sort((a, b) => compareSiblings(rows.get(a)!, rows.get(b)!));
    sorted.set(id, inOrder);
    return inOrder;
  }

  function isTrashed(id: NoteId): boolean {
    for (let at: NoteId | null = id; at !== null; at = parentOf(at)) {
      if (at !== rootId && (rows.get(at)?.deletedAtMs ?? null) !== null) return true;
    }
    return false;
  }

  return {
    rows,
    get rootId() {
      return rows.has(rootId) ? rootId : null;
    },
    parents: {
      get(id) {
        if (!rows.has(id)) return undefined;
        return isCyclic() ? built().parents.get(id) : parentOf(id);
      },
    },
    children: { get: (id) => (isCyclic() ? built().children.get(id) : childrenOf(id)) },
    trashed: { has: (id) => (isCyclic() ? built().trashed.has(id) : isTrashed(id)) },
    get recovered() {
      return (isCyclic() ? built() : buildTree(rows.values(), rootId)).recovered;
    },
    set(row) {
      whole = null;
      const former = isHung ? rows.get(row.id) : undefined;
      rows.set(row.id, row);
      if (!isHung) return;
      const isMoved = former === undefined || wishedParent(former) !== wishedParent(row);
      if (former !== undefined && (isMoved || former.orderKey !== row.orderKey)) unhang(former);
      if (isMoved || former.orderKey !== row.orderKey) hang(row);
      if (isMoved && !hasCycle && makesCycle(row.id)) hasCycle = true;
    },
    remove(id) {
      const row = rows.get(id);
      if (row === undefined) return false;
      whole = null;
      if (isHung) unhang(row);
      return rows.delete(id);
    },
    clear() {
      rows.clear();
      under.clear();
      sorted.clear();
      whole = null;
      isHung = false;
      hasCycle = false;
    },
    placedUnder(id) {
      hangAll();
      return [...(under.get(id) ?? [])].filter((childId) => rows.get(childId)?.parentId === id);
    },
  };
}
