// The tree for the eye: the lines that a list of it shows, and what a screen reader is told of each line's place. Pure.

import type { NoteId } from "./note";
import type { Tree } from "./tree";

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
