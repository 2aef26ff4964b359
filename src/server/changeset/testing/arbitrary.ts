/** Arbitrary instructions for property tests: every kind, every payload, paths of any shape, values at the limits. */
import fc from "fast-check";
import type { ColumnType, Instruction, Payload, PrimaryKey, PrimaryKeyType } from "../index";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const text = fc.oneof(
  fc.constantFrom("Note", "_id", "body", ""),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const objectId = fc.uint8Array({ minLength: 12, maxLength: 12 }).map(hexOf);
const uuid = fc.uuid();

const primaryKey: fc.Arbitrary<PrimaryKey> = fc.oneof(
  fc.record({ kind: fc.constant("null" as const) }),
  fc.record({ kind: fc.constant("int" as const), value: int64 }),
  fc.record({ kind: fc.constant("string" as const), value: text }),
  fc.record({ kind: fc.constant("objectId" as const), value: objectId }),
  fc.record({ kind: fc.constant("uuid" as const), value: uuid }),
  fc.record({ kind: fc.constant("globalKey" as const), hi: uint64, lo: uint64 }),
);

const timestamp: fc.Arbitrary<Payload> = fc
  .tuple(int64, fc.integer({ min: 0, max: 999_999_999 }))
  .map(([seconds, nanoseconds]) => ({
    kind: "timestamp" as const,
    seconds,
    nanoseconds: seconds < 0n && nanoseconds !== 0 ? -nanoseconds : nanoseconds,
  }));

export const payload: fc.Arbitrary<Payload> = fc.oneof(
  fc.constantFrom<Payload>({ kind: "null" }, { kind: "object" }, { kind: "dictionary" }, { kind: "erased" }),
  fc.record({ kind: fc.constant("int" as const), value: int64 }),
  fc.record({ kind: fc.constant("bool" as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant("string" as const), value: text }),
  fc.record({ kind: fc.constant("binary" as const), bytes: fc.uint8Array({ maxLength: 20 }) }),
  timestamp,
  fc.record({ kind: fc.constant("float" as const), value: fc.float() }),
  fc.record({ kind: fc.constant("double" as const), value: fc.double() }),
  fc.record({
    kind: fc.constant("decimal128" as const),
    bytes: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  }),
  fc.record({ kind: fc.constant("link" as const), table: text, pk: primaryKey }),
  fc.record({ kind: fc.constant("objectId" as const), value: objectId }),
  fc.record({ kind: fc.constant("uuid" as const), value: uuid }),
);

const path = fc.array(fc.oneof(uint32, text), { maxLength: 4 });
const place = { table: text, pk: primaryKey, field: text };
const listPath = fc.tuple(path, uint32).map(([above, index]) => [...above, index]);

const columnType = fc.constantFrom<ColumnType>(
  ...("mixed int bool string binary timestamp float double decimal128 link objectId uuid".split(
    " ",
  ) as ColumnType[]),
);

export const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({
    kind: fc.constant("AddTable" as const),
    table: text,
    spec: fc.oneof(
      fc.record({ kind: fc.constant("embedded" as const) }),
      fc.record({
        kind: fc.constant("topLevel" as const),
        pkField: text,
        pkType: fc.constantFrom<PrimaryKeyType>("int", "string", "objectId", "uuid", "globalKey"),
        pkNullable: fc.boolean(),
        isAsymmetric: fc.boolean(),
      }),
    ),
  }),
  fc.record({ kind: fc.constant("EraseTable" as const), table: text }),
  fc
    .record({
      kind: fc.constant("AddColumn" as const),
      table: text,
      field: text,
      type: columnType,
      nullable: fc.boolean(),
      collection: fc.constantFrom("single" as const, "list" as const, "dictionary" as const, "set" as const),
      linkTarget: text,
      keyType: columnType,
    })
    .map(({ linkTarget, keyType, ...column }) => ({
      ...column,
      ...(column.type === "link" && { linkTarget }),
      ...(column.collection === "dictionary" && { keyType }),
    })),
  fc.record({ kind: fc.constant("EraseColumn" as const), table: text, field: text }),
  fc.record({
    kind: fc.constantFrom("CreateObject" as const, "EraseObject" as const),
    table: text,
    pk: primaryKey,
  }),
  fc.record({
    ...place,
    kind: fc.constant("Update" as const),
    path: fc.tuple(path, text).map(([above, last]) => (above.length === 0 ? [] : [...above, last])),
    value: payload,
    isDefault: fc.boolean(),
  }),
  fc.record({
    ...place,
    kind: fc.constant("Update" as const),
    path: listPath,
    value: payload,
    isDefault: fc.constant(false),
    priorSize: uint32,
  }),
  fc.record({ ...place, kind: fc.constant("AddInteger" as const), path, value: int64 }),
  fc.record({
    ...place,
    kind: fc.constant("ArrayInsert" as const),
    path: listPath,
    value: payload,
    priorSize: uint32,
  }),
  fc.record({
    ...place,
    kind: fc.constant("ArrayMove" as const),
    path: listPath,
    to: uint32,
    priorSize: uint32,
  }),
  fc.record({ ...place, kind: fc.constant("ArrayErase" as const), path: listPath, priorSize: uint32 }),
  fc.record({ ...place, kind: fc.constant("Clear" as const), path }),
  fc.record({
    ...place,
    kind: fc.constantFrom("SetInsert" as const, "SetErase" as const),
    path,
    value: payload,
  }),
);

export const instructions = fc.array(instruction, { maxLength: 12 });
