/**
 * Bytes to instructions. Total: any input gives instructions or says where it is malformed, and memory stays in
 * proportion to the input. Where the C++ parser cuts or repairs a value in silence (an index beyond 32 bits, bytes
 * that are no UTF-8, a timestamp out of range) this one refuses the changeset.
 */
import { ByteReader, Malformed } from "./byte-reader";
import {
  collectionCodes,
  columnTypeOf,
  decimalExponentBias,
  decimalExponentBits,
  decimalHighCoefficientBits,
  instructionCodes,
  internStringCode,
  maxStringSizeBytes,
  type TypeName,
  tableCodes,
  typeCodes,
} from "./codes";
import type {
  CollectionType,
  Instruction,
  InstructionKind,
  PathElement,
  PathInstruction,
  Payload,
  PrimaryKey,
  PrimaryKeyType,
  TableSpec,
} from "./instruction";

export type ParsedChangeset =
  | { readonly kind: "ok"; readonly instructions: Instruction[] }
  | { readonly kind: "malformed"; readonly message: string; readonly offset: number };

export function parseChangeset(bytes: Uint8Array): ParsedChangeset {
  const parsing = parseChangesetInSlices(bytes, Number.POSITIVE_INFINITY);
  for (;;) {
    const step = parsing.next();
    if (step.done) return step.value;
  }
}

/** The same, handing over the control after every so many instructions. */
export function* parseChangesetInSlices(
  bytes: Uint8Array,
  perSlice: number,
): Generator<void, ParsedChangeset> {
  try {
    const parser = new ChangesetParser(bytes);
    const instructions: Instruction[] = [];
    for (let instruction = parser.next(); instruction; instruction = parser.next()) {
      instructions.push(instruction);
      if (instructions.length % perSlice === 0) yield;
    }
    return { kind: "ok", instructions };
  } catch (error) {
    if (error instanceof Malformed) {
      return { kind: "malformed", message: error.message, offset: error.offset };
    }
    throw error;
  }
}

class ChangesetParser {
  readonly #in: ByteReader;
  readonly #interned: string[] = [];
  readonly #defined = new Set<string>();

  constructor(bytes: Uint8Array) {
    this.#in = new ByteReader(bytes);
  }

  /** Undefined at the end. */
  next(): Instruction | undefined {
    while (!this.#in.atEnd) {
      const start = this.#in.offset;
      const code = this.#in.uint(internStringCode);
      if (code === internStringCode) {
        this.#defineString();
        continue;
      }
      const kind = kindsByCode.get(code) ?? this.#in.fail(`unknown instruction ${code}`, start);
      return this.#instruction(kind);
    }
    return undefined;
  }

  #defineString(): void {
    const start = this.#in.offset;
    const index = this.#in.uint32();
    if (index !== this.#interned.length) this.#in.fail(`interned string ${index} is out of order`, start);
    const text = this.#in.text(maxStringSizeBytes);
    if (this.#defined.has(text)) this.#in.fail("string is interned twice", start);
    this.#defined.add(text);
    this.#interned.push(text);
  }

  #instruction(kind: InstructionKind): Instruction {
    const table = this.#string();
    switch (kind) {
      case "AddTable":
        return { kind, table, spec: this.#tableSpec() };
      case "EraseTable":
        return { kind, table };
      case "AddColumn": {
        const field = this.#string();
        const type = columnTypeOf(this.#typeName());
        const nullable = this.#in.bool();
        const collection = this.#collection();
        return {
          kind,
          table,
          field,
          type,
          nullable,
          collection,
          ...(type === "link" && { linkTarget: this.#string() }),
          ...(collection === "dictionary" && { keyType: columnTypeOf(this.#typeName()) }),
        };
      }
      case "EraseColumn":
        return { kind, table, field: this.#string() };
      case "CreateObject":
      case "EraseObject":
        return { kind, table, pk: this.#primaryKey() };
      default:
        return this.#pathInstruction(kind, table);
    }
  }

  #pathInstruction(kind: PathInstruction["kind"], table: string): PathInstruction {
    const start = this.#in.offset;
    const pk = this.#primaryKey();
    const field = this.#string();
    const path = this.#path();
    const endsInIndex = typeof path.at(-1) === "number";
    switch (kind) {
      case "Update": {
        const value = this.#payload();
        return endsInIndex
          ? { kind, table, pk, field, path, value, isDefault: false, priorSize: this.#in.uint32() }
          : { kind, table, pk, field, path, value, isDefault: this.#in.bool() };
      }
      case "AddInteger":
        return { kind, table, pk, field, path, value: this.#in.bigInt64() };
      case "Clear":
        this.#in.uint32();
        return { kind, table, pk, field, path };
      case "SetInsert":
      case "SetErase":
        return { kind, table, pk, field, path, value: this.#payload() };
      case "ArrayInsert":
      case "ArrayMove":
      case "ArrayErase":
        if (!endsInIndex) this.#in.fail(`${kind} without an index in its path`, start);
    }
    switch (kind) {
      case "ArrayInsert":
        return { kind, table, pk, field, path, value: this.#payload(), priorSize: this.#in.uint32() };
      case "ArrayMove":
        return { kind, table, pk, field, path, to: this.#in.uint32(), priorSize: this.#in.uint32() };
      case "ArrayErase":
        return { kind, table, pk, field, path, priorSize: this.#in.uint32() };
    }
  }

  #tableSpec(): TableSpec {
    const start = this.#in.offset;
    const code = this.#in.uint(0xff);
    if (code === tableCodes.embedded) return { kind: "embedded" };
    if (code !== tableCodes.topLevel && code !== tableCodes.topLevelAsymmetric) {
      return this.#in.fail(`unknown table type ${code}`, start);
    }
    return {
      kind: "topLevel",
      pkField: this.#string(),
      pkType: this.#primaryKeyType(),
      pkNullable: this.#in.bool(),
      isAsymmetric: code === tableCodes.topLevelAsymmetric,
    };
  }

  #string(): string {
    const start = this.#in.offset;
    const index = this.#in.uint32();
    return this.#interned[index] ?? this.#in.fail(`interned string ${index} is not defined`, start);
  }

  #path(): PathElement[] {
    const length = this.#in.uint32();
    const path: PathElement[] = [];
    // Not allocated up front: the length is only a claim, while each element read is backed by a byte.
    for (let i = 0; i < length; i++) {
      const index = this.#in.int(Number.MIN_SAFE_INTEGER, 0xffff_ffff);
      path.push(index < 0 ? this.#string() : index);
    }
    return path;
  }

  #typeName(): TypeName {
    const start = this.#in.offset;
    const code = this.#in.int(-0x80, 0x7f);
    return typesByCode.get(code) ?? this.#in.fail(`unknown type ${code}`, start);
  }

  #primaryKeyType(): PrimaryKeyType {
    const start = this.#in.offset;
    const type = this.#typeName();
    switch (type) {
      case "int":
      case "string":
      case "objectId":
      case "uuid":
      case "globalKey":
        return type;
      default:
        return this.#in.fail(`a primary key cannot be of type ${type}`, start);
    }
  }

  #collection(): CollectionType {
    const start = this.#in.offset;
    const code = this.#in.uint(0xff);
    return collectionsByCode.get(code) ?? this.#in.fail(`unknown collection type ${code}`, start);
  }

  #primaryKey(): PrimaryKey {
    const start = this.#in.offset;
    const kind = this.#typeName();
    switch (kind) {
      case "null":
        return { kind };
      case "int":
        return { kind, value: this.#in.bigInt64() };
      case "string":
        return { kind, value: this.#string() };
      case "objectId":
        return { kind, value: this.#in.hex(12) };
      case "uuid":
        return { kind, value: this.#uuid() };
      case "globalKey":
        return { kind, hi: this.#in.bigUint64(), lo: this.#in.bigUint64() };
      default:
        return this.#in.fail(`a primary key cannot be of type ${kind}`, start);
    }
  }

  #payload(): Payload {
    const start = this.#in.offset;
    const kind = this.#typeName();
    switch (kind) {
      case "null":
      case "object":
      case "dictionary":
      case "erased":
        return { kind };
      case "int":
        return { kind, value: this.#in.bigInt64() };
      case "bool":
        return { kind, value: this.#in.bool() };
      case "string":
        return { kind, value: this.#in.text(maxStringSizeBytes) };
      case "binary":
        return { kind, bytes: this.#in.raw(this.#in.uint(Number.MAX_SAFE_INTEGER)) };
      case "timestamp":
        return this.#timestamp();
      case "float":
        return { kind, value: this.#in.float() };
      case "double":
        return { kind, value: this.#in.double() };
      case "decimal128":
        return { kind, bytes: this.#decimal() };
      case "link":
        return { kind, table: this.#string(), pk: this.#primaryKey() };
      case "objectId":
        return { kind, value: this.#in.hex(12) };
      case "uuid":
        return { kind, value: this.#uuid() };
      case "globalKey":
        return this.#in.fail("a global key is not a value", start);
    }
  }

  #timestamp(): Payload {
    const start = this.#in.offset;
    const seconds = this.#in.bigInt64();
    const nanoseconds = this.#in.int(-999_999_999, 999_999_999);
    if ((seconds < 0n && nanoseconds > 0) || (seconds > 0n && nanoseconds < 0)) {
      this.#in.fail("seconds and nanoseconds of a timestamp have opposite signs", start);
    }
    return { kind: "timestamp", seconds, nanoseconds };
  }

  #uuid(): string {
    const digits = this.#in.hex(16);
    return [
      digits.slice(0, 8),
      digits.slice(8, 12),
      digits.slice(12, 16),
      digits.slice(16, 20),
      digits.slice(20),
    ].join("-");
  }

  #decimal(): Uint8Array {
    const start = this.#in.offset;
    const coefficient = this.#in.unsignedGroups(17);
    const high = coefficient >> 64n;
    if (high >> decimalHighCoefficientBits !== 0n)
      this.#in.fail("coefficient of a decimal is too large", start);
    const maxBiased = 2 ** Number(decimalExponentBits) - 1;
    const exponent = this.#in.int(-decimalExponentBias, maxBiased - decimalExponentBias);
    const sign = this.#in.int(-0x8000_0000, 0x7fff_ffff) === 0 ? 0n : 1n;
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt.asUintN(64, coefficient), true);
    const biased = BigInt(exponent + decimalExponentBias);
    view.setBigUint64(8, high | (biased << decimalHighCoefficientBits) | (sign << 63n), true);
    return bytes;
  }
}

function byCode<Name extends string>(codes: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.entries(codes) as [Name, number][]).map(([name, code]) => [code, name]));
}

const kindsByCode = byCode(instructionCodes);
const typesByCode = byCode(typeCodes);
const collectionsByCode = byCode(collectionCodes);
