// What a person can do to the tree: create, edit, rename, move, indent, outdent, trash, restore. Each answers changes as
// data with their inverse, or why it cannot be done; nothing is written here. Pure.

import { type Note, type NoteId, type Place, withTitle } from "./note";
import type { NoteChange } from "./note-change";
import { keyBetween } from "./order-key";
import { isWithin, type TreeRow, type TreeView } from "./tree";

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
