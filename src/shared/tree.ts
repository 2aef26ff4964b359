// The tree that notes make, and questions about it. The rows are the truth: `parentId` says the parent; only a
// note without one is adopted by a note that names it among its children. Whatever the rows say, every note has
// exactly one place: under the root, in the trash, or (when nobody reaches it) at the virtual 'Recovered notes'.
// What can be done to it is in tree-operations.ts. No recursion anywhere: a chain may be 50 000 notes deep.

import type { NoteId } from "./note";
import { compareSiblings } from "./order-key";

/** The least that the tree needs of a note. Who adopts comes from `childIds` where rows have it, else `adoptedBy`. */
export type TreeRow = {
  readonly id: NoteId;
  readonly isRoot: boolean;
  readonly parentId: NoteId | null;
  readonly orderKey: string;
  readonly deletedAtMs: number | null;
  readonly adoptedBy?: NoteId | null;
  readonly childIds?: readonly NoteId[];
};

export type Tree<R extends TreeRow = TreeRow> = {
  readonly rows: ReadonlyMap<NoteId, R>;
  /** Null where there is no root among the rows. */
  readonly rootId: NoteId | null;
  /** The parent each note hangs under, after adoption and after cycles are cut; null for a top. */
  readonly parents: ReadonlyMap<NoteId, NoteId | null>;
  /** Children in order, those in the trash too; no entry for a note without any. */
  readonly children: ReadonlyMap<NoteId, readonly NoteId[]>;
  /** Tops of 'Recovered notes': not in the trash, and reached from nowhere. */
  readonly recovered: readonly NoteId[];
  /** Tops of the trash, last deleted first. */
  readonly trash: readonly NoteId[];
  /** Every note that is in the trash, by itself or with a note above it. */
  readonly trashed: ReadonlySet<NoteId>;
  /** Notes that are each other's ancestors; the first (the lowest id) is where the cycle was cut. */
  readonly cycles: readonly (readonly NoteId[])[];
};

/** As much of a tree as the operations ask for: each question is about one note. */
export type TreeView<R extends TreeRow = TreeRow> = Pick<Tree<R>, "rows" | "rootId" | "recovered"> & {
  readonly parents: Pick<Tree["parents"], "get">;
  readonly children: Pick<Tree["children"], "get">;
  readonly trashed: Pick<Tree["trashed"], "has">;
};

/** The root is the given one, or the row marked so that has the lowest id. */
export function buildTree<R extends TreeRow>(notes: Iterable<R>, rootId?: NoteId): Tree<R> {
  const rows = new Map<NoteId, R>();
  for (const row of notes) rows.set(row.id, row);
  const root = rootId === undefined ? lowestRoot(rows.values()) : rows.has(rootId) ? rootId : null;

  const parents = new Map<NoteId, NoteId | null>();
  let adopters: ReadonlyMap<NoteId, NoteId> | null = null;
  for (const { id, parentId: own } of rows.values()) {
    let parentId = id === root ? null : own;
    if (id !== root && own === null) {
      adopters ??= adoptersOf(rows.values());
      parentId = adopters.get(id) ?? null;
    }
    parents.set(id, parentId !== null && rows.has(parentId) ? parentId : null);
  }
  let hung = hangRows(rows, parents, root);
  let cycles: NoteId[][] = [];
  if (hung.reached < rows.size) {
    // What is under each other is under no top.
    cycles = cutCycles(parents);
    hung = hangRows(rows, parents, root);
  }
  const { children, tops, trash, trashed } = hung;
  trash.sort((a, b) => b.deletedAtMs! - a.deletedAtMs! || compareSiblings(a, b));

  return {
    rows,
    rootId: root,
    parents,
    children,
    recovered: tops.filter(({ id }) => !trashed.has(id)).map(({ id }) => id),
    trash: trash.map(({ id }) => id),
    trashed,
    cycles,
  };
}

/** Children in order, and what is in the trash, by going down from every top. `reached`: how many notes that were. */
function hangRows<R extends TreeRow>(
  rows: ReadonlyMap<NoteId, R>,
  parents: ReadonlyMap<NoteId, NoteId | null>,
  root: NoteId | null,
) {
  const under = new Map<NoteId, R[]>();
  const tops: R[] = [];
  for (const row of rows.values()) {
    const parentId = parents.get(row.id) ?? null;
    if (parentId === null) {
      if (row.id !== root) tops.push(row);
      continue;
    }
    const siblings = under.get(parentId);
    if (siblings === undefined) under.set(parentId, [row]);
    else siblings.push(row);
  }
  tops.sort(compareSiblings);

  const children = new Map<NoteId, NoteId[]>();
  for (const [parentId, siblings] of under) {
    if (siblings.length > 1) siblings.sort(compareSiblings);
    children.set(
      parentId,
      siblings.map(({ id }) => id),
    );
  }
  const trash: R[] = [];
  const trashed = new Set<NoteId>();
  let reached = 0;
  const waiting = root === null ? [...tops] : [rows.get(root)!, ...tops];
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    const { id } = row;
    reached += 1;
    const isUnderTrash = trashed.size > 0 && trashed.has(parents.get(id)!);
    if (isUnderTrash) {
      trashed.add(id);
    } else if (row.deletedAtMs !== null && id !== root) {
      trashed.add(id);
      trash.push(row);
    }
    for (const child of under.get(id) ?? []) waiting.push(child);
  }
  return { children, tops, trash, trashed, reached };
}

export function lowestRoot(rows: Iterable<TreeRow>): NoteId | null {
  let lowest: NoteId | null = null;
  for (const { id, isRoot } of rows) {
    if (isRoot && (lowest === null || id < lowest)) lowest = id;
  }
  return lowest;
}

/** For notes without a parent of their own: of the notes that name it as a child, the one with the lowest id. */
export function adoptersOf(rows: Iterable<TreeRow>): ReadonlyMap<NoteId, NoteId> {
  const adopters = new Map<NoteId, NoteId>();
  for (const { id, adoptedBy, childIds } of rows) {
    if (childIds === undefined) {
      if (adoptedBy) adopters.set(id, adoptedBy);
      continue;
    }
    for (const childId of childIds) {
      const named = adopters.get(childId);
      if (named === undefined || id < named) adopters.set(childId, id);
    }
  }
  return adopters;
}

/** Makes the lowest id of each cycle a top. Every note has one parent, so cycles never share a note. */
function cutCycles(parents: Map<NoteId, NoteId | null>): NoteId[][] {
  const cycles: NoteId[][] = [];
  const walkOf = new Map<NoteId, number>();
  let walk = 0;
  for (const start of parents.keys()) {
    walk += 1;
    let id: NoteId | null = start;
    while (id !== null && !walkOf.has(id)) {
      walkOf.set(id, walk);
      id = parents.get(id) ?? null;
    }
    if (id !== null && walkOf.get(id) === walk) cycles.push(cutCycle(parents, id));
  }
  return cycles.sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
}

/** Makes the lowest id of the cycle that `id` is in a top. The members, beginning with it. */
export function cutCycle(parents: Map<NoteId, NoteId | null>, id: NoteId): NoteId[] {
  const members: NoteId[] = [];
  for (let member = id; members.length === 0 || member !== id; member = parents.get(member)!) {
    members.push(member);
  }
  const lowest = members.toSorted()[0]!;
  const at = members.indexOf(lowest);
  parents.set(lowest, null);
  return [...members.slice(at), ...members.slice(0, at)];
}

/** Whether `id` is `ancestorId` or hangs somewhere under it. */
export function isWithin(tree: Pick<TreeView, "parents">, id: NoteId, ancestorId: NoteId): boolean {
  for (let at: NoteId | null = id; at !== null; at = tree.parents.get(at) ?? null) {
    if (at === ancestorId) return true;
  }
  return false;
}

/** Whether each of `ids` is there and hangs somewhere under `ancestorId`. Walks over no note twice. */
export function areAllUnder(
  tree: { readonly rows: { readonly has: (id: NoteId) => boolean } } & Pick<TreeView, "parents">,
  ids: Iterable<NoteId>,
  ancestorId: NoteId,
): boolean {
  const reached = new Set<NoteId>([ancestorId]);
  for (const id of ids) {
    const walked: NoteId[] = [];
    let at = id;
    while (!reached.has(at)) {
      walked.push(at);
      const above = tree.parents.get(at) ?? null;
      if (above === null) return false;
      at = above;
    }
    for (const each of walked) reached.add(each);
  }
  return tree.rows.has(ancestorId);
}

/** The notes above, the nearest last, without the root; at most `limit` of them, the nearest. */
export function ancestorsOf(tree: Pick<TreeView, "parents" | "rootId">, id: NoteId, limit: number): NoteId[] {
  const above: NoteId[] = [];
  let at = tree.parents.get(id) ?? null;
  while (at !== null && at !== tree.rootId && above.length < limit) {
    above.push(at);
    at = tree.parents.get(at) ?? null;
  }
  return above.reverse();
}

/** Every id once, parents before their children and siblings in order; the root's tree first. */
export function idsTopDown(tree: Tree): NoteId[] {
  const ids: NoteId[] = [];
  const waiting: NoteId[] = [];
  for (const [id, parentId] of tree.parents) if (parentId === null && id !== tree.rootId) waiting.push(id);
  waiting.sort().reverse();
  if (tree.rootId !== null) waiting.push(tree.rootId);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    ids.push(id);
    const children = tree.children.get(id) ?? [];
    for (let index = children.length - 1; index >= 0; index -= 1) waiting.push(children[index]!);
  }
  return ids;
}
