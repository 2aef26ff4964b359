// A tree that is asked about a few of its notes and never built: each answer costs what lies above the notes in question,
// or one look at every row where it is about children. Answers exactly what `buildTree` would. Holds no rows of its own
// and decides nothing.

import type { NoteId } from "./note";
import { compareSiblings } from "./order-key";
import { adoptersOf, cutCycle, lowestRoot, type TreeRow } from "./tree";

/** As much of a tree as a walk upwards needs. */
export type Ancestry<R extends TreeRow = TreeRow> = {
  readonly rows: { readonly get: (id: NoteId) => R | undefined; readonly has: (id: NoteId) => boolean };
  readonly rootId: NoteId | null;
  /** The parent each note hangs under, after adoption and after cycles are cut; null for a top. */
  readonly parents: { readonly get: (id: NoteId) => NoteId | null | undefined };
  readonly trashed: { readonly has: (id: NoteId) => boolean };
};

export type SparseTree<R extends TreeRow = TreeRow> = Ancestry<R> & {
  /** The cycles that these notes are in or under, each beginning with where it was cut, sorted by that. */
  readonly cyclesAbove: (ids: Iterable<NoteId>) => readonly (readonly NoteId[])[];
  /** Children in order, those in the trash too; no entry for a note without any. */
  readonly childrenOf: (parentIds: ReadonlySet<NoteId>) => ReadonlyMap<NoteId, readonly NoteId[]>;
  /** Those of these notes that are there: parents before their children, siblings in order, the root's tree first. */
  readonly topDown: (ids: Iterable<NoteId>) => readonly NoteId[];
};

/**
 * `changed` stands for rows of `base` and beside them; neither may change afterwards. The root is the given one, or the
 * row marked so that has the lowest id.
 */
export function sparseTree<R extends TreeRow>(
  base: ReadonlyMap<NoteId, R>,
  changed: ReadonlyMap<NoteId, R>,
  rootId?: NoteId,
): SparseTree<R> {
  const isAsBefore = changed.size === 0;
  const get = (id: NoteId): R | undefined => (isAsBefore ? base.get(id) : (changed.get(id) ?? base.get(id)));
  const has = (id: NoteId): boolean => base.has(id) || (!isAsBefore && changed.has(id));
  const root = rootId === undefined ? lowestRoot(eachRow()) : has(rootId) ? rootId : null;
  const parents = new Map<NoteId, NoteId | null>();
  const trashed = new Map<NoteId, boolean>();
  const cycles: NoteId[][] = [];
  let adopters: ReadonlyMap<NoteId, NoteId> | null = null;

  function* eachRow(): Generator<R> {
    for (const [id, row] of base) yield changed.get(id) ?? row;
    for (const [id, row] of changed) if (!base.has(id)) yield row;
  }

  function ownParentOf({ id, parentId }: R): NoteId | null {
    if (id === root) return null;
    if (parentId === null) adopters ??= adoptersOf(eachRow());
    const wished = parentId ?? adopters?.get(id) ?? null;
    return wished !== null && has(wished) ? wished : null;
  }

  function parentOf(id: NoteId): NoteId | null | undefined {
    const known = parents.get(id);
    if (known !== undefined) return known;
    const row = get(id);
    if (row === undefined) return undefined;
    const own = ownParentOf(row);
    if (own === null || parents.has(own)) {
      parents.set(id, own);
      return own;
    }
    const walked = new Map<NoteId, NoteId | null>();
    let at: NoteId | null = id;
    while (at !== null && !walked.has(at) && !parents.has(at)) {
      const above: NoteId | null = ownParentOf(get(at)!);
      walked.set(at, above);
      at = above;
    }
    if (at !== null && walked.has(at)) cycles.push(cutCycle(walked, at));
    for (const [each, above] of walked) parents.set(each, above);
    return walked.get(id)!;
  }

  function isTrashed(id: NoteId): boolean {
    const walked: NoteId[] = [];
    let found = false;
    for (let at: NoteId | null | undefined = id; at !== null && at !== undefined; at = parentOf(at)) {
      const known = trashed.get(at);
      if (known !== undefined) {
        found = known;
        break;
      }
      walked.push(at);
      found = at !== root && (get(at)?.deletedAtMs ?? null) !== null;
      if (found) break;
    }
    for (const each of walked) trashed.set(each, found);
    return found;
  }

  function sortedIds(siblings: R[]): NoteId[] {
    if (siblings.length > 1) siblings.sort(compareSiblings);
    return siblings.map(({ id }) => id);
  }

  return {
    rows: { get, has },
    rootId: root,
    parents: { get: parentOf },
    trashed: { has: isTrashed },
    cyclesAbove(ids) {
      for (const id of ids) parentOf(id);
      return cycles.sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
    },
    childrenOf(parentIds) {
      const under = new Map<NoteId, R[]>();
      for (const id of parentIds) parentOf(id);
      // Above none of them is a cycle, so none of their rows is in one, and each hangs where it says.
      const isPlain = cycles.length === 0;
      const wanted = isPlain ? new Set([...parentIds].filter(has)) : parentIds;
      const mayBe = ({ parentId }: R): boolean => parentId === null || wanted.has(parentId);
      const look = (row: R): void => {
        const isPlaced = isPlain && row.parentId !== null && row.id !== root;
        const parentId = isPlaced ? row.parentId : (parentOf(row.id) ?? null);
        if (parentId !== null && parentIds.has(parentId)) addTo(under, parentId, row);
      };
      // Most rows are none of their children: those that are may be asked whether they have changed.
      for (const row of base.values()) if (mayBe(row) && !changed.has(row.id)) look(row);
      for (const row of changed.values()) if (mayBe(row)) look(row);
      return new Map([...under].map(([parentId, siblings]) => [parentId, sortedIds(siblings)]));
    },
    topDown(ids) {
      const wanted = new Set<NoteId>();
      const met = new Set<NoteId>();
      const under = new Map<NoteId, R[]>();
      const tops: NoteId[] = [];
      for (const id of ids) {
        if (!has(id)) continue;
        wanted.add(id);
        for (let at: NoteId | null = id; at !== null && !met.has(at); ) {
          met.add(at);
          const above: NoteId | null = parentOf(at) ?? null;
          if (above !== null) addTo(under, above, get(at)!);
          else if (at !== root) tops.push(at);
          at = above;
        }
      }
      const ordered: NoteId[] = [];
      const waiting = tops.sort().reverse();
      if (root !== null && met.has(root)) waiting.push(root);
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (wanted.has(id)) ordered.push(id);
        const siblings = sortedIds(under.get(id) ?? []);
        for (let index = siblings.length - 1; index >= 0; index -= 1) waiting.push(siblings[index]!);
      }
      return ordered;
    },
  };
}

function addTo<R>(lists: Map<NoteId, R[]>, key: NoteId, value: R): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
