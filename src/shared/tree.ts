// The tree that notes make, and what can be done to it. The rows are the truth: `parentId` says the parent; only a
// note without one is adopted by a note that names it among its children. Whatever the rows say, every note has
// exactly one place: under the root, in the trash, or (when nobody reaches it) at the virtual 'Recovered notes'.
// Operations answer changes as data and write nothing. No recursion anywhere: a chain may be 50 000 notes deep.

import { type Note, type NoteId, type Place, withTitle } from "./note";
import type { NoteChange } from "./note-change";
import { compareSiblings, keyBetween } from "./order-key";

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

// --- Operations ----------------------------------------------------------------------------------------------

/** Where a note goes: under `parentId`, right after its child `afterId`, or first where that is null. */
export type Target = { readonly parentId: NoteId; readonly afterId: NoteId | null };

const refusals = {
  "no-such-note": "This note is not here any more.",
  "no-such-parent": "The note it should go under is not here any more.",
  "no-such-neighbour": "The note it should go after is not there any more.",
  "parent-in-trash": "The note it should go under is in the trash.",
  "id-taken": "There is a note with this id already.",
  "no-root": "There is no top of the tree yet.",
  "is-root": "The top of the tree cannot be moved or put into the trash.",
  "into-itself": "A note cannot be moved into itself or into a note under it.",
  "already-there": "It is there already.",
  "no-earlier-sibling": "There is no note above it to go under.",
  "at-the-top": "It is at the top already.",
  "in-trash": "This note is in the trash.",
  "not-in-trash": "This note is not in the trash.",
  "nothing-to-change": "Nothing would change.",
} as const;
export type Refusal = keyof typeof refusals;

/** The refusal in one sentence for the person in front of it. */
export function refusalText(reason: Refusal): string {
  return refusals[reason];
}

export type Operation =
  | { readonly kind: "ok"; readonly changes: readonly NoteChange[]; readonly inverse: readonly NoteChange[] }
  | { readonly kind: "refused"; readonly reason: Refusal };

const refused = (reason: Refusal): Operation => ({ kind: "refused", reason });

type Reversible = Exclude<NoteChange, { kind: "create" }>;

function reverse(change: Reversible): Reversible {
  switch (change.kind) {
    case "text":
      return { ...change, before: change.after, after: change.before };
    case "place":
      return { ...change, before: change.after, after: change.before };
    case "deleted":
      return { ...change, before: change.after, after: change.before };
  }
}

function done(...changes: Reversible[]): Operation {
  return { kind: "ok", changes, inverse: changes.toReversed().map(reverse) };
}

/** Undoing a creation puts the note into the trash: nothing that was ever written is simply gone. */
export function createNote(
  tree: TreeView,
  wish: { readonly id: NoteId; readonly text: string; readonly target: Target; readonly atMs: number },
): Operation {
  if (tree.rows.has(wish.id)) return refused("id-taken");
  const spot = findSpot(tree, wish.target, null);
  if (spot.kind === "refused") return spot;
  const note: Note = {
    id: wish.id,
    text: wish.text,
    isRoot: false,
    ...spot.place,
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: wish.atMs,
  };
  return {
    kind: "ok",
    changes: [{ kind: "create", note }],
    inverse: [{ kind: "deleted", id: wish.id, before: null, after: wish.atMs }],
  };
}

export function editText(note: Pick<Note, "id" | "text">, text: string): Operation {
  if (note.text === text) return refused("nothing-to-change");
  return done({ kind: "text", id: note.id, before: note.text, after: text });
}

export function renameNote(note: Pick<Note, "id" | "text">, title: string): Operation {
  return editText(note, withTitle(note.text, title));
}

export function moveNote(tree: TreeView, id: NoteId, target: Target): Operation {
  const row = tree.rows.get(id);
  if (row === undefined) return refused("no-such-note");
  if (id === tree.rootId) return refused("is-root");
  if (tree.trashed.has(id)) return refused("in-trash");
  if (target.afterId === id) return refused("already-there");
  if (tree.rows.has(target.parentId) && isWithin(tree, target.parentId, id)) return refused("into-itself");
  const spot = findSpot(tree, target, id);
  if (spot.kind === "refused") return spot;
  if (row.parentId === target.parentId) {
    const siblings = tree.children.get(target.parentId)!;
    if ((siblings[siblings.indexOf(id) - 1] ?? null) === target.afterId) return refused("already-there");
  }
  return done({ kind: "place", id, before: placeOf(row), after: spot.place });
}

/** Under its nearest earlier sibling, as the last child there. */
export function indentNote(tree: TreeView, id: NoteId): Operation {
  if (!tree.rows.has(id)) return refused("no-such-note");
  if (id === tree.rootId) return refused("is-root");
  if (tree.trashed.has(id)) return refused("in-trash");
  const parentId = tree.parents.get(id) ?? null;
  const siblings = parentId === null ? tree.recovered : tree.children.get(parentId)!;
  let before = siblings.indexOf(id) - 1;
  while (before >= 0 && tree.trashed.has(siblings[before]!)) before -= 1;
  const newParent = siblings[before];
  if (newParent === undefined) return refused("no-earlier-sibling");
  return moveNote(tree, id, { parentId: newParent, afterId: tree.children.get(newParent)?.at(-1) ?? null });
}

/** Out of its parent, to stand right after it. */
export function outdentNote(tree: TreeView, id: NoteId): Operation {
  if (!tree.rows.has(id)) return refused("no-such-note");
  if (id === tree.rootId) return refused("is-root");
  const parentId = tree.parents.get(id) ?? null;
  const grandparentId = parentId === null ? null : (tree.parents.get(parentId) ?? null);
  if (parentId === null || grandparentId === null) return refused("at-the-top");
  return moveNote(tree, id, { parentId: grandparentId, afterId: parentId });
}

export function trashNote(tree: TreeView, id: NoteId, atMs: number): Operation {
  const row = tree.rows.get(id);
  if (row === undefined) return refused("no-such-note");
  if (id === tree.rootId) return refused("is-root");
  if (tree.trashed.has(id)) return refused("in-trash");
  const trashing = { kind: "deleted", id, before: null, after: atMs } as const;
  if (row.parentId !== null) return done(trashing);
  // Without a place of its own and without words it would be taken for what is left of a purged note.
  const parentId = tree.parents.get(id) ?? tree.rootId;
  if (parentId === null) return done(trashing);
  const siblings = tree.children.get(parentId) ?? [];
  const afterId = siblings[siblings.indexOf(id) - 1] ?? null;
  const spot = findSpot(tree, { parentId, afterId }, id);
  if (spot.kind === "refused") return done(trashing);
  return done({ kind: "place", id, before: placeOf(row), after: spot.place }, trashing);
}

/** Out of the trash to where it was; last under the root where its parent is gone or in the trash itself. */
export function restoreNote(tree: TreeView, id: NoteId): Operation {
  const row = tree.rows.get(id);
  if (row === undefined) return refused("no-such-note");
  if (!tree.trashed.has(id)) return refused("not-in-trash");
  if (tree.rootId === null) return refused("no-root");
  const changes: Reversible[] = [];
  if (row.deletedAtMs !== null) {
    changes.push({ kind: "deleted", id, before: row.deletedAtMs, after: null });
  }
  const parentId = tree.parents.get(id) ?? null;
  if (parentId === null || tree.trashed.has(parentId)) {
    const last = tree.children.get(tree.rootId)?.at(-1);
    const lastKey = last === undefined ? null : tree.rows.get(last)!.orderKey;
    const after: Place = { parentId: tree.rootId, orderKey: keyBetween(lastKey, null) };
    changes.push({ kind: "place", id, before: placeOf(row), after });
  }
  return done(...changes);
}

function placeOf(row: TreeRow): Place {
  return { parentId: row.parentId, orderKey: row.orderKey };
}

type Spot =
  | { readonly kind: "ok"; readonly place: Place }
  | { readonly kind: "refused"; readonly reason: Refusal };

function findSpot(tree: TreeView, { parentId, afterId }: Target, movingId: NoteId | null): Spot {
  if (!tree.rows.has(parentId)) return { kind: "refused", reason: "no-such-parent" };
  if (tree.trashed.has(parentId)) return { kind: "refused", reason: "parent-in-trash" };
  const siblings = (tree.children.get(parentId) ?? []).filter((id) => id !== movingId);
  const at = afterId === null ? -1 : siblings.indexOf(afterId);
  if (afterId !== null && at === -1) return { kind: "refused", reason: "no-such-neighbour" };
  const keyAt = (index: number) => {
    const id = siblings[index];
    return id === undefined ? null : tree.rows.get(id)!.orderKey;
  };
  const before = keyAt(at);
  // Between two notes with the same key there is no key: then it goes after all that share it.
  let next = at + 1;
  while (before !== null && keyAt(next) === before) next += 1;
  return { kind: "ok", place: { parentId, orderKey: keyBetween(before, keyAt(next)) } };
}

// --- For the eye ---------------------------------------------------------------------------------------------

/** Stands for 'Recovered notes' among the expanded ids. */
export const recoveredPlace = "recovered";

type LinePosition = {
  /** 1 for the outermost, as aria-level counts. */
  readonly level: number;
  readonly setSize: number;
  /** From 1. */
  readonly posInSet: number;
  readonly childCount: number;
  readonly isExpanded: boolean;
};

export type TreeLine =
  | ({ readonly kind: "note"; readonly id: NoteId } & LinePosition)
  | ({ readonly kind: "recovered" } & LinePosition);

/**
 * The lines a list shows, top to bottom. `notes`: the root's children, then 'Recovered notes' where there are any.
 * `trash`: the tops of the trash with all that went with them.
 */
export function flattenTree(
  tree: Tree,
  expandedIds: ReadonlySet<string>,
  section: "notes" | "trash" = "notes",
): TreeLine[] {
  const childrenOf = (id: NoteId): readonly NoteId[] => {
    const children = tree.children.get(id) ?? [];
    return section === "trash" ? children : children.filter((childId) => !tree.trashed.has(childId));
  };
  const lines: TreeLine[] = [];
  const waiting: TreeLine[] = [];

  function lineOf(id: NoteId, level: number, setSize: number, posInSet: number): TreeLine {
    const childCount = childrenOf(id).length;
    return { kind: "note", id, level, setSize, posInSet, childCount, isExpanded: isOpen(id, childCount) };
  }
  function isOpen(id: string, childCount: number): boolean {
    return childCount > 0 && expandedIds.has(id);
  }
  function wait(ids: readonly NoteId[], level: number, setSize: number): void {
    for (let index = ids.length - 1; index >= 0; index -= 1) {
      waiting.push(lineOf(ids[index]!, level, setSize, index + 1));
    }
  }

  const tops = section === "trash" ? tree.trash : tree.rootId === null ? [] : childrenOf(tree.rootId);
  const withRecovered = section === "notes" && tree.recovered.length > 0;
  const setSize = tops.length + (withRecovered ? 1 : 0);
  if (withRecovered) {
    const childCount = tree.recovered.length;
    const isExpanded = isOpen(recoveredPlace, childCount);
    waiting.push({ kind: "recovered", level: 1, setSize, posInSet: setSize, childCount, isExpanded });
  }
  wait(tops, 1, setSize);
  for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
    lines.push(line);
    if (!line.isExpanded) continue;
    const under = line.kind === "recovered" ? tree.recovered : childrenOf(line.id);
    wait(under, line.level + 1, under.length);
  }
  return lines;
}
