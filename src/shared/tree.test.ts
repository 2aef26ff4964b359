import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTombstone, type Note, type NoteId } from "./note";
import { applyChange, type NoteChange } from "./note-change";
import { keysBetween } from "./order-key";
import {
  ancestorsOf,
  areAllUnder,
  buildTree,
  createNote,
  editText,
  flattenTree,
  indentNote,
  isWithin,
  moveNote,
  type Operation,
  outdentNote,
  recoveredPlace,
  refusalText,
  renameNote,
  restoreNote,
  type Tree,
  trashNote,
} from "./tree";

const idOf = (name: string) => name as NoteId;
const root = idOf("root");

function note(name: string, parent: string | null, orderKey = "V", more: Partial<Note> = {}): Note {
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
const small = () => [
  note("root", null, ""),
  note("a", "root", "1"),
  note("a1", "a", "1"),
  note("a2", "a", "2"),
  note("b", "root", "2"),
  note("c", "root", "3"),
];

function outline(tree: Tree): string {
  const all = new Set([...tree.rows.keys(), recoveredPlace]);
  return flattenTree(tree, all)
    .map((line) => `${"-".repeat(line.level - 1)}${line.kind === "note" ? line.id : "(recovered)"}`)
    .join(" ");
}

function applyAll(notes: readonly Note[], changes: readonly NoteChange[]): Note[] {
  const byId = new Map(notes.map((each) => [each.id, each]));
  for (const change of changes) {
    const id = change.kind === "create" ? change.note.id : change.id;
    const after = applyChange(byId.get(id), change);
    if (after !== undefined) byId.set(id, after);
  }
  return [...byId.values()];
}

function ok(operation: Operation): { changes: readonly NoteChange[]; inverse: readonly NoteChange[] } {
  if (operation.kind === "refused") throw new Error(operation.reason);
  return operation;
}

function outlineAfter(notes: readonly Note[], operation: Operation): string {
  return outline(buildTree(applyAll(notes, ok(operation).changes)));
}

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

describe("operations", () => {
  it("create a note first, after a sibling, or last", () => {
    const tree = buildTree(small());
    const at = (afterId: string | null) => ({
      id: idOf("n"),
      text: "new",
      target: { parentId: root, afterId: afterId as NoteId | null },
      atMs: 7,
    });
    expect(outlineAfter(small(), createNote(tree, at(null)))).toBe("n a -a1 -a2 b c");
    expect(outlineAfter(small(), createNote(tree, at("a")))).toBe("a -a1 -a2 n b c");
    expect(outlineAfter(small(), createNote(tree, at("c")))).toBe("a -a1 -a2 b c n");
    expect(ok(createNote(tree, at("a"))).inverse).toEqual([
      { kind: "deleted", id: "n", before: null, after: 7 },
    ]);
  });

  it("go after all siblings that share a key where there is no key between", () => {
    const notes = [...small(), note("b2", "root", "2")];
    expect(
      outlineAfter(notes, moveNote(buildTree(notes), idOf("a"), { parentId: root, afterId: idOf("b") })),
    ).toBe("b b2 a -a1 -a2 c");
  });

  it("move, indent and outdent", () => {
    const tree = buildTree(small());
    expect(
      outlineAfter(small(), moveNote(tree, idOf("c"), { parentId: idOf("a"), afterId: idOf("a1") })),
    ).toBe("a -a1 -c -a2 b");
    expect(outlineAfter(small(), indentNote(tree, idOf("b")))).toBe("a -a1 -a2 -b c");
    expect(outlineAfter(small(), indentNote(tree, idOf("c")))).toBe("a -a1 -a2 b -c");
    expect(outlineAfter(small(), outdentNote(tree, idOf("a1")))).toBe("a -a2 a1 b c");
  });

  it("indent past a trashed sibling, and inside 'Recovered notes'", () => {
    const notes = [...small().map((each) => (each.id === "b" ? { ...each, deletedAtMs: 1 } : each))];
    expect(outlineAfter(notes, indentNote(buildTree(notes), idOf("c")))).toBe("a -a1 -a2 -c");
    const lost = [...small(), note("l1", "gone", "1"), note("l2", "gone", "2")];
    expect(outlineAfter(lost, indentNote(buildTree(lost), idOf("l2")))).toBe(
      "a -a1 -a2 b c (recovered) -l1 --l2",
    );
  });

  it("trash and restore to the same place", () => {
    const notes = small();
    const trashed = applyAll(notes, ok(trashNote(buildTree(notes), idOf("a"), 4)).changes);
    expect(outline(buildTree(trashed))).toBe("b c");
    expect(outlineAfter(trashed, restoreNote(buildTree(trashed), idOf("a")))).toBe("a -a1 -a2 b c");
  });

  it("trash a note that only a list places with a place of its own, so that it is no tombstone", () => {
    const notes = [
      ...small().map((each) => (each.id === "b" ? { ...each, childIds: [idOf("x")] } : each)),
      note("x", null, "", { text: "" }),
      note("y", "x", "1"),
    ];
    expect(outline(buildTree(notes))).toBe("a -a1 -a2 b -x --y c");
    const trashing = ok(trashNote(buildTree(notes), idOf("x"), 4));
    const trashed = applyAll(notes, trashing.changes);
    expect(trashed.filter(isTombstone)).toEqual([]);
    expect(outlineAfter(trashed, restoreNote(buildTree(trashed), idOf("x")))).toBe("a -a1 -a2 b -x --y c");
    expect(applyAll(trashed, trashing.inverse)).toEqual(notes);
    const adrift = [...small(), note("z", null, "", { text: "" })];
    const gone = applyAll(adrift, ok(trashNote(buildTree(adrift), idOf("z"), 4)).changes);
    expect(gone.filter(isTombstone)).toEqual([]);
  });

  it("restore under the root what has no live parent any more", () => {
    const notes = small().map((each) =>
      each.id === "a" || each.id === "a1" ? { ...each, deletedAtMs: 4 } : each,
    );
    const tree = buildTree(notes);
    expect(outlineAfter(notes, restoreNote(tree, idOf("a1")))).toBe("b c a1");
    expect(outlineAfter(notes, restoreNote(tree, idOf("a2")))).toBe("b c a2");
    expect(ok(restoreNote(tree, idOf("a2"))).changes).toHaveLength(1);
    const orphan = [note("root", null, ""), note("x", "gone", "1", { deletedAtMs: 2 })];
    expect(outlineAfter(orphan, restoreNote(buildTree(orphan), idOf("x")))).toBe("x");
  });

  it("edit a text and rename by its title line", () => {
    expect(ok(renameNote({ id: idOf("a"), text: "# Old\nbody" }, "New")).changes).toEqual([
      { kind: "text", id: "a", before: "# Old\nbody", after: "# New\nbody" },
    ]);
    expect(ok(editText({ id: idOf("a"), text: "x" }, "y")).inverse).toEqual([
      { kind: "text", id: "a", before: "y", after: "x" },
    ]);
  });

  it("refuse what cannot be, and say why", () => {
    const notes = small().map((each) => (each.id === "b" ? { ...each, deletedAtMs: 4 } : each));
    notes.push(note("b1", "b"), note("lost", "gone"));
    const tree = buildTree(notes);
    const reason = (operation: Operation) => (operation.kind === "refused" ? operation.reason : "ok");
    const under = (parentId: string, afterId: string | null = null) =>
      ({ parentId, afterId }) as { parentId: NoteId; afterId: NoteId | null };
    const create = (id: string, target: ReturnType<typeof under>) =>
      reason(createNote(tree, { id: idOf(id), text: "", target, atMs: 1 }));
    const move = (id: string, target: ReturnType<typeof under>) => reason(moveNote(tree, idOf(id), target));

    expect(create("a", under("root"))).toBe("id-taken");
    expect(create("n", under("gone"))).toBe("no-such-parent");
    expect(create("n", under("b1"))).toBe("parent-in-trash");
    expect(create("n", under("root", "a1"))).toBe("no-such-neighbour");
    expect(move("gone", under("root"))).toBe("no-such-note");
    expect(move("root", under("a"))).toBe("is-root");
    expect(move("b1", under("a"))).toBe("in-trash");
    expect(move("a", under("a"))).toBe("into-itself");
    expect(move("a", under("a2"))).toBe("into-itself");
    expect(move("a", under("gone"))).toBe("no-such-parent");
    expect(move("a", under("root"))).toBe("already-there");
    expect(move("c", under("root", "b"))).toBe("already-there");
    expect(move("c", under("root", "c"))).toBe("already-there");
    expect(reason(indentNote(tree, idOf("gone")))).toBe("no-such-note");
    expect(reason(indentNote(tree, root))).toBe("is-root");
    expect(reason(indentNote(tree, idOf("b1")))).toBe("in-trash");
    expect(reason(indentNote(tree, idOf("a1")))).toBe("no-earlier-sibling");
    expect(reason(outdentNote(tree, idOf("gone")))).toBe("no-such-note");
    expect(reason(outdentNote(tree, root))).toBe("is-root");
    expect(reason(outdentNote(tree, idOf("a")))).toBe("at-the-top");
    expect(reason(outdentNote(tree, idOf("lost")))).toBe("at-the-top");
    expect(reason(outdentNote(tree, idOf("b1")))).toBe("in-trash");
    expect(reason(trashNote(tree, idOf("gone"), 1))).toBe("no-such-note");
    expect(reason(trashNote(tree, root, 1))).toBe("is-root");
    expect(reason(trashNote(tree, idOf("b1"), 1))).toBe("in-trash");
    expect(reason(restoreNote(tree, idOf("gone")))).toBe("no-such-note");
    expect(reason(restoreNote(tree, idOf("a")))).toBe("not-in-trash");
    expect(reason(restoreNote(buildTree(notes.slice(1)), idOf("b")))).toBe("no-root");
    expect(reason(editText(notes[1]!, "a"))).toBe("nothing-to-change");
    expect(refusalText("into-itself")).toContain("into itself");
  });

  it("take a note out of its adopter and put it back there by the inverse", () => {
    const notes = [
      note("root", null, "", { childIds: [idOf("x")] }),
      note("a", "root", "1"),
      note("x", null, ""),
    ];
    const tree = buildTree(notes);
    expect(outline(tree)).toBe("x a");
    const move = ok(moveNote(tree, idOf("x"), { parentId: idOf("a"), afterId: null }));
    const moved = applyAll(notes, move.changes);
    expect(outline(buildTree(moved))).toBe("a -x");
    expect(outline(buildTree(applyAll(moved, move.inverse)))).toBe("x a");
  });

  it("are undone by their inverse, and keep the tree whole, in any order", () => {
    const step = fc.record({
      kind: fc.constantFrom("create", "move", "indent", "outdent", "trash", "restore", "rename"),
      which: fc.nat(),
      where: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let notes: Note[] = small();
        for (const [index, { kind, which, where }] of steps.entries()) {
          const tree = buildTree(notes);
          const id = notes[which % notes.length]!.id;
          const parentId = notes[where % notes.length]!.id;
          const siblings = tree.children.get(parentId) ?? [];
          const target = { parentId, afterId: siblings[(which % (siblings.length + 1)) - 1] ?? null };
          const operation =
            kind === "create"
              ? createNote(tree, { id: idOf(`n${index}`), text: "", target, atMs: index })
              : kind === "move"
                ? moveNote(tree, id, target)
                : kind === "indent"
                  ? indentNote(tree, id)
                  : kind === "outdent"
                    ? outdentNote(tree, id)
                    : kind === "trash"
                      ? trashNote(tree, id, index)
                      : kind === "restore"
                        ? restoreNote(tree, id)
                        : renameNote(tree.rows.get(id)!, `t${where}`);
          if (operation.kind === "refused") continue;
          const changed = applyAll(notes, operation.changes);
          if (kind !== "create") expect(applyAll(changed, operation.inverse)).toEqual(notes);
          const next = buildTree(changed);
          expect(next.recovered).toEqual([]);
          expect(next.cycles).toEqual([]);
          notes = changed;
        }
      }),
    );
  });
});

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
