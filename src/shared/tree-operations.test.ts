import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTombstone, type Note, type NoteId } from "./note";
import { applyAll, idOf, note, ok, outline, outlineAfter, root, small } from "./testing/small-tree";
import { buildTree } from "./tree";
import {
  createNote,
  editText,
  indentNote,
  moveNote,
  type Operation,
  outdentNote,
  refusalText,
  renameNote,
  restoreNote,
  trashNote,
} from "./tree-operations";

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
