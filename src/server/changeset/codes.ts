/** The numbers that stand in the bytes for instructions and types. Protocol: never renumber. */
import type { CollectionType, ColumnType, InstructionKind, PayloadKind } from "./instruction";

export const instructionCodes = {
  AddTable: 0,
  EraseTable: 1,
  CreateObject: 2,
  EraseObject: 3,
  Update: 4,
  AddInteger: 5,
  AddColumn: 6,
  EraseColumn: 7,
  ArrayInsert: 8,
  ArrayMove: 9,
  ArrayErase: 10,
  Clear: 11,
  SetInsert: 12,
  SetErase: 13,
} as const satisfies Record<InstructionKind, number>;

/** Not an instruction: defines the next entry of the intern table. */
export const internStringCode = 0x3f;

export const typeCodes = {
  erased: -4,
  dictionary: -3,
  object: -2,
  globalKey: -1,
  null: 0,
  int: 1,
  bool: 2,
  string: 3,
  binary: 4,
  timestamp: 5,
  float: 6,
  double: 7,
  decimal128: 8,
  link: 9,
  objectId: 10,
  uuid: 11,
} as const satisfies Record<PayloadKind | "globalKey", number>;

export type TypeName = keyof typeof typeCodes;

/** A column whose type is written as `null` holds mixed values. */
export function columnTypeCode(type: ColumnType): number {
  return type === "mixed" ? typeCodes.null : typeCodes[type];
}

export function columnTypeOf(type: TypeName): ColumnType {
  return type === "null" ? "mixed" : type;
}

export const tableCodes = { topLevel: 0, embedded: 1, topLevelAsymmetric: 2 } as const;

export const collectionCodes = { single: 0, list: 1, dictionary: 2, set: 3 } as const satisfies Record<
  CollectionType,
  number
>;

/** The format's own limit on one string, interned or not. */
export const maxStringSizeBytes = 0xffffef;

/** Bits of a decimal128's high word below its exponent, and the bias of the exponent. */
export const decimalHighCoefficientBits = 49n;
export const decimalExponentBits = 14n;
export const decimalExponentBias = 6176;
