// What keys and dragging mean on the lines of a tree. Pure: lines in, a line or a place out.

import type { Target } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { isWithin } from "../../shared/tree";
import { recoveredPlace, type TreeLine } from "../../shared/tree-lines";
import type { LineId } from "../stores/view-store";
import { type NoteTree, targetInside } from "./places";

export function idOfLine(line: TreeLine): LineId {
  return line.kind === "note" ? line.id : recoveredPlace;
}

/** What a key does that only looks around: go to a line, open or close one. */
export type TreeStep =
  | { readonly kind: "go"; readonly index: number }
  | { readonly kind: "expand"; readonly ids: readonly LineId[] }
  | { readonly kind: "collapse"; readonly id: LineId };

/** `linesPerPage`: as many as the tree's height shows. */
export function stepForKey(
  key: string,
  lines: readonly TreeLine[],
  index: number,
  linesPerPage: number,
): TreeStep | null {
  const line = lines[index];
  if (line === undefined) return lines.length > 0 && isMove(key) ? { kind: "go", index: 0 } : null;
  const go = (to: number): TreeStep => ({ kind: "go", index: Math.max(0, Math.min(lines.length - 1, to)) });
  switch (key) {
    case "ArrowDown":
      return go(index + 1);
    case "ArrowUp":
      return go(index - 1);
    case "PageDown":
      return go(index + linesPerPage);
    case "PageUp":
      return go(index - linesPerPage);
    case "Home":
      return go(0);
    case "End":
      return go(lines.length - 1);
    case "ArrowRight":
      if (line.childCount === 0) return null;
      return line.isExpanded ? go(index + 1) : { kind: "expand", ids: [idOfLine(line)] };
    case "ArrowLeft":
      if (line.isExpanded) return { kind: "collapse", id: idOfLine(line) };
      return line.level > 1 ? go(parentIndex(lines, index)) : null;
    case "*":
      return { kind: "expand", ids: expandableSiblings(lines, index) };
    default:
      return null;
  }
}

function isMove(key: string): boolean {
  return /^(Arrow(Up|Down)|Home|End|Page(Up|Down))$/.test(key);
}

function parentIndex(lines: readonly TreeLine[], index: number): number {
  const level = lines[index]?.level ?? 1;
  for (let above = index - 1; above >= 0; above--) {
    if ((lines[above]?.level ?? 0) < level) return above;
  }
  return index;
}

/** The expandable ones among the line's siblings, itself included. */
function expandableSiblings(lines: readonly TreeLine[], index: number): LineId[] {
  const level = lines[index]?.level ?? 1;
  const from = level === 1 ? 0 : parentIndex(lines, index) + 1;
  const ids: LineId[] = [];
  for (let at = from; at < lines.length; at++) {
    const line = lines[at];
    if (line === undefined || line.level < level) break;
    if (line.level === level && line.childCount > 0) ids.push(idOfLine(line));
  }
  return ids;
}

/** The next line around from this one whose title begins so. One letter again and again walks on. */
export function findByTyping(titles: readonly string[], index: number, typed: string): number | null {
  const wanted = typed.toLowerCase();
  const whole = findTitle(titles, wanted.length === 1 ? index + 1 : index, wanted);
  const letter = wanted[0] ?? "";
  const repeated = wanted === letter.repeat(wanted.length);
  return whole ?? (repeated ? findTitle(titles, index + 1, letter) : null);
}

function findTitle(titles: readonly string[], from: number, wanted: string): number | null {
  for (let step = 0; step < titles.length; step++) {
    const at = (from + step) % titles.length;
    if (titles[at]?.toLowerCase().startsWith(wanted)) return at;
  }
  return null;
}

/** The lines from one to another, as Shift selects them. */
export function linesBetween(lines: readonly TreeLine[], a: number, b: number): readonly LineId[] {
  return lines.slice(Math.min(a, b), Math.max(a, b) + 1).map(idOfLine);
}

/** The part of a line the pointer is over while dragging. */
export type DropZone = "before" | "into" | "after";

export function zoneAt(offsetPx: number, heightPx: number): DropZone {
  if (offsetPx < heightPx * 0.28) return "before";
  return offsetPx > heightPx * 0.72 ? "after" : "into";
}

export type Drop = {
  readonly target: Target;
  /** Where the drop line is drawn: above this line, at this level; or around it, for `into`. */
  readonly index: number;
  readonly level: number;
  readonly into: boolean;
};

/** Where notes dropped there would go; null where they cannot. */
export function dropAt(
  tree: NoteTree,
  lines: readonly TreeLine[],
  index: number,
  zone: DropZone,
  dragged: readonly NoteId[],
): Drop | null {
  const line = lines[index];
  if (line?.kind !== "note") return null;
  const allowed = (drop: Drop | null) =>
    drop !== null && dragged.every((id) => !isWithin(tree, drop.target.parentId, id)) ? drop : null;
  // A note of 'Recovered notes' has no parent whose child could stand beside it.
  const parentId = tree.parents.get(line.id) ?? null;
  const siblings = parentId === null ? [] : (tree.children.get(parentId) ?? []);
  if (zone === "into" || parentId === null) {
    return allowed({
      target: targetInside(tree, line.id, dragged),
      index,
      level: line.level + 1,
      into: true,
    });
  }
  if (zone === "after" && line.isExpanded) {
    return allowed({
      target: { parentId: line.id, afterId: null },
      index: index + 1,
      level: line.level + 1,
      into: false,
    });
  }
  const at = siblings.indexOf(line.id);
  const before = zone === "before" ? siblings.slice(0, at) : siblings.slice(0, at + 1);
  const afterId = before.findLast((id) => !dragged.includes(id)) ?? null;
  return allowed({
    target: { parentId, afterId },
    index: zone === "before" ? index : index + 1,
    level: line.level,
    into: false,
  });
}
