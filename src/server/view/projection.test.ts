import { describe, expect, it } from "vitest";
import type { Instruction, PrimaryKey } from "../changeset";
import type { Scalar } from "../object/document";
import { Permissions } from "../rules/permissions";
import { type RuleDocument, rulesOf } from "../rules/rules";
import { emptySchema, extendSchema, isSchemaInstruction, type Schema } from "../schema/schema";
import type { Fields, HistoryEntry, TouchedEntry } from "../storage/storage";
import { projectEntry } from "./projection";
import { parseView, type View } from "./view";

const schema = (
  [
    {
      kind: "AddTable",
      table: "Plant",
      spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
    },
    {
      kind: "AddColumn",
      table: "Plant",
      field: "owner_id",
      type: "string",
      nullable: false,
      collection: "single",
    },
    {
      kind: "AddColumn",
      table: "Plant",
      field: "height",
      type: "int",
      nullable: false,
      collection: "single",
    },
  ] satisfies Instruction[]
).reduce((current: Schema, instruction) => {
  const change = isSchemaInstruction(instruction) ? extendSchema(current, instruction) : undefined;
  if (change?.kind !== "ok") throw new Error("bad schema");
  return change.schema;
}, emptySchema);

function adaUnder(rule: RuleDocument): Permissions {
  return new Permissions(rulesOf({ default: rule }), { id: "ada" }, () => schema);
}

function view(query: string): View {
  const parsed = parseView(JSON.stringify({ Plant: query }), schema, adaUnder("own"));
  if (parsed.kind === "bad") throw new Error(parsed.message);
  return parsed.view;
}

const tall = view("height > 10");

function key(value: string): PrimaryKey {
  return { kind: "string", value };
}

function fields(height: number, owner = "ada"): Fields {
  return new Map<string, Scalar>([
    ["owner_id", { kind: "string", value: owner }],
    ["height", { kind: "int", value: BigInt(height) }],
  ]);
}

function grow(id: string): Instruction {
  return { kind: "AddInteger", table: "Plant", pk: key(id), field: "height", path: [], value: 1n };
}

function project(touched: readonly TouchedEntry[], options: Partial<HistoryEntry> = {}, seen = tall) {
  const entry: HistoryEntry = {
    version: 5,
    salt: 1,
    originFileIdent: 9,
    originClientVersion: 1,
    originTimestampMs: 1,
    storedAtMs: 1,
    changeset: new Uint8Array(0),
    touched,
    ...options,
  };
  const instructions = touched.map(({ pk }) => grow(pk.kind === "string" ? pk.value : ""));
  return projectEntry({ entry, instructions }, seen, 2, schema);
}

function touch(id: string, before: Fields | null, after: Fields | null): TouchedEntry {
  return { table: "Plant", pk: key(id), before, after, ...(after && { snapshot: new Map(after) }) };
}

const erase = (id: string): Instruction => ({ kind: "EraseObject", table: "Plant", pk: key(id) });

describe("an entry of the history, seen through a view", () => {
  it("passes as it is when all its objects are in view before and after", () => {
    expect(project([touch("a", fields(20), fields(21)), touch("b", null, fields(11))])).toEqual({
      kind: "whole",
    });
    expect(project([touch("a", fields(20), null)])).toEqual({ kind: "whole" });
  });

  it("is nothing when all its objects are out of view", () => {
    const touched = [
      touch("a", fields(1), fields(2)),
      touch("b", null, null),
      touch("c", null, fields(50, "bob")),
    ];
    expect(project(touched)).toEqual({ kind: "nothing" });
  });

  it("of the client's own tells it what it moved out of its view, and what it moved into it", () => {
    const touched = [
      touch("stays", fields(20), fields(21)),
      touch("leaves", fields(20), fields(1)),
      touch("enters", fields(1), fields(20)),
    ];
    const projection = project(touched, { originFileIdent: 2 });
    expect(projection).toMatchObject({ kind: "rewritten" });
    const instructions = projection.kind === "rewritten" ? projection.instructions : [];
    expect(instructions[0]).toEqual(erase("leaves"));
    const rest = instructions.slice(1);
    expect(rest[0]).toEqual({ kind: "CreateObject", table: "Plant", pk: key("enters") });
    expect(rest.every((instruction) => "pk" in instruction && instruction.pk.kind === "string")).toBe(true);
    expect(rest.map(({ kind }) => kind)).toEqual(["CreateObject", "Update", "Update"]);
  });

  it("brings what enters as a whole, erases what leaves, and keeps only the instructions on what stays", () => {
    const touched = [
      touch("stays", fields(20), fields(21)),
      touch("enters", fields(10), fields(11)),
      touch("leaves", fields(11), fields(10)),
      touch("given away", fields(11), fields(11, "bob")),
      touch("unseen", fields(1), fields(2)),
    ];
    expect(project(touched)).toEqual({
      kind: "rewritten",
      instructions: [
        grow("stays"),
        { kind: "CreateObject", table: "Plant", pk: key("enters") },
        {
          kind: "Update",
          table: "Plant",
          pk: key("enters"),
          field: "owner_id",
          path: [],
          value: { kind: "string", value: "ada" },
          isDefault: false,
        },
        {
          kind: "Update",
          table: "Plant",
          pk: key("enters"),
          field: "height",
          path: [],
          value: { kind: "int", value: 11n },
          isDefault: false,
        },
        erase("leaves"),
        erase("given away"),
      ],
    });
  });

  it("tells its own author only what has left", () => {
    const own = { originFileIdent: 2 };
    expect(project([touch("a", fields(20), fields(21)), touch("b", null, fields(11))], own)).toEqual({
      kind: "nothing",
    });
    expect(project([touch("a", fields(20), fields(1)), touch("b", fields(20), null)], own)).toEqual({
      kind: "rewritten",
      instructions: [erase("a")],
    });
  });

  it("reaches nobody but its target, and erases there what is out of view", () => {
    const touched = [touch("a", fields(20), fields(20)), touch("b", fields(1), fields(1))];
    expect(project(touched, { targetFileIdent: 3, originFileIdent: 1 })).toEqual({ kind: "nothing" });
    expect(project(touched, { targetFileIdent: 2, originFileIdent: 1 })).toEqual({
      kind: "rewritten",
      instructions: [grow("a"), erase("b")],
    });
  });

  it("shows followed objects whatever the queries say, but never those of somebody else", () => {
    const following: View = { ...tall, follows: new Set(["5:Plantsa"]) };
    expect(project([touch("a", fields(1), fields(2))], {}, following)).toEqual({ kind: "whole" });
    expect(project([touch("a", fields(1, "bob"), fields(2, "bob"))], {}, following)).toEqual({
      kind: "nothing",
    });
  });
});

describe("the queries of a client", () => {
  it.each([
    ["not json", "not a JSON object"],
    ["[]", "not a JSON object"],
    ['{"Plant": 1}', "not a JSON object"],
    ['{"Weed": "TRUEPREDICATE"}', "does not know this class"],
    ['{"Plant": "colour == 1"}', 'no property "colour"'],
    ['{"Plant": "height >"}', "at the end"],
  ])("are refused: %s", (body, reason) => {
    const parsed = parseView(body, schema, adaUnder("own"));
    expect(parsed.kind === "bad" && parsed.message).toContain(reason);
  });

  it("need an owner field when objects have owners", () => {
    const parsed = parseView(
      '{"Plant": "TRUEPREDICATE"}',
      schema,
      adaUnder({ preset: "own", ownerField: "gardener" }),
    );
    expect(parsed.kind === "bad" && parsed.message).toContain(
      'nobody may read it: class Plant has no property "gardener"',
    );
  });
});
