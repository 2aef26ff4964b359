/**
 * The small world in which random changes happen: a few classes, properties, keys and values, chosen so that two
 * writers meet often. Between them they have every column type, collection, nesting and kind of key.
 */
import type { AddColumn, ColumnType, Payload, PrimaryKey, TableSpec } from "../../changeset";
import type { Random } from "./random";

export type ColumnSpec = Omit<AddColumn, "kind" | "table" | "field">;
export type ClassSpec = { readonly spec: TableSpec; readonly columns: Readonly<Record<string, ColumnSpec>> };

const topLevel = (
  pkField: string,
  pkType: Extract<TableSpec, { kind: "topLevel" }>["pkType"],
  pkNullable = false,
): TableSpec => ({ kind: "topLevel", pkField, pkType, pkNullable, isAsymmetric: false });

const single = (type: ColumnType, nullable = true): ColumnSpec => ({ type, nullable, collection: "single" });
const list = (type: ColumnType): ColumnSpec => ({ type, nullable: false, collection: "list" });
const set = (type: ColumnType): ColumnSpec => ({ type, nullable: true, collection: "set" });
const dictionary = (type: ColumnType): ColumnSpec => ({
  type,
  nullable: true,
  collection: "dictionary",
  keyType: "string",
});
const linked = (column: ColumnSpec, linkTarget: string): ColumnSpec => ({ ...column, linkTarget });

export const classes: Readonly<Record<string, ClassSpec>> = {
  Note: {
    spec: topLevel("_id", "objectId"),
    columns: {
      title: single("string"),
      stars: single("int", false),
      anything: single("mixed"),
      parent: linked(single("link"), "Note"),
      tags: set("string"),
      peers: linked(set("link"), "Tag"),
      lines: list("string"),
      children: linked(list("link"), "Note"),
      attributes: dictionary("mixed"),
      frame: linked(single("link"), "Frame"),
      frames: linked(list("link"), "Frame"),
      frameByName: linked(dictionary("link"), "Frame"),
    },
  },
  Tag: {
    spec: topLevel("name", "string", true),
    columns: {
      weight: single("double"),
      since: single("timestamp"),
      numbers: set("int"),
      amounts: set("decimal128"),
      ratios: set("float"),
      owner: linked(single("link"), "Note"),
      steps: list("int"),
    },
  },
  Counter: {
    spec: topLevel("_id", "int"),
    columns: { value: single("int"), history: list("int"), blob: single("binary"), blobs: set("binary") },
  },
  Device: {
    spec: topLevel("_id", "uuid"),
    columns: { label: single("string"), keys: set("uuid"), ids: set("objectId"), seen: set("timestamp") },
  },
  Loose: {
    spec: topLevel("_id", "globalKey"),
    columns: { flag: single("bool"), things: set("mixed"), items: list("mixed") },
  },
  Log: {
    spec: { kind: "topLevel", pkField: "_id", pkType: "objectId", pkNullable: false, isAsymmetric: true },
    columns: { text: single("string") },
  },
  Frame: {
    spec: { kind: "embedded" },
    columns: {
      colour: single("string"),
      count: single("int"),
      points: list("int"),
      names: set("string"),
      byKey: dictionary("string"),
      inner: linked(single("link"), "Frame"),
      parts: linked(list("link"), "Frame"),
      partByKey: linked(dictionary("link"), "Frame"),
    },
  },
};

export const dictionaryKeys = ["a", "b", "colour", "", "ключ"] as const;

/** Differs from the catalogue's own definition in one respect. */
export function contrarySpec(random: Random, spec: TableSpec): TableSpec {
  if (spec.kind === "embedded") return topLevel("_id", "int");
  switch (random.below(5)) {
    case 0:
      return { kind: "embedded" };
    case 1:
      return { ...spec, pkField: `${spec.pkField}2` };
    case 2:
      return { ...spec, pkType: spec.pkType === "int" ? "string" : "int" };
    case 3:
      return { ...spec, pkNullable: !spec.pkNullable };
    default:
      return { ...spec, isAsymmetric: !spec.isAsymmetric };
  }
}

/** Differs from the catalogue's own definition, but keeps the shape that paths depend on. */
export function contraryColumn(random: Random, column: ColumnSpec): ColumnSpec {
  if (column.type === "link" && random.chance(0.5)) {
    return { ...column, linkTarget: column.linkTarget === "Tag" ? "Note" : "Tag" };
  }
  if (random.chance(0.5) && column.type !== "mixed") return { ...column, nullable: !column.nullable };
  const { linkTarget: _, ...rest } = column;
  return { ...rest, type: column.type === "bool" ? "uuid" : "bool" };
}

export function randomKey(random: Random, spec: TableSpec): PrimaryKey {
  if (spec.kind === "embedded") throw new TypeError("an embedded object has no key");
  if (spec.pkNullable && random.chance(0.2)) return { kind: "null" };
  switch (spec.pkType) {
    case "int":
      return { kind: "int", value: random.pick([0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]) };
    case "string":
      return { kind: "string", value: random.pick(["", "x", "y", "Note", "ß"]) };
    case "objectId":
      return {
        kind: "objectId",
        value: random.pick(["000000000000000000000000", "65a1f0c2d3e4b5a697887766"]),
      };
    case "uuid":
      return { kind: "uuid", value: random.pick(uuids) };
    case "globalKey":
      return { kind: "globalKey", hi: random.pick([0n, 2n ** 64n - 1n]), lo: random.pick([1n, 2n ** 40n]) };
  }
}

/** A value that a column of this type may hold. Few different ones, so that members of sets coincide. */
export function randomScalar(random: Random, type: ColumnType, linkTarget?: string): Payload {
  switch (type) {
    case "int":
      return { kind: type, value: random.pick([0n, 1n, 7n, -64n, 64n, 2n ** 63n - 1n, -(2n ** 63n)]) };
    case "bool":
      return { kind: type, value: random.chance(0.5) };
    case "string":
      return { kind: type, value: random.pick(["", "x", "y", "Note", "naïve 🌱"]) };
    case "binary":
      return {
        kind: type,
        bytes: random.pick([new Uint8Array(), Uint8Array.of(0, 255), Uint8Array.of(120)]),
      };
    case "timestamp":
      return random.pick<Payload>([
        { kind: type, seconds: 0n, nanoseconds: 0 },
        { kind: type, seconds: -1n, nanoseconds: -5 },
        { kind: type, seconds: 1_700_000_000n, nanoseconds: 999_999_999 },
      ]);
    case "float":
      return { kind: type, value: random.pick([0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) };
    case "double":
      return { kind: type, value: random.pick([0, -0, 0.1, Number.NaN, Number.MIN_VALUE]) };
    case "decimal128":
      return { kind: type, bytes: random.pick(decimals) };
    case "link": {
      if (linkTarget === undefined) throw new TypeError("a link needs a target");
      return { kind: type, table: linkTarget, pk: randomKey(random, classes[linkTarget]!.spec) };
    }
    case "objectId":
      return { kind: type, value: random.pick(["ffffffffffffffffffffffff", "65a1f0c2d3e4b5a697887766"]) };
    case "uuid":
      return { kind: type, value: random.pick(uuids) };
    case "mixed":
      if (random.chance(0.1)) return { kind: "null" };
      return randomScalar(random, random.pick(mixedTypes), random.pick(["Note", "Tag"]));
    default:
      throw new TypeError(`no column here is of type ${type}`);
  }
}

const mixedTypes: readonly ColumnType[] = [
  "int",
  "bool",
  "string",
  "binary",
  "timestamp",
  "float",
  "double",
  "decimal128",
  "link",
  "objectId",
  "uuid",
];

const uuids = ["00000000-0000-0000-0000-000000000000", "3b241101-e2bb-4255-8caf-4136c566a962"];

/** Zeros of two forms and signs, one and 1.0, a NaN, both infinities, and a coefficient of too many digits. */
const decimals: readonly Uint8Array[] = [
  decimal(0n, 0, false),
  decimal(0n, 3, true),
  decimal(1n, 0, false),
  decimal(10n, -1, false),
  decimal(1n, 0, true),
  decimal(10n ** 34n - 1n, 6111, false),
  decimal(2n ** 113n - 1n, 0, false),
  special(0x7c),
  special(0x78),
  special(0xf8),
];

function decimal(coefficient: bigint, exponent: number, isNegative: boolean): Uint8Array {
  const bits = coefficient | (BigInt(exponent + 6176) << 113n) | (isNegative ? 1n << 127n : 0n);
  return Uint8Array.from({ length: 16 }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
}

function special(topByte: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[15] = topByte;
  return bytes;
}
