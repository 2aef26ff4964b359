/** Documents: their text form, applying instructions to them, and building them again from nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instruction, PathInstruction, PrimaryKey } from "../changeset";
import { emptySchema, extendSchema, isSchemaInstruction, type Schema } from "../schema/schema";
import { applyInstructions } from "./apply";
import {
  type Document,
  documentFromJson,
  documentToJson,
  type Node,
  primaryKeyFromJson,
  primaryKeyToJson,
  type Scalar,
} from "./document";
import { ObjectOverlay } from "./overlay";
import { rebuildObject } from "./rebuild";

const pk: PrimaryKey = { kind: "uuid", value: "00000000-0000-4000-8000-000000000001" };

const classes: readonly Instruction[] = [
  {
    kind: "AddTable",
    table: "Plant",
    spec: { kind: "topLevel", pkField: "_id", pkType: "uuid", pkNullable: false, isAsymmetric: false },
  },
  { kind: "AddTable", table: "Pot", spec: { kind: "embedded" } },
  ...(
    [
      "string",
      "int",
      "mixed",
      "bool",
      "double",
      "float",
      "timestamp",
      "binary",
      "decimal128",
      "objectId",
      "uuid",
    ] as const
  ).map(
    (type): Instruction => ({
      kind: "AddColumn",
      table: "Plant",
      field: `${type}?`,
      type,
      nullable: true,
      collection: "single",
    }),
  ),
  { kind: "AddColumn", table: "Plant", field: "name", type: "string", nullable: false, collection: "single" },
  {
    kind: "AddColumn",
    table: "Plant",
    field: "near",
    type: "link",
    nullable: false,
    collection: "list",
    linkTarget: "Plant",
  },
  { kind: "AddColumn", table: "Plant", field: "tags", type: "string", nullable: false, collection: "set" },
  {
    kind: "AddColumn",
    table: "Plant",
    field: "notes",
    type: "mixed",
    nullable: true,
    collection: "dictionary",
    keyType: "string",
  },
  {
    kind: "AddColumn",
    table: "Plant",
    field: "pot",
    type: "link",
    nullable: true,
    collection: "single",
    linkTarget: "Pot",
  },
  {
    kind: "AddColumn",
    table: "Plant",
    field: "pots",
    type: "link",
    nullable: false,
    collection: "list",
    linkTarget: "Pot",
  },
  {
    kind: "AddColumn",
    table: "Plant",
    field: "shelf",
    type: "link",
    nullable: true,
    collection: "dictionary",
    keyType: "string",
    linkTarget: "Pot",
  },
  { kind: "AddColumn", table: "Pot", field: "size", type: "int", nullable: false, collection: "single" },
  {
    kind: "AddColumn",
    table: "Pot",
    field: "inner",
    type: "link",
    nullable: true,
    collection: "single",
    linkTarget: "Pot",
  },
  { kind: "AddColumn", table: "Pot", field: "marks", type: "int", nullable: false, collection: "list" },
];

const schema: Schema = classes.reduce((current: Schema, instruction) => {
  if (!isSchemaInstruction(instruction)) throw new Error("no schema instruction");
  const change = extendSchema(current, instruction);
  if (change.kind === "conflict") throw new Error(change.message);
  return change.schema;
}, emptySchema);

type Edit = PathInstruction extends infer Each
  ? Each extends PathInstruction
    ? Omit<Each, "table" | "pk">
    : never
  : never;

function edits(...list: readonly Edit[]): Instruction[] {
  return list.map((edit) => ({ ...edit, table: "Plant", pk }) as Instruction);
}

/** The document after the instructions, or why they do not apply. */
function apply(
  before: Document | undefined,
  instructions: readonly Instruction[],
): Document | string | undefined {
  const overlay = new ObjectOverlay(() => before);
  const applied = applyInstructions(schema, overlay, instructions);
  return applied.kind === "ok" ? overlay.read("Plant", pk) : applied.message;
}

/** Without empty collections and nulls: what was emptied and what was never written are the same. */
function contents(fields: Document | string | undefined): Map<string, unknown> {
  if (!(fields instanceof Map)) throw new Error(String(fields));
  const kept = new Map<string, unknown>();
  const inside = (node: Node): unknown => (node.kind === "embedded" ? contents(node.fields) : node);
  for (const [name, node] of fields) {
    if (node.kind === "null") continue;
    if (node.kind === "list" && node.items.length > 0) kept.set(name, node.items.map(inside));
    else if (node.kind === "map" && node.entries.size > 0) {
      kept.set(name, new Map([...node.entries].map(([key, entry]) => [key, inside(entry)])));
    } else if (node.kind === "set" ? node.items.length > 0 : node.kind !== "list" && node.kind !== "map") {
      kept.set(name, inside(node));
    }
  }
  return kept;
}

const create: Instruction = { kind: "CreateObject", table: "Plant", pk };
const int = (value: number): Scalar => ({ kind: "int", value: BigInt(value) });

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant<Scalar>({ kind: "null" }),
  fc.boolean().map((value): Scalar => ({ kind: "bool", value })),
  fc.string({ unit: "grapheme" }).map((value): Scalar => ({ kind: "string", value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Scalar => ({ kind: "int", value })),
  fc.double({ noNaN: false }).map((value): Scalar => ({ kind: "double", value })),
  fc.float({ noNaN: false }).map((value): Scalar => ({ kind: "float", value })),
  fc.uint8Array().map((bytes): Scalar => ({ kind: "binary", bytes })),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes): Scalar => ({ kind: "decimal128", bytes })),
  fc
    .bigInt({ min: 0n, max: 2n ** 40n })
    .map((seconds): Scalar => ({ kind: "timestamp", seconds, nanoseconds: 7 })),
  fc.constant<Scalar>({ kind: "link", table: "Plant", pk }),
  fc.constant<Scalar>({ kind: "objectId", value: "0123456789abcdef01234567" }),
  fc.uuid().map((value): Scalar => ({ kind: "uuid", value })),
);

const pot: fc.Arbitrary<Node> = fc.letrec<{ pot: Node }>((tie) => ({
  pot: fc
    .record({
      size: fc.integer().map(int),
      marks: fc.array(fc.integer().map(int)).map((items): Node => ({ kind: "list", items })),
      inner: fc.option(tie("pot"), { nil: undefined, depthSize: "small" }),
    })
    .map(
      ({ size, marks, inner }): Node => ({
        kind: "embedded",
        fields: new Map<string, Node>([
          ["size", size],
          ["marks", marks],
          ...(inner ? [["inner", inner] as const] : []),
        ]),
      }),
    ),
})).pot;

const plant: fc.Arbitrary<Document> = fc
  .record({
    "mixed?": scalar,
    "string?": fc
      .option(fc.string({ unit: "grapheme" }))
      .map((value): Scalar => (value === null ? { kind: "null" } : { kind: "string", value })),
    name: fc.string().map((value): Scalar => ({ kind: "string", value })),
    near: fc.array(fc.uuid()).map(
      (ids): Node => ({
        kind: "list",
        items: ids.map((value) => ({ kind: "link", table: "Plant", pk: { kind: "uuid", value } })),
      }),
    ),
    tags: fc
      .uniqueArray(fc.string())
      .map((texts): Node => ({ kind: "set", items: texts.map((value) => ({ kind: "string", value })) })),
    notes: fc
      .dictionary(fc.string(), scalar)
      .map((entries): Node => ({ kind: "map", entries: new Map(Object.entries(entries)) })),
    pot: fc.oneof(pot, fc.constant<Node>({ kind: "null" })),
    pots: fc.array(pot).map((items): Node => ({ kind: "list", items })),
    shelf: fc
      .dictionary(fc.string(), pot)
      .map((entries): Node => ({ kind: "map", entries: new Map(Object.entries(entries)) })),
  })
  .map((fields) => new Map<string, Node>(Object.entries(fields)));

describe("a document", () => {
  it("survives its text form, whatever it holds", () => {
    fc.assert(
      fc.property(plant, (document) => {
        expect(documentFromJson(documentToJson(document))).toEqual(document);
      }),
    );
  });

  it("can be built again from nothing, and over anything that was there before", () => {
    fc.assert(
      fc.property(plant, plant, (document, former) => {
        expect(contents(apply(undefined, rebuildObject(schema, "Plant", pk, document, "written")))).toEqual(
          contents(document),
        );
        const rebuilt = contents(apply(former, rebuildObject(schema, "Plant", pk, document, "all")));
        for (const [name, node] of contents(document)) expect(rebuilt.get(name)).toEqual(node);
      }),
    );
  });

  it("has keys that survive their text form", () => {
    const keys: PrimaryKey[] = [
      { kind: "null" },
      { kind: "int", value: -(2n ** 63n) },
      { kind: "string", value: '{"u":"x"}' },
      { kind: "objectId", value: "0123456789abcdef01234567" },
      pk,
      { kind: "globalKey", hi: 2n ** 64n - 1n, lo: 0n },
    ];
    for (const key of keys) expect(primaryKeyFromJson(primaryKeyToJson(key))).toEqual(key);
    expect(new Set(keys.map(primaryKeyToJson)).size).toBe(keys.length);
  });
});

describe("applying instructions", () => {
  it("creates, and creating again changes nothing", () => {
    const once = apply(undefined, [
      create,
      ...edits({
        kind: "Update",
        field: "name",
        path: [],
        value: { kind: "string", value: "fern" },
        isDefault: false,
      }),
    ]);
    expect(apply(once as Document, [create])).toEqual(once);
  });

  it("erases, and erasing again changes nothing", () => {
    expect(
      apply(new Map(), [
        { ...create, kind: "EraseObject" },
        { ...create, kind: "EraseObject" },
      ]),
    ).toBeUndefined();
  });

  it("inserts, moves, overwrites and removes in lists", () => {
    const at = (index: number) => ["marks", index] as const;
    const document = apply(undefined, [
      create,
      ...edits(
        { kind: "Update", field: "pot", path: [], value: { kind: "object" }, isDefault: false },
        { kind: "ArrayInsert", field: "pot", path: at(0), value: int(1), priorSize: 0 },
        { kind: "ArrayInsert", field: "pot", path: at(1), value: int(2), priorSize: 1 },
        { kind: "ArrayInsert", field: "pot", path: at(0), value: int(3), priorSize: 2 },
        { kind: "ArrayMove", field: "pot", path: at(0), to: 2, priorSize: 3 },
        { kind: "Update", field: "pot", path: at(1), value: int(20), isDefault: false, priorSize: 3 },
        { kind: "ArrayErase", field: "pot", path: at(0), priorSize: 3 },
      ),
    ]);
    const embedded = document instanceof Map ? document.get("pot") : undefined;
    expect(embedded?.kind === "embedded" && embedded.fields.get("marks")).toEqual({
      kind: "list",
      items: [int(20), int(3)],
    });
  });

  it("adds to integers, wrapping around, and leaves null alone", () => {
    const add = edits({ kind: "AddInteger", field: "int?", path: [], value: 1n });
    expect(apply(new Map([["int?", { kind: "int", value: 2n ** 63n - 1n }]]), add)).toEqual(
      new Map([["int?", { kind: "int", value: -(2n ** 63n) }]]),
    );
    expect(apply(new Map(), add)).toEqual(new Map());
  });

  it("keeps an embedded object that is there, but replaces a dictionary's", () => {
    const sized: Node = { kind: "embedded", fields: new Map<string, Node>([["size", int(5)]]) };
    const before: Document = new Map<string, Node>([
      ["pot", sized],
      ["shelf", { kind: "map", entries: new Map([["top", sized]]) }],
    ]);
    const after = apply(
      before,
      edits(
        { kind: "Update", field: "pot", path: [], value: { kind: "object" }, isDefault: false },
        { kind: "Update", field: "shelf", path: ["top"], value: { kind: "object" }, isDefault: false },
      ),
    );
    expect(after).toEqual(
      new Map<string, Node>([
        ["pot", sized],
        ["shelf", { kind: "map", entries: new Map([["top", { kind: "embedded", fields: new Map() }]]) }],
      ]),
    );
  });

  const full: Document = new Map<string, Node>([
    ["near", { kind: "list", items: [{ kind: "link", table: "Plant", pk }] }],
  ]);
  const refused: [string, Instruction[]][] = [
    ["no such object", edits({ kind: "Clear", field: "near", path: [] })],
    ["no class Weed", [{ ...create, table: "Weed" }]],
    ["no class Pot with objects of its own", [{ ...create, table: "Pot" }]],
    ["primary keys of type uuid", [{ ...create, pk: { kind: "int", value: 1n } }]],
    ["no property Plant.colour", edits({ kind: "Clear", field: "colour", path: [] })],
    [
      "a string in Plant.int?",
      edits({
        kind: "Update",
        field: "int?",
        path: [],
        value: { kind: "string", value: "1" },
        isDefault: false,
      }),
    ],
    [
      "null in Plant.name",
      edits({ kind: "Update", field: "name", path: [], value: { kind: "null" }, isDefault: false }),
    ],
    [
      "has 1 elements, the changeset expects 0",
      edits({ kind: "ArrayErase", field: "near", path: [0], priorSize: 0 }),
    ],
    ["index 5 is outside", edits({ kind: "ArrayErase", field: "near", path: [5], priorSize: 1 })],
    ["to the same place", edits({ kind: "ArrayMove", field: "near", path: [0], to: 0, priorSize: 1 })],
    ["holds no embedded object", edits({ kind: "ArrayErase", field: "notes", path: ["x", 0], priorSize: 1 })],
    ["outside a set", edits({ kind: "SetInsert", field: "near", path: [], value: int(1) })],
    ["no collection", edits({ kind: "Clear", field: "name", path: [] })],
    ["whole collection", edits({ kind: "Update", field: "near", path: [], value: int(1), isDefault: false })],
    [
      "holds no embedded object",
      edits({ kind: "Update", field: "pot", path: ["size"], value: int(1), isDefault: false }),
    ],
    [
      "which holds none",
      edits({ kind: "Update", field: "name", path: [], value: { kind: "object" }, isDefault: false }),
    ],
    ["no integer", edits({ kind: "AddInteger", field: "name", path: [], value: 1n })],
    [
      "which links to Plant",
      edits({
        kind: "ArrayInsert",
        field: "near",
        path: [1],
        value: { kind: "link", table: "Pot", pk },
        priorSize: 1,
      }),
    ],
  ];

  it.each(refused)("refuses, as the client would: %s", (reason, instructions) => {
    expect(apply(reason === "no such object" ? undefined : full, instructions)).toContain(reason);
  });

  it("leaves the stored document untouched, even when it fails in the middle", () => {
    const before: Document = new Map(full);
    const text = documentToJson(before);
    apply(
      before,
      edits({ kind: "Clear", field: "near", path: [] }, { kind: "Clear", field: "colour", path: [] }),
    );
    expect(documentToJson(before)).toBe(text);
  });

  it("lets clients set a dictionary entry before they remove it, because they may have none", () => {
    const remove = edits({
      kind: "Update",
      field: "shelf",
      path: ["top"],
      value: { kind: "erased" },
      isDefault: false,
    });
    const applied = applyInstructions(schema, new ObjectOverlay(() => new Map()), remove);
    expect(applied.kind === "ok" && applied.effective).toEqual([
      { ...remove[0], value: { kind: "null" } },
      remove[0],
    ]);
  });

  it("tells what is new in the schema from what is repeated", () => {
    const applied = applyInstructions(schema, new ObjectOverlay(() => undefined), [...classes, create]);
    expect(applied.kind === "ok" && applied.effective).toEqual([create]);
  });
});
