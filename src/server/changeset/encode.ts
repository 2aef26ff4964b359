/**
 * Instructions to bytes. Strings are interned where they are first used, which is what the C++ client does with
 * its own transactions: such a changeset, parsed and encoded again, comes out byte for byte the same, but for
 * definitions of strings that nothing uses.
 *
 * Instructions that cannot be written (an index beyond 32 bits, a text with a lone surrogate, a missing prior
 * size) are a bug of the caller and throw.
 */
import { ByteWriter } from "./byte-writer";
import {
  collectionCodes,
  columnTypeCode,
  decimalExponentBias,
  decimalExponentBits,
  decimalHighCoefficientBits,
  instructionCodes,
  internStringCode,
  maxStringSizeBytes,
  tableCodes,
  typeCodes,
} from "./codes";
import type { Instruction, Path, PathInstruction, Payload, PrimaryKey } from "./instruction";

export function encodeChangeset(instructions: readonly Instruction[]): Uint8Array {
  const encoder = new ChangesetEncoder();
  for (const instruction of instructions) encoder.write(instruction);
  return encoder.bytes();
}

/** The same, handing over the control after every so many instructions. */
export function* encodeChangesetInSlices(
  instructions: readonly Instruction[],
  perSlice: number,
): Generator<void, Uint8Array> {
  const encoder = new ChangesetEncoder();
  for (const [index, instruction] of instructions.entries()) {
    encoder.write(instruction);
    if (index % perSlice === perSlice - 1) yield;
  }
  return encoder.bytes();
}

class ChangesetEncoder {
  readonly #out = new ByteWriter();
  readonly #interned = new Map<string, number>();

  bytes(): Uint8Array {
    return this.#out.bytes();
  }

  write(instruction: Instruction): void {
    this.#internStringsOf(instruction);
    const out = this.#out;
    out.uint(instructionCodes[instruction.kind]);
    this.#reference(instruction.table);
    switch (instruction.kind) {
      case "AddTable": {
        const { spec } = instruction;
        if (spec.kind === "embedded") {
          out.uint(tableCodes.embedded);
          return;
        }
        out.uint(spec.isAsymmetric ? tableCodes.topLevelAsymmetric : tableCodes.topLevel);
        this.#reference(spec.pkField);
        out.int(typeCodes[spec.pkType]);
        out.bool(spec.pkNullable);
        return;
      }
      case "EraseTable":
        return;
      case "AddColumn":
        this.#reference(instruction.field);
        out.int(columnTypeCode(instruction.type));
        out.bool(instruction.nullable);
        out.uint(collectionCodes[instruction.collection]);
        if (instruction.type === "link") this.#reference(required(instruction.linkTarget, "linkTarget"));
        if (instruction.collection === "dictionary") {
          out.int(columnTypeCode(required(instruction.keyType, "keyType")));
        }
        return;
      case "EraseColumn":
        this.#reference(instruction.field);
        return;
      case "CreateObject":
      case "EraseObject":
        this.#primaryKey(instruction.pk);
        return;
      default:
        this.#primaryKey(instruction.pk);
        this.#reference(instruction.field);
        this.#path(instruction.path);
        this.#pathOperands(instruction);
    }
  }

  #pathOperands(instruction: PathInstruction): void {
    const out = this.#out;
    switch (instruction.kind) {
      case "Update":
        this.#payload(instruction.value);
        if (endsInIndex(instruction.path)) out.uint32(required(instruction.priorSize, "priorSize"));
        else out.bool(instruction.isDefault);
        return;
      case "AddInteger":
        out.bigInt(instruction.value);
        return;
      case "ArrayInsert":
        requireIndex(instruction);
        this.#payload(instruction.value);
        out.uint32(instruction.priorSize);
        return;
      case "ArrayMove":
        requireIndex(instruction);
        out.uint32(instruction.to);
        out.uint32(instruction.priorSize);
        return;
      case "ArrayErase":
        requireIndex(instruction);
        out.uint32(instruction.priorSize);
        return;
      case "Clear":
        // A prior size stands here for the sake of old peers; nobody reads it.
        out.uint(0);
        return;
      case "SetInsert":
      case "SetErase":
        this.#payload(instruction.value);
        return;
    }
  }

  /** Definitions must stand before the instruction that refers to them. */
  #internStringsOf(instruction: Instruction): void {
    this.#intern(instruction.table);
    if ("pk" in instruction) this.#internKey(instruction.pk);
    if ("field" in instruction) this.#intern(instruction.field);
    if ("path" in instruction) {
      for (const element of instruction.path) if (typeof element === "string") this.#intern(element);
    }
    if (
      "value" in instruction &&
      typeof instruction.value === "object" &&
      instruction.value.kind === "link"
    ) {
      this.#intern(instruction.value.table);
      this.#internKey(instruction.value.pk);
    }
    if (instruction.kind === "AddTable" && instruction.spec.kind === "topLevel") {
      this.#intern(instruction.spec.pkField);
    }
    if (instruction.kind === "AddColumn" && instruction.linkTarget !== undefined) {
      this.#intern(instruction.linkTarget);
    }
  }

  #internKey(pk: PrimaryKey): void {
    if (pk.kind === "string") this.#intern(pk.value);
  }

  #intern(text: string): void {
    if (this.#interned.has(text)) return;
    const index = this.#interned.size;
    this.#interned.set(text, index);
    this.#out.uint(internStringCode);
    this.#out.uint(index);
    this.#out.text(text, maxStringSizeBytes);
  }

  #reference(text: string): void {
    this.#out.uint(required(this.#interned.get(text), "interned string"));
  }

  #primaryKey(pk: PrimaryKey): void {
    const out = this.#out;
    out.int(typeCodes[pk.kind]);
    switch (pk.kind) {
      case "null":
        return;
      case "int":
        out.bigInt(pk.value);
        return;
      case "string":
        this.#reference(pk.value);
        return;
      case "objectId":
        out.hex(pk.value, 12);
        return;
      case "uuid":
        out.hex(pk.value.replaceAll("-", ""), 16);
        return;
      case "globalKey":
        out.bigUint(pk.hi);
        out.bigUint(pk.lo);
        return;
    }
  }

  #path(path: Path): void {
    this.#out.uint32(path.length);
    for (const element of path) {
      if (typeof element === "number") {
        this.#out.uint32(element);
      } else {
        this.#out.int(-1);
        this.#reference(element);
      }
    }
  }

  #payload(value: Payload): void {
    const out = this.#out;
    out.int(typeCodes[value.kind]);
    switch (value.kind) {
      case "null":
      case "object":
      case "dictionary":
      case "erased":
        return;
      case "int":
        out.bigInt(value.value);
        return;
      case "bool":
        out.bool(value.value);
        return;
      case "string":
        out.text(value.value, maxStringSizeBytes);
        return;
      case "binary":
        out.uint(value.bytes.length);
        out.raw(value.bytes);
        return;
      case "timestamp":
        out.bigInt(value.seconds);
        out.int(value.nanoseconds);
        return;
      case "float":
        out.float(value.value);
        return;
      case "double":
        out.double(value.value);
        return;
      case "decimal128":
        this.#decimal(value.bytes);
        return;
      case "link":
        this.#reference(value.table);
        this.#primaryKey(value.pk);
        return;
      case "objectId":
        out.hex(value.value, 12);
        return;
      case "uuid":
        out.hex(value.value.replaceAll("-", ""), 16);
        return;
    }
  }

  #decimal(bytes: Uint8Array): void {
    if (bytes.length !== 16) throw new RangeError(`a decimal128 has 16 bytes, not ${bytes.length}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    const low = view.getBigUint64(0, true);
    const high = view.getBigUint64(8, true);
    const coefficient = (BigInt.asUintN(Number(decimalHighCoefficientBits), high) << 64n) | low;
    const exponent = Number(BigInt.asUintN(Number(decimalExponentBits), high >> decimalHighCoefficientBits));
    this.#out.bigUint(coefficient, 17);
    this.#out.int(exponent - decimalExponentBias);
    this.#out.bool(high >> 63n === 1n);
  }
}

function endsInIndex(path: Path): boolean {
  return typeof path.at(-1) === "number";
}

function requireIndex(instruction: PathInstruction): void {
  if (!endsInIndex(instruction.path)) throw new TypeError(`${instruction.kind} without an index in its path`);
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`instruction without ${name}`);
  return value;
}
