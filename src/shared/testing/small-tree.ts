// A small tree told by the names of its notes, and a tree as an outline of them. Test code.

import type { Note, NoteId } from "../note";
import { applyChanges, type NoteChange } from "../note-change";
import { buildTree, type Tree } from "../tree";
import { flattenTree, recoveredPlace } from "../tree-lines";
import type { Operation } from "../tree-operations";

export const idOf = (name: string) => name as NoteId;
export const root = idOf("root");

export function note(name: string, parent: string | null, orderKey = "V", more: Partial<Note> = {}): Note {
  return {
    id: idOf(name),
    text: name,
    isRoot: name === "root",
    parentId: parent === null ? null : idOf(parent),
    orderKey,
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
    ...more,
  };
}

/** root: a (a1, a2), b, c */
export const small = () => [
  note("root", null, ""),
  note("a", "root", "1"),
  note("a1", "a", "1"),
  note("a2", "a", "2"),
  note("b", "root", "2"),
  note("c", "root", "3"),
];

export function outline(tree: Tree): string {
  const all = new Set([...tree.rows.keys(), recoveredPlace]);
  return flattenTree(tree, all)
    .map((line) => `${"-".repeat(line.level - 1)}${line.kind === "note" ? line.id : "(recovered)"}`)
    .join(" ");
}

export function applyAll(notes: readonly Note[], changes: readonly NoteChange[]): Note[] {
  const byId = new Map(notes.map((each) => [each.id, each]));
  applyChanges(byId, changes);
  return [...byId.values()];
}

export function ok(operation: Operation): { changes: readonly NoteChange[]; inverse: readonly NoteChange[] } {
  if (operation.kind === "refused") throw new Error(operation.reason);
  return operation;
}

export function outlineAfter(notes: readonly Note[], operation: Operation): string {
  return outline(buildTree(applyAll(notes, ok(operation).changes)));
}
