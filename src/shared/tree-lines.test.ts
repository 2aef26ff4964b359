import { describe, expect, it } from "vitest";
import { note, small } from "./testing/small-tree";
import { buildTree } from "./tree";
import { flattenTree } from "./tree-lines";

describe("flattenTree", () => {
  it("opens only what is expanded and says each line's place in its set", () => {
    const tree = buildTree([...small(), note("lost", "gone")]);
    expect(flattenTree(tree, new Set(["b", "a"]))).toEqual([
      { kind: "note", id: "a", level: 1, setSize: 4, posInSet: 1, childCount: 2, isExpanded: true },
      { kind: "note", id: "a1", level: 2, setSize: 2, posInSet: 1, childCount: 0, isExpanded: false },
      { kind: "note", id: "a2", level: 2, setSize: 2, posInSet: 2, childCount: 0, isExpanded: false },
      { kind: "note", id: "b", level: 1, setSize: 4, posInSet: 2, childCount: 0, isExpanded: false },
      { kind: "note", id: "c", level: 1, setSize: 4, posInSet: 3, childCount: 0, isExpanded: false },
      { kind: "recovered", level: 1, setSize: 4, posInSet: 4, childCount: 1, isExpanded: false },
    ]);
  });
});
