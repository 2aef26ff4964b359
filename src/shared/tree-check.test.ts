import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "./note";
import { applyChange, type NoteChange } from "./note-change";
import { buildTree } from "./tree";
import { checkTree, planTreeRepair } from "./tree-check";

const idOf = (name: string) => name as NoteId;
const recovered = idOf("recovered");

function note(name: string, parent: string | null, more: Partial<Note> = {}): Note {
  return {
    id: idOf(name),
    text: name,
    isRoot: name === "root",
    parentId: parent === null ? null : idOf(parent),
    orderKey: "V",
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
    ...more,
  };
}

const listing = (...names: string[]) => ({ childIds: names.map(idOf) });

function applyAll(notes: readonly Note[], changes: readonly NoteChange[]): Note[] {
  const byId = new Map(notes.map((each) => [each.id, each]));
  for (const change of changes) {
    const id = change.kind === "create" ? change.note.id : change.id;
    byId.set(id, applyChange(byId.get(id), change)!);
  }
  return [...byId.values()];
}

describe("checkTree", () => {
  it("finds nothing wrong with a whole tree", () => {
    const notes = [
      note("root", null, listing("a", "adopted")),
      note("a", "root", listing("b")),
      note("b", "a"),
      note("adopted", null),
    ];
    expect(checkTree(buildTree(notes))).toEqual([]);
    expect(planTreeRepair(buildTree(notes), recovered)).toEqual([]);
  });

  it("finds orphans and cycles, and leaves the trash alone", () => {
    const notes = [
      note("root", null),
      note("lost", "gone"),
      note("loose", null),
      note("y", "x"),
      note("x", "y"),
      note("thrown", "gone", { deletedAtMs: 1 }),
    ];
    expect(checkTree(buildTree(notes))).toEqual([
      { kind: "cycle", ids: ["x", "y"] },
      { kind: "orphan", id: "loose", parentId: null },
      { kind: "orphan", id: "lost", parentId: "gone" },
    ]);
  });

  it("finds lists that name a child twice, elsewhere, or one that is not there", () => {
    const notes = [
      note("root", null, listing("a", "b", "a", "ghost")),
      note("a", "root", listing("b")),
      note("b", "a"),
      note("c", null),
      note("d", "root", listing("c")),
      note("e", "root", listing("c")),
    ];
    expect(checkTree(buildTree(notes))).toEqual([
      { kind: "duplicate-child", parentId: "root", id: "a" },
      { kind: "dangling-child", parentId: "root", id: "ghost" },
      { kind: "two-parents", id: "b", parentIds: ["a", "root"] },
      { kind: "two-parents", id: "c", parentIds: ["d", "e"] },
    ]);
  });

  it("names the lists of a note that hangs under nobody", () => {
    const notes = [note("root", null), note("x", "y", listing("y")), note("y", "x", listing("x"))];
    expect(checkTree(buildTree(notes)).map(({ kind }) => kind)).toEqual(["cycle"]);
  });

  it("finds that the root is missing, which cannot be mended here", () => {
    const tree = buildTree([note("a", "root")]);
    expect(checkTree(tree)).toEqual([
      { kind: "missing-root" },
      { kind: "orphan", id: "a", parentId: "root" },
    ]);
    expect(planTreeRepair(tree, recovered)).toEqual([]);
  });
});

describe("planTreeRepair", () => {
  it("puts what nobody reaches under 'Recovered notes', which it creates", () => {
    const notes = [note("root", null), note("a", "root"), note("lost", "gone"), note("under", "lost")];
    const changes = planTreeRepair(buildTree(notes), recovered);
    expect(changes.map(({ kind }) => kind)).toEqual(["create", "place"]);
    const tree = buildTree(applyAll(notes, changes));
    expect(tree.children.get(idOf("root"))).toEqual(["a", "recovered"]);
    expect(tree.children.get(recovered)).toEqual(["lost"]);
    expect(tree.children.get(idOf("lost"))).toEqual(["under"]);
  });

  it("brings 'Recovered notes' itself back under the root, and uses the root while it is in the trash", () => {
    const stray = [note("root", null), note("recovered", "gone"), note("lost", "gone")];
    const mended = buildTree(applyAll(stray, planTreeRepair(buildTree(stray), recovered)));
    expect(mended.parents.get(recovered)).toBe("root");
    expect(mended.parents.get(idOf("lost"))).toBe("recovered");

    const thrown = [note("root", null), note("recovered", "root", { deletedAtMs: 3 }), note("lost", "gone")];
    const other = buildTree(applyAll(thrown, planTreeRepair(buildTree(thrown), recovered)));
    expect(other.parents.get(idOf("lost"))).toBe("root");
    expect(other.trashed).toEqual(new Set(["recovered"]));
  });

  it("mends every tree at once, the same way whatever the order of the rows, touching strays only", () => {
    const names = ["root", "a", "b", "c", "d", "e", "recovered"];
    const anyNote = fc.record({
      parent: fc.option(fc.constantFrom(...names, "gone")),
      deletedAtMs: fc.option(fc.constantFrom(1, 2), { freq: 4 }),
      childIds: fc.array(fc.constantFrom(...names.map(idOf)), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(anyNote, { minLength: 6, maxLength: 7 }), (specs) => {
        const notes = specs.map(({ parent, ...more }, index) => note(names[index]!, parent, more));
        const tree = buildTree(notes);
        const changes = planTreeRepair(tree, recovered);
        expect(planTreeRepair(buildTree(notes.toReversed()), recovered)).toEqual(changes);
        const strays = new Set<NoteId>([...tree.recovered, recovered]);
        for (const change of changes) expect(strays).toContain("id" in change ? change.id : change.note.id);
        const mended = buildTree(applyAll(notes, changes));
        expect(mended.recovered).toEqual([]);
        expect(checkTree(mended).filter(({ kind }) => kind === "orphan" || kind === "missing-root")).toEqual(
          [],
        );
        expect(planTreeRepair(mended, recovered)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
