// Places in the tree as a person thinks of them: beside, inside, above; what goes where, and in which words. Pure.
// What is allowed is decided by main.

import type { NoteRow, Target } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { ancestorsOf, type Tree } from "../../shared/tree";
import { recoveredPlace } from "../../shared/tree-lines";

export type NoteTree = Tree<NoteRow>;

/** The notes that stand beside it, itself included, without those in the trash. */
export function siblingsOf(tree: NoteTree, id: NoteId): readonly NoteId[] {
  const parentId = tree.parents.get(id) ?? null;
  const all = parentId === null ? tree.recovered : (tree.children.get(parentId) ?? []);
  return all.filter((sibling) => !tree.trashed.has(sibling));
}

/** What has to be expanded for the note to be seen. */
export function linesAbove(tree: NoteTree, id: NoteId): readonly string[] {
  const above = ancestorsOf(tree, id, Number.POSITIVE_INFINITY);
  return tree.recovered.includes(above[0] ?? id) ? [recoveredPlace, ...above] : above;
}

/** The notes above one, the nearest last, at most `limit` of them. */
export function pathOf(
  tree: NoteTree,
  id: NoteId,
  limit: number,
): readonly { readonly id: NoteId; readonly title: string }[] {
  return ancestorsOf(tree, id, limit).map((above) => ({
    id: above,
    title: tree.rows.get(above)?.title ?? "Untitled",
  }));
}

/** Right after the note, or last at the top where there is none to stand after. */
export function targetAfter(tree: NoteTree, id: NoteId | null): Target | null {
  if (tree.rootId === null) return null;
  const parentId = id === null || tree.trashed.has(id) ? null : (tree.parents.get(id) ?? null);
  if (parentId !== null && id !== null) return { parentId, afterId: id };
  return { parentId: tree.rootId, afterId: tree.children.get(tree.rootId)?.at(-1) ?? null };
}

/** Last under the note, not counting those that are to move there themselves. */
export function targetInside(tree: NoteTree, parentId: NoteId, moving: readonly NoteId[] = []): Target {
  const children = tree.children.get(parentId) ?? [];
  return { parentId, afterId: children.findLast((id) => !moving.includes(id)) ?? null };
}

/** One place up or down among its siblings; null at the end. */
export function targetBeside(tree: NoteTree, id: NoteId, step: -1 | 1): Target | null {
  const parentId = tree.parents.get(id) ?? null;
  if (parentId === null) return null;
  const siblings = siblingsOf(tree, id);
  const index = siblings.indexOf(id);
  const neighbour = siblings[index + step];
  if (neighbour === undefined) return null;
  return { parentId, afterId: step === 1 ? neighbour : (siblings[index - 2] ?? null) };
}

/** `Moved Milk into Shopping, 2 of 5.` */
export function movedWords(tree: NoteTree, id: NoteId): string {
  const siblings = siblingsOf(tree, id);
  const parentId = tree.parents.get(id) ?? null;
  const where =
    parentId === null || parentId === tree.rootId
      ? "to the top level"
      : `into ${tree.rows.get(parentId)?.title ?? "Untitled"}`;
  const title = tree.rows.get(id)?.title ?? "Untitled";
  return `Moved ${title} ${where}, ${siblings.indexOf(id) + 1} of ${siblings.length}.`;
}

/** Without those that go along with another of them anyway. */
export function topmost(tree: NoteTree, ids: readonly NoteId[]): readonly NoteId[] {
  const all = new Set(ids);
  return ids.filter((id) => {
    let above = tree.parents.get(id) ?? null;
    while (above !== null && !all.has(above)) above = tree.parents.get(above) ?? null;
    return above === null;
  });
}

/** Where the focus goes when these notes are gone: the next sibling, the one before, the parent. */
export function noteToGoTo(tree: NoteTree, going: readonly NoteId[]): NoteId | null {
  const id = going.at(-1);
  if (id === undefined) return null;
  const siblings = siblingsOf(tree, id);
  const index = siblings.indexOf(id);
  const stays = (sibling: NoteId) => !going.includes(sibling);
  const near = siblings.slice(index + 1).find(stays) ?? siblings.slice(0, index).findLast(stays);
  const parentId = tree.parents.get(id) ?? null;
  return near ?? (parentId === tree.rootId ? null : parentId);
}
