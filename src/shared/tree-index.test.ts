import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NoteId } from "./note";
import { buildTree, type TreeRow } from "./tree";
import { createTreeIndex } from "./tree-index";

const root = "root" as NoteId;
const names = ["root", "a", "b", "c", "d", "e"] as NoteId[];
const id = fc.constantFrom(...names);

type Step =
  | { readonly kind: "set"; readonly row: TreeRow }
  | { readonly kind: "remove"; readonly id: NoteId };

const row: fc.Arbitrary<TreeRow> = fc.record({
  id,
  isRoot: fc.constant(false),
  parentId: fc.option(id),
  orderKey: fc.constantFrom("1", "2", "3"),
  deletedAtMs: fc.option(fc.constant(5), { freq: 4 }),
  adoptedBy: fc.option(id),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: row.map((each): Step => ({ kind: "set", row: each })) },
  { weight: 1, arbitrary: id.map((each): Step => ({ kind: "remove", id: each })) },
);

describe("the tree index", () => {
  it("answers what a tree built anew would, after every change and after many that nobody asked about", () => {
    const steps = fc.array(fc.tuple(step, fc.boolean()), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(steps, (made) => {
        const index = createTreeIndex(root);
        const rows = new Map<NoteId, TreeRow>();
        for (const [each, isAsked] of made) {
          if (each.kind === "set") {
            index.set(each.row);
            rows.set(each.row.id, each.row);
          } else {
            index.remove(each.id);
            rows.delete(each.id);
          }
          if (!isAsked) continue;
          const built = buildTree(rows.values(), root);
          expect(index.rootId).toBe(built.rootId);
          expect(index.recovered).toEqual(built.recovered);
          for (const name of names) {
            expect(index.parents.get(name)).toBe(built.parents.get(name));
            expect(index.children.get(name) ?? []).toEqual(built.children.get(name) ?? []);
            expect(index.trashed.has(name)).toBe(built.trashed.has(name));
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is empty again when it is cleared", () => {
    const index = createTreeIndex(root);
    index.set({ id: root, isRoot: true, parentId: null, orderKey: "", deletedAtMs: null });
    index.set({ id: "a" as NoteId, isRoot: false, parentId: root, orderKey: "1", deletedAtMs: null });
    index.clear();
    expect(index.rootId).toBeNull();
    expect(index.children.get(root)).toBeUndefined();
  });
});
