import { describe, expect, it } from "vitest";
import type { NoteRow } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import {
  linesAbove,
  movedWords,
  noteToGoTo,
  pathOf,
  targetAfter,
  targetBeside,
  targetInside,
  topmost,
} from "./places";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as NoteId;
const row = (n: number, parent: number | null, changes: Partial<NoteRow> = {}): NoteRow => ({
  id: id(n),
  title: `Note ${n}`,
  isRoot: n === 0,
  parentId: parent === null ? null : id(parent),
  orderKey: String(n),
  deletedAtMs: null,
  lastUpdatedMs: null,
  adoptedBy: null,
  ...changes,
});
// 1 (11, 12 (121)), 2 (in the trash), 3; 9 (91) reached by nobody
const tree = buildTree([
  row(0, null),
  row(1, 0),
  row(11, 1),
  row(12, 1),
  row(121, 12),
  row(2, 0, { deletedAtMs: 5 }),
  row(3, 0),
  row(9, null),
  row(91, 9),
]);

describe("where a new note goes", () => {
  it("is right after the one in hand", () => {
    expect(targetAfter(tree, id(11))).toEqual({ parentId: id(1), afterId: id(11) });
  });

  it("is last at the top where there is nothing to stand after", () => {
    for (const none of [null, id(2), id(9)]) {
      expect(targetAfter(tree, none)).toEqual({ parentId: id(0), afterId: id(3) });
    }
  });

  it("is last inside, not counting those that move there", () => {
    expect(targetInside(tree, id(1))).toEqual({ parentId: id(1), afterId: id(12) });
    expect(targetInside(tree, id(1), [id(12)])).toEqual({ parentId: id(1), afterId: id(11) });
    expect(targetInside(tree, id(121))).toEqual({ parentId: id(121), afterId: null });
  });
});

describe("one place up or down", () => {
  it("steps over what is in the trash", () => {
    expect(targetBeside(tree, id(1), 1)).toEqual({ parentId: id(0), afterId: id(3) });
    expect(targetBeside(tree, id(3), -1)).toEqual({ parentId: id(0), afterId: null });
  });

  it("ends at the ends", () => {
    expect(targetBeside(tree, id(1), -1)).toBeNull();
    expect(targetBeside(tree, id(3), 1)).toBeNull();
    expect(targetBeside(tree, id(9), 1)).toBeNull();
  });
});

describe("words and ways", () => {
  it("tell where a note has gone, without those in the trash", () => {
    expect(movedWords(tree, id(12))).toBe("Moved Note 12 into Note 1, 2 of 2.");
    expect(movedWords(tree, id(3))).toBe("Moved Note 3 to the top level, 2 of 2.");
  });

  it("name the way from the top, and what has to be open for a note to be seen", () => {
    expect(pathOf(tree, id(121), 9).map(({ title }) => title)).toEqual(["Note 1", "Note 12"]);
    expect(pathOf(tree, id(121), 1).map(({ title }) => title)).toEqual(["Note 12"]);
    expect(linesAbove(tree, id(121))).toEqual([id(1), id(12)]);
    expect(linesAbove(tree, id(91))).toEqual(["recovered", id(9)]);
  });
});

describe("several notes at once", () => {
  it("go without those that go along anyway", () => {
    expect(topmost(tree, [id(121), id(1), id(3)])).toEqual([id(1), id(3)]);
    expect(topmost(tree, [id(121), id(11), id(91)])).toEqual([id(121), id(11), id(91)]);
  });

  it("are as many as there are in a chain of 50,000, each under all the others", () => {
    const chain = Array.from({ length: 50_000 }, (_, n) => row(n, n === 0 ? null : n - 1));
    const ids = chain.slice(1).map((each) => each.id);
    let asked = 0;
    const deep = buildTree(chain);
    const parents = new Map(deep.parents);
    parents.get = (of) => {
      asked += 1;
      return deep.parents.get(of);
    };
    expect(topmost({ ...deep, parents }, ids)).toEqual([id(1)]);
    expect(asked).toBeLessThan(2 * ids.length);
  });

  it("leave the focus at the next one that stays, else at the parent", () => {
    expect(noteToGoTo(tree, [id(11)])).toBe(id(12));
    expect(noteToGoTo(tree, [id(12)])).toBe(id(11));
    expect(noteToGoTo(tree, [id(11), id(12)])).toBe(id(1));
    expect(noteToGoTo(tree, [id(1), id(3)])).toBeNull();
  });
});
