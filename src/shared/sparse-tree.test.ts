import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NoteId } from "./note";
import { sparseTree } from "./sparse-tree";
import { buildTree, idsTopDown, type TreeRow } from "./tree";

const root = "root" as NoteId;
const names = ["root", "a", "b", "c", "d", "e", "f"] as NoteId[];
const id = fc.constantFrom(...names);

const row: fc.Arbitrary<TreeRow> = fc.record({
  id,
  isRoot: fc.boolean(),
  parentId: fc.option(id),
  orderKey: fc.constantFrom("1", "2", "3"),
  deletedAtMs: fc.option(fc.constant(5), { freq: 4 }),
  childIds: fc.array(id, { maxLength: 2 }),
});
const rows = fc
  .array(row, { maxLength: 12 })
  .map((each) => new Map(each.map((one): [NoteId, TreeRow] => [one.id, one])));

describe("a sparse tree", () => {
  it("answers what a tree built of all rows would, whatever is asked first", () => {
    fc.assert(
      fc.property(rows, rows, fc.boolean(), fc.shuffledSubarray(names), (base, changed, isGiven, asked) => {
        const rootId = isGiven ? root : undefined;
        const built = buildTree(new Map([...base, ...changed]).values(), rootId);
        const sparse = sparseTree(base, changed, rootId);
        expect(sparse.rootId).toBe(built.rootId);
        expect(sparse.topDown(asked)).toEqual(idsTopDown(built).filter((each) => asked.includes(each)));
        const children = sparse.childrenOf(new Set(asked));
        for (const each of asked) {
          expect(sparse.trashed.has(each)).toBe(built.trashed.has(each));
          expect(sparse.parents.get(each)).toBe(built.parents.get(each));
          expect(sparse.rows.get(each)).toBe(built.rows.get(each));
          expect(children.get(each)).toEqual(built.children.get(each));
        }
        expect([...children.keys()].every((each) => asked.includes(each))).toBe(true);
        expect(sparse.cyclesAbove(names)).toEqual(built.cycles);
      }),
      { numRuns: 3_000 },
    );
  });

  it("walks over no note twice: 50 000 in a chain are asked about, the deepest first", () => {
    const chain = new Map<NoteId, TreeRow>();
    const nameAt = (depth: number) => (depth === 0 ? root : `n${depth}`) as NoteId;
    for (let depth = 0; depth <= 50_000; depth += 1) {
      const parentId = depth === 0 ? null : nameAt(depth - 1);
      chain.set(nameAt(depth), {
        id: nameAt(depth),
        isRoot: false,
        parentId,
        orderKey: "",
        deletedAtMs: null,
      });
    }
    let asked = 0;
    const counted = new Map<NoteId, TreeRow>();
    counted.get = (each) => {
      asked += 1;
      return chain.get(each);
    };
    const sparse = sparseTree<TreeRow>(chain, counted, root);
    const ids = [...chain.keys()].reverse();
    expect(ids.every((each) => !sparse.trashed.has(each))).toBe(true);
    expect(sparse.topDown(ids)).toEqual([...chain.keys()]);
    expect(asked).toBeLessThan(10 * chain.size);
  });
});
