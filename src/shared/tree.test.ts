import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NoteId } from "./note";
import { keysBetween } from "./order-key";
import { idOf, note, outline, root, small } from "./testing/small-tree";
import { ancestorsOf, areAllUnder, buildTree, isWithin } from "./tree";
import { flattenTree, recoveredPlace } from "./tree-lines";

describe("buildTree", () => {
  it("orders children by key, and by id where keys are equal", () => {
    const notes = [...small(), note("d", "root", "2"), note("0", "root", "2")];
    expect(outline(buildTree(notes))).toBe("a -a1 -a2 0 b d c");
  });

  it("lets a note without a parent be adopted by the lowest id that names it as a child", () => {
    const notes = [
      ...small().map((each) =>
        each.id === "c" || each.id === "b" ? { ...each, childIds: [idOf("x"), idOf("a1")] } : each,
      ),
      note("x", null, ""),
    ];
    expect(outline(buildTree(notes))).toBe("a -a1 -a2 b -x c");
  });

  it("takes the adopter from the row where rows carry no lists of children", () => {
    const rows = [...small(), { ...note("x", null, ""), adoptedBy: idOf("c") }].map(
      ({ childIds: _, ...row }) => row,
    );
    expect(outline(buildTree(rows))).toBe("a -a1 -a2 b c -x");
  });

  it("puts a note whose parent is missing, or whose chain is a cycle, under 'Recovered notes'", () => {
    const notes = [
      ...small(),
      note("lost", "gone"),
      note("y", "x"),
      note("x", "z"),
      note("z", "y"),
      note("self", "self"),
    ];
    const tree = buildTree(notes);
    expect(outline(tree)).toBe("a -a1 -a2 b c (recovered) -lost -self -x --y ---z");
    expect(tree.cycles).toEqual([["self"], ["x", "z", "y"]]);
  });

  it("keeps every child of a trashed note in the trash with it", () => {
    const notes = small().map((each) =>
      each.id === "a" || each.id === "b" ? { ...each, deletedAtMs: each.id === "a" ? 5 : 9 } : each,
    );
    const tree = buildTree(notes);
    expect([...tree.trashed].sort()).toEqual(["a", "a1", "a2", "b"]);
    expect(tree.trash).toEqual(["b", "a"]);
    expect(outline(tree)).toBe("c");
    expect(flattenTree(tree, new Set(["a"]), "trash").map((line) => line.kind === "note" && line.id)).toEqual(
      ["b", "a", "a1", "a2"],
    );
  });

  it("never takes the root for trashed, nor a second root for the root", () => {
    const notes = [note("root", "a", "", { deletedAtMs: 3 }), ...small().slice(1), note("s", null)].map(
      (each) => (each.id === "s" ? { ...each, isRoot: true } : each),
    );
    expect(outline(buildTree(notes))).toBe("a -a1 -a2 b c (recovered) -s");
    expect(buildTree(notes).rootId).toBe("root");
    expect(buildTree(notes, idOf("s")).recovered).toEqual(["a"]);
  });

  it("shows everything as recovered where there is no root", () => {
    const tree = buildTree(small().slice(1));
    expect(tree.rootId).toBeNull();
    expect(outline(tree)).toBe("(recovered) -a --a1 --a2 -b -c");
    expect(buildTree(small().slice(1), root).rootId).toBeNull();
  });

  it("gives every note exactly one place, whatever the rows say", () => {
    const names = ["root", "a", "b", "c", "d", "e", "f"];
    const anyNote = fc.record({
      parent: fc.option(fc.constantFrom(...names, "gone")),
      key: fc.constantFrom("1", "2", ""),
      deletedAtMs: fc.option(fc.constantFrom(1, 2)),
      childIds: fc.array(fc.constantFrom(...names.map(idOf)), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(anyNote, { minLength: 7, maxLength: 7 }), (specs) => {
        const notes = specs.map(({ parent, key, ...more }, index) => note(names[index]!, parent, key, more));
        const tree = buildTree(notes);
        const open = new Set([...names, recoveredPlace]);
        const shown = [...flattenTree(tree, open), ...flattenTree(tree, open, "trash")].flatMap((line) =>
          line.kind === "note" ? [line.id] : [],
        );
        // A trashed note under another trashed one is shown once, in the subtree of the outer one.
        expect(shown.sort()).toEqual(names.slice(1).sort());
      }),
      { numRuns: 1_000 },
    );
  });

  it("takes a chain of 50 000 notes among 100 000", () => {
    const notes = [note("root", null, "")];
    for (let depth = 0; depth < 50_000; depth += 1) {
      notes.push(note(`n${depth}`, depth === 0 ? "root" : `n${depth - 1}`));
    }
    for (const orderKey of keysBetween("W", null, 50_000)) notes.push(note(`w${orderKey}`, "root", orderKey));
    const tree = buildTree(notes);
    expect(flattenTree(tree, new Set(tree.rows.keys()))).toHaveLength(100_000);
    expect(isWithin(tree, idOf("n49999"), idOf("n0"))).toBe(true);
    expect(isWithin(tree, idOf("unknown"), idOf("n0"))).toBe(false);
    expect(ancestorsOf(tree, idOf("n49999"), 3)).toEqual(["n49996", "n49997", "n49998"]);
  });
});

describe("areAllUnder", () => {
  const rows = [note("root", null), note("a", "root"), note("b", "a"), note("c", "b"), note("stray", "gone")];
  const tree = buildTree([...rows, note("x", "y"), note("y", "x")], root);
  const under = (...names: string[]) => areAllUnder(tree, names.map(idOf), root);

  it("is so where each hangs under the note, however deep, and for none at all", () => {
    expect(under("c", "a", "root")).toBe(true);
    expect(under()).toBe(true);
  });

  it("is not so where one is not there, leads nowhere or goes round in a circle", () => {
    expect(under("c", "unknown")).toBe(false);
    expect(under("a", "stray")).toBe(false);
    expect(under("a", "x")).toBe(false);
    expect(under("y")).toBe(false);
    expect(areAllUnder(buildTree([note("a", "root")], root), [idOf("a")], root)).toBe(false);
  });

  it("walks over no note twice: 50 000 in a chain are asked about at once", () => {
    const chain = Array.from({ length: 50_000 }, (_, depth) =>
      note(`n${depth}`, depth === 0 ? "root" : `n${depth - 1}`),
    );
    const deep = buildTree([note("root", null), ...chain], root);
    let asked = 0;
    const parents = {
      get(id: NoteId) {
        asked += 1;
        return deep.parents.get(id);
      },
    };
    const ids = chain.map(({ id }) => id).reverse();
    expect(areAllUnder({ ...deep, parents }, ids, root)).toBe(true);
    expect(asked).toBe(50_000);
  });
});
