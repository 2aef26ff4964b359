import { describe, expect, it } from "vitest";
import type { NoteRow } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import { flattenTree } from "../../shared/tree-lines";
import { dropAt, findByTyping, linesBetween, stepForKey, zoneAt } from "./lines";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as NoteId;
const row = (n: number, parent: number | null, orderKey: string): NoteRow => ({
  id: id(n),
  title: `Note ${n}`,
  isRoot: parent === null,
  parentId: parent === null ? null : id(parent),
  orderKey,
  deletedAtMs: null,
  lastUpdatedMs: null,
  adoptedBy: null,
});
// 1 (2, 3 (4)), 5
const tree = buildTree([
  row(0, null, "1"),
  row(1, 0, "1"),
  row(2, 1, "1"),
  row(3, 1, "2"),
  row(4, 3, "1"),
  row(5, 0, "2"),
]);
const closed = flattenTree(tree, new Set());
const open = flattenTree(tree, new Set([id(1), id(3)]));

describe("stepForKey", () => {
  it("opens with the right arrow, then goes in; closes with the left one, then goes out", () => {
    expect(stepForKey("ArrowRight", closed, 0, 10)).toEqual({ kind: "expand", ids: [id(1)] });
    expect(stepForKey("ArrowRight", open, 0, 10)).toEqual({ kind: "go", index: 1 });
    expect(stepForKey("ArrowLeft", open, 3, 10)).toEqual({ kind: "go", index: 2 });
    expect(stepForKey("ArrowLeft", open, 0, 10)).toEqual({ kind: "collapse", id: id(1) });
    expect(stepForKey("ArrowLeft", closed, 0, 10)).toBeNull();
    expect(stepForKey("ArrowRight", open, 1, 10)).toBeNull();
  });

  it("stays inside the list", () => {
    expect(stepForKey("ArrowUp", open, 0, 10)).toEqual({ kind: "go", index: 0 });
    expect(stepForKey("ArrowDown", open, 4, 10)).toEqual({ kind: "go", index: 4 });
    expect(stepForKey("PageDown", open, 1, 10)).toEqual({ kind: "go", index: 4 });
    expect(stepForKey("End", open, 1, 10)).toEqual({ kind: "go", index: 4 });
  });

  it("opens all siblings with the asterisk", () => {
    expect(stepForKey("*", open, 1, 10)).toEqual({ kind: "expand", ids: [id(3)] });
  });

  it("begins at the first line when none has the focus", () => {
    expect(stepForKey("ArrowDown", open, -1, 10)).toEqual({ kind: "go", index: 0 });
    expect(stepForKey("x", open, -1, 10)).toBeNull();
  });
});

describe("findByTyping", () => {
  const titles = ["Bread", "Milk", "Mint", "Oats", "Mmm"];

  it("walks on with one letter", () => {
    expect(findByTyping(titles, 0, "m")).toBe(1);
    expect(findByTyping(titles, 1, "m")).toBe(2);
    expect(findByTyping(titles, 4, "m")).toBe(1);
  });

  it("narrows down with more letters, staying where it still fits", () => {
    expect(findByTyping(titles, 1, "mi")).toBe(1);
    expect(findByTyping(titles, 1, "min")).toBe(2);
  });

  it("takes a letter pressed again for walking on, unless a title begins so", () => {
    expect(findByTyping(titles, 1, "mm")).toBe(4);
    expect(findByTyping(["Oats", "Oil"], 0, "oo")).toBe(1);
  });

  it("finds nothing where nothing begins so", () => {
    expect(findByTyping(titles, 0, "x")).toBeNull();
  });
});

describe("dropAt", () => {
  it("puts a note before, into or after a line", () => {
    expect(dropAt(tree, closed, 1, "before", [id(2)])?.target).toEqual({ parentId: id(0), afterId: id(1) });
    expect(dropAt(tree, closed, 1, "into", [id(2)])?.target).toEqual({ parentId: id(5), afterId: null });
    expect(dropAt(tree, closed, 0, "after", [id(5)])?.target).toEqual({ parentId: id(0), afterId: id(1) });
  });

  it("takes the lower part of an open line for its first place inside", () => {
    expect(dropAt(tree, open, 0, "after", [id(5)])).toEqual({
      target: { parentId: id(1), afterId: null },
      index: 1,
      level: 2,
      into: false,
    });
  });

  it("does not count the dragged note as its own neighbour", () => {
    expect(dropAt(tree, open, 2, "after", [id(2)])?.target).toEqual({ parentId: id(3), afterId: null });
    expect(dropAt(tree, open, 2, "before", [id(2)])?.target).toEqual({ parentId: id(1), afterId: null });
  });

  it("refuses a note under itself", () => {
    expect(dropAt(tree, open, 3, "into", [id(1)])).toBeNull();
    expect(dropAt(tree, open, 0, "into", [id(1)])).toBeNull();
  });
});

describe("zoneAt", () => {
  it("divides a line into three", () => {
    expect([zoneAt(2, 30), zoneAt(15, 30), zoneAt(28, 30)]).toEqual(["before", "into", "after"]);
  });
});

describe("linesBetween", () => {
  it("selects in both directions", () => {
    expect(linesBetween(open, 3, 1)).toEqual([id(2), id(3), id(4)]);
  });
});
