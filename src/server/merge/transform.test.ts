import { describe, expect, it } from "vitest";
import type { AddColumn, Instruction, Path, Payload, PrimaryKey } from "../changeset";
import { type MergeChangeset, transformChangesets } from "./index";

const pk: PrimaryKey = { kind: "int", value: 1n };
const note = { table: "Note", pk };
const text = (value: string): Payload => ({ kind: "string", value });

function update(
  field: string,
  value: Payload,
  options: { path?: Path; isDefault?: boolean } = {},
): Instruction {
  return {
    kind: "Update",
    ...note,
    field,
    path: options.path ?? [],
    value,
    isDefault: options.isDefault ?? false,
  };
}
function updateElement(index: number, value: Payload, priorSize: number): Instruction {
  return { kind: "Update", ...note, field: "lines", path: [index], value, isDefault: false, priorSize };
}
function insert(index: number, value: Payload, priorSize: number): Instruction {
  return { kind: "ArrayInsert", ...note, field: "lines", path: [index], value, priorSize };
}
function erase(index: number, priorSize: number): Instruction {
  return { kind: "ArrayErase", ...note, field: "lines", path: [index], priorSize };
}
function move(from: number, to: number, priorSize: number): Instruction {
  return { kind: "ArrayMove", ...note, field: "lines", path: [from], to, priorSize };
}
const eraseNote: Instruction = { kind: "EraseObject", ...note };
const createNote: Instruction = { kind: "CreateObject", ...note };

function changeset(
  originTimestampMs: number,
  instructions: Instruction[],
  originFileIdent = 2,
): MergeChangeset {
  return { version: 1, lastIntegratedRemoteVersion: 0, originTimestampMs, originFileIdent, instructions };
}

/** What becomes of an earlier and a later change; the same whichever of them is ours. */
function merge(
  earlier: Instruction[],
  later: Instruction[],
): { earlier: Instruction[]; later: Instruction[] } {
  const a = changeset(1, earlier, 3);
  const b = changeset(2, later, 2);
  const asOurs = transformed([a], [b]);
  const asTheirs = transformed([b], [a]);
  expect(asTheirs.theirs).toEqual(asOurs.ours);
  expect(asTheirs.ours).toEqual(asOurs.theirs);
  return { earlier: [...asOurs.ours[0]!.instructions], later: [...asOurs.theirs[0]!.instructions] };
}

function transformed(ours: MergeChangeset[], theirs: MergeChangeset[]) {
  const result = transformChangesets(ours, theirs);
  if (result.kind === "conflict") throw new Error(result.message);
  return result;
}

function conflictOf(ours: Instruction[], theirs: Instruction[]) {
  const result = transformChangesets([changeset(1, ours)], [changeset(2, theirs)]);
  return result.kind === "conflict" ? result.cause : null;
}

describe("two updates of one field", () => {
  it("leave the later one", () => {
    const merged = merge([update("title", text("old"))], [update("title", text("new"))]);
    expect(merged).toEqual({ earlier: [], later: [update("title", text("new"))] });
  });

  it("of the same millisecond leave the one of the higher file ident", () => {
    const low = changeset(5, [update("title", text("low"))], 2);
    const high = changeset(5, [update("title", text("high"))], 9);
    expect(transformed([low], [high]).ours[0]!.instructions).toEqual([]);
    expect(transformed([high], [low]).theirs[0]!.instructions).toEqual([]);
  });

  it("leave the one that is no default, however early", () => {
    const merged = merge(
      [update("title", text("written"))],
      [update("title", text("default"), { isDefault: true })],
    );
    expect(merged).toEqual({ earlier: [update("title", text("written"))], later: [] });
  });

  it("leave the plain value and what the other put into the structure it replaces goes", () => {
    const value = update("any", { kind: "int", value: 1n });
    const structure = [
      update("any", { kind: "dictionary" }),
      update("any", text("inside"), { path: ["key"] }),
    ];
    expect(merge([value], structure)).toEqual({ earlier: [value], later: [] });
  });

  it("that both create an embedded object leave what each wrote into it", () => {
    const inside = (name: string) => update("frame", text(name), { path: [name] });
    const create = update("frame", { kind: "object" });
    expect(merge([create, inside("a")], [create, inside("b")])).toEqual({
      earlier: [inside("a")],
      later: [create, inside("b")],
    });
  });
});

describe("erasing an object", () => {
  it("wins over every change to it, and over its creation, even later ones", () => {
    const changes = [createNote, update("title", text("x")), insert(0, text("a"), 0)];
    expect(merge([eraseNote], changes)).toEqual({ earlier: [eraseNote], later: [] });
    expect(merge(changes, [eraseNote])).toEqual({ earlier: [], later: [eraseNote] });
  });

  it("twice keeps the later one, so that what was created after it stays", () => {
    const again = [eraseNote, createNote, update("title", text("again"))];
    expect(merge([eraseNote], again)).toEqual({ earlier: [], later: again });
  });
});

describe("a list", () => {
  it("takes two insertions at one place in the order of their origin", () => {
    expect(merge([insert(1, text("first"), 3)], [insert(1, text("second"), 3)])).toEqual({
      earlier: [insert(1, text("first"), 4)],
      later: [insert(2, text("second"), 4)],
    });
  });

  it("moves updates and erasures along with insertions before them", () => {
    expect(merge([insert(0, text("new"), 3)], [updateElement(1, text("x"), 3), erase(2, 3)])).toEqual({
      earlier: [insert(0, text("new"), 2)],
      later: [updateElement(2, text("x"), 4), erase(3, 4)],
    });
  });

  it("forgets an update of an element that the other erased", () => {
    expect(merge([erase(1, 3)], [updateElement(1, text("x"), 3), updateElement(2, text("y"), 3)])).toEqual({
      earlier: [erase(1, 3)],
      later: [updateElement(1, text("y"), 2)],
    });
  });

  it("erases an element once when both erase it", () => {
    expect(merge([erase(1, 3)], [erase(1, 3), erase(0, 2)])).toEqual({ earlier: [], later: [erase(0, 2)] });
  });

  it("sends an element that both move to where the later one wants it", () => {
    expect(merge([move(0, 1, 3)], [move(0, 2, 3)])).toEqual({ earlier: [], later: [move(1, 2, 3)] });
  });

  it("erases a moved element at its new place", () => {
    expect(merge([move(0, 2, 3)], [erase(0, 3)])).toEqual({ earlier: [], later: [erase(2, 3)] });
  });

  it("emptied by one drops what the other did to it before, and not what follows the emptying", () => {
    const clear: Instruction = { kind: "Clear", ...note, field: "lines", path: [] };
    expect(merge([insert(3, text("lost"), 3)], [clear, insert(0, text("kept"), 0)])).toEqual({
      earlier: [],
      later: [clear, insert(0, text("kept"), 0)],
    });
  });

  it("of embedded objects shifts the way into them, and takes what is inside an erased one along", () => {
    const inside = (index: number) => update("lines", text("x"), { path: [index, "colour"] });
    expect(merge([erase(1, 3)], [inside(0), inside(1), inside(2)])).toEqual({
      earlier: [erase(1, 3)],
      later: [inside(0), inside(1)],
    });
    expect(merge([insert(1, { kind: "object" }, 2)], [inside(0), inside(1)])).toEqual({
      earlier: [insert(1, { kind: "object" }, 2)],
      later: [inside(0), inside(2)],
    });
  });
});

describe("a set", () => {
  const member = (kind: "SetInsert" | "SetErase", value: Payload): Instruction => ({
    kind,
    ...note,
    field: "tags",
    path: [],
    value,
  });

  it("keeps the later word on one member, and both on different members", () => {
    const insertX = member("SetInsert", text("x"));
    const eraseX = member("SetErase", text("x"));
    const insertY = member("SetInsert", text("y"));
    expect(merge([insertX], [eraseX, insertY])).toEqual({ earlier: [], later: [eraseX, insertY] });
    expect(merge([eraseX], [insertX])).toEqual({ earlier: [], later: [insertX] });
  });

  it("emptied by one drops what the other inserted or erased, even later", () => {
    const clear: Instruction = { kind: "Clear", ...note, field: "tags", path: [] };
    expect(merge([clear], [member("SetInsert", text("x")), member("SetErase", text("y"))])).toEqual({
      earlier: [clear],
      later: [],
    });
  });
});

describe("adding to a number", () => {
  const add = (value: bigint): Instruction => ({
    kind: "AddInteger",
    ...note,
    field: "stars",
    path: [],
    value,
  });
  const set = (value: bigint, isDefault = false) => update("stars", { kind: "int", value }, { isDefault });

  it("counts for both, and on top of an earlier value", () => {
    expect(merge([add(1n)], [add(2n)])).toEqual({ earlier: [add(1n)], later: [add(2n)] });
    expect(merge([set(10n)], [add(5n)])).toEqual({ earlier: [set(15n)], later: [add(5n)] });
  });

  it("is lost to a later value, but not to a default", () => {
    expect(merge([add(5n)], [set(10n)])).toEqual({ earlier: [], later: [set(10n)] });
    expect(merge([add(5n)], [set(10n, true)])).toEqual({ earlier: [add(5n)], later: [set(15n, true)] });
  });

  it("wraps around at 64 bits", () => {
    expect(merge([set(2n ** 63n - 1n)], [add(1n)]).earlier).toEqual([set(-(2n ** 63n))]);
  });
});

describe("definitions", () => {
  const addTable: Instruction = {
    kind: "AddTable",
    table: "Note",
    spec: { kind: "topLevel", pkField: "_id", pkType: "int", pkNullable: false, isAsymmetric: false },
  };
  const addColumn: AddColumn = {
    kind: "AddColumn",
    table: "Note",
    field: "title",
    type: "string",
    nullable: true,
    collection: "single",
  };

  it("that agree are needed once", () => {
    expect(merge([addTable, addColumn], [addTable, addColumn])).toEqual({ earlier: [], later: [] });
  });

  it("that disagree are a schema conflict", () => {
    expect(conflictOf([addTable], [{ ...addTable, spec: { kind: "embedded" } }])).toBe("schema");
    expect(conflictOf([addColumn], [{ ...addColumn, type: "int" }])).toBe("schema");
    expect(conflictOf([addColumn], [{ ...addColumn, nullable: false }])).toBe("schema");
    expect(conflictOf([addColumn], [{ ...addColumn, collection: "list" }])).toBe("schema");
    const link: AddColumn = { ...addColumn, type: "link", linkTarget: "Note" };
    expect(conflictOf([link], [{ ...link, linkTarget: "Tag" }])).toBe("schema");
  });

  it("of a link to an erased class turn into the erasure of that property", () => {
    const link: AddColumn = { ...addColumn, table: "Tag", type: "link", linkTarget: "Note" };
    const eraseTable: Instruction = { kind: "EraseTable", table: "Note" };
    expect(merge([link], [eraseTable])).toEqual({
      earlier: [],
      later: [{ kind: "EraseColumn", table: "Tag", field: "title" }, eraseTable],
    });
  });

  it("of an erased class or property go, and with a class everything in it", () => {
    const eraseTable: Instruction = { kind: "EraseTable", table: "Note" };
    expect(merge([eraseTable], [addColumn, createNote, update("title", text("x"))])).toEqual({
      earlier: [eraseTable],
      later: [],
    });
    const eraseColumn: Instruction = { kind: "EraseColumn", table: "Note", field: "title" };
    expect(merge([eraseColumn], [addColumn, update("title", text("x"))])).toEqual({
      earlier: [eraseColumn],
      later: [],
    });
  });
});

describe("sequences that cannot have one base", () => {
  it("are refused: different sizes of one list", () => {
    expect(conflictOf([insert(0, text("a"), 1)], [insert(0, text("b"), 2)])).toBe("inconsistent");
  });

  it("are refused: an index beyond the end", () => {
    expect(conflictOf([erase(3, 3)], [erase(0, 3)])).toBe("inconsistent");
  });

  it("are refused: a list here and a dictionary there", () => {
    expect(conflictOf([insert(0, text("a"), 0)], [update("lines", text("b"), { path: ["key"] })])).toBe(
      "inconsistent",
    );
  });

  it("are refused: a sum of something that is no number", () => {
    const add: Instruction = { kind: "AddInteger", ...note, field: "any", path: [], value: 1n };
    expect(conflictOf([add], [update("any", text("x"))])).toBe("inconsistent");
  });
});

describe("the transformation", () => {
  it("says of each changeset whether it changed, and hands back the others as they were", () => {
    const ours = [changeset(1, [update("title", text("a"))]), changeset(3, [update("body", text("b"))])];
    const theirs = [changeset(2, [update("title", text("c"))], 7)];
    const result = transformed(ours, theirs);
    expect(result.changedOurs).toEqual([true, false]);
    expect(result.changedTheirs).toEqual([false]);
    expect(result.ours[1]).toBe(ours[1]);
    expect(result.theirs[0]).toBe(theirs[0]);
  });

  it("keeps its input as it is", () => {
    const ours = [changeset(1, [insert(0, text("a"), 2), update("title", text("x"))])];
    const theirs = [changeset(2, [insert(0, text("b"), 2), update("title", text("y"))])];
    const before = structuredClone([ours, theirs]);
    transformed(ours, theirs);
    expect([ours, theirs]).toEqual(before);
  });

  it("with nothing on one side leaves the other alone", () => {
    const some = [changeset(1, [createNote])];
    expect(transformed([], some).theirs).toEqual(some);
    expect(transformed(some, []).ours).toEqual(some);
  });

  it("carries each of ours through all of theirs in turn, across changesets", () => {
    const ours = [changeset(1, [insert(0, text("a"), 0)]), changeset(2, [insert(1, text("b"), 1)])];
    const theirs = [changeset(3, [insert(0, text("c"), 0)], 5), changeset(4, [insert(1, text("d"), 1)], 5)];
    const result = transformed(ours, theirs);
    expect(result.theirs.flatMap((c) => c.instructions)).toEqual([
      insert(2, text("c"), 2),
      insert(3, text("d"), 3),
    ]);
    expect(result.ours).toEqual([
      { ...ours[0], instructions: [insert(0, text("a"), 2)] },
      { ...ours[1], instructions: [insert(1, text("b"), 3)] },
    ]);
  });

  // The product of the sizes would be ten thousand million meetings, more than the time limit of a test allows.
  it("does not compare what cannot meet", () => {
    const notes = (first: number): Instruction[] =>
      Array.from({ length: 100_000 }, (_, i) => ({
        kind: "Update",
        table: "Note",
        pk: { kind: "int", value: BigInt(first + i) },
        field: "title",
        path: [],
        value: text("x"),
        isDefault: false,
      }));
    const result = transformed([changeset(1, notes(0))], [changeset(2, notes(50_000))]);
    expect(result.ours[0]!.instructions).toHaveLength(50_000);
    expect(result.theirs[0]!.instructions).toHaveLength(100_000);
  });

  it("does not walk again through what the first of many updates has settled", () => {
    const updates = Array.from({ length: 60_000 }, (_, i) => update("title", text(`${i}`)));
    const result = transformed([changeset(2, updates)], [changeset(1, updates)]);
    expect(result.theirs[0]!.instructions).toEqual([]);
  });
});
