/**
 * What a changeset says, as plain values: the fourteen instructions of the Realm sync format, their paths,
 * payloads and primary keys. Strings are resolved here; intern tables exist only in the bytes. Nothing in this
 * file computes: reading bytes is parse.ts, writing them encode.ts, comparing values identity.ts.
 *
 * Numbers: every 64-bit integer is a bigint, so that it survives the trip exactly; 32-bit counts and indices are
 * plain numbers.
 */

/** Twelve bytes as 24 lower-case hex digits. */
export type ObjectIdHex = string;

/** Sixteen bytes in the usual lower-case form with four dashes. */
export type UuidText = string;

export type PrimaryKey =
  | { readonly kind: "null" }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "objectId"; readonly value: ObjectIdHex }
  | { readonly kind: "uuid"; readonly value: UuidText }
  /** The secret key of an object in a table without a primary key; both halves are unsigned. */
  | { readonly kind: "globalKey"; readonly hi: bigint; readonly lo: bigint };

/** One value as an instruction carries it. */
export type Payload =
  | { readonly kind: "null" }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "binary"; readonly bytes: Uint8Array }
  /** Since 1970 UTC. Seconds and nanoseconds never have opposite signs; |nanoseconds| < 1e9. */
  | { readonly kind: "timestamp"; readonly seconds: bigint; readonly nanoseconds: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "double"; readonly value: number }
  /** IEEE 754-2008 decimal128, binary-integer coding, sixteen bytes little-endian (as in BSON). */
  | { readonly kind: "decimal128"; readonly bytes: Uint8Array }
  | { readonly kind: "link"; readonly table: string; readonly pk: PrimaryKey }
  | { readonly kind: "objectId"; readonly value: ObjectIdHex }
  | { readonly kind: "uuid"; readonly value: UuidText }
  /** Create an embedded object here, unless there is one already. */
  | { readonly kind: "object" }
  /** Create an empty dictionary here, unless there is one already. */
  | { readonly kind: "dictionary" }
  /** Remove this dictionary entry. */
  | { readonly kind: "erased" };

export type PayloadKind = Payload["kind"];

/** A step below a field: an index into a list, or a dictionary key or embedded object's field. */
export type PathElement = number | string;
export type Path = readonly PathElement[];

/** The value type of a column. `mixed` holds a value of any kind. */
export type ColumnType = Exclude<PayloadKind, "null"> | "globalKey" | "mixed";

export type CollectionType = "single" | "list" | "dictionary" | "set";

export type PrimaryKeyType = "int" | "string" | "objectId" | "uuid" | "globalKey";

export type TableSpec =
  | {
      readonly kind: "topLevel";
      readonly pkField: string;
      readonly pkType: PrimaryKeyType;
      readonly pkNullable: boolean;
      readonly isAsymmetric: boolean;
    }
  | { readonly kind: "embedded" };

type OnTable = { readonly table: string };
type OnObject = OnTable & { readonly pk: PrimaryKey };
type OnPath = OnObject & {
  readonly field: string;
  /** Empty when the instruction concerns the field itself. */
  readonly path: Path;
};

export type AddTable = OnTable & { readonly kind: "AddTable"; readonly spec: TableSpec };
export type EraseTable = OnTable & { readonly kind: "EraseTable" };
export type CreateObject = OnObject & { readonly kind: "CreateObject" };
export type EraseObject = OnObject & { readonly kind: "EraseObject" };

/** Sets a field, a list element or a dictionary entry. */
export type Update = OnPath & {
  readonly kind: "Update";
  readonly value: Payload;
  /** True for the value a newly created object starts with: any other write beats it. Never for list elements. */
  readonly isDefault: boolean;
  /** The size of the list before; present exactly when the path ends in an index. */
  readonly priorSize?: number;
};

export type AddInteger = OnPath & { readonly kind: "AddInteger"; readonly value: bigint };

export type AddColumn = OnTable & {
  readonly kind: "AddColumn";
  readonly field: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly collection: CollectionType;
  /** Present exactly when `type` is `link`. */
  readonly linkTarget?: string;
  /** Present exactly when `collection` is `dictionary`. */
  readonly keyType?: ColumnType;
};

export type EraseColumn = OnTable & { readonly kind: "EraseColumn"; readonly field: string };

/** The last path element is the index at which the value is inserted. */
export type ArrayInsert = OnPath & {
  readonly kind: "ArrayInsert";
  readonly value: Payload;
  readonly priorSize: number;
};

/** The last path element is the index moved from, `to` the index moved to. */
export type ArrayMove = OnPath & {
  readonly kind: "ArrayMove";
  readonly to: number;
  readonly priorSize: number;
};

/** The last path element is the index erased. */
export type ArrayErase = OnPath & { readonly kind: "ArrayErase"; readonly priorSize: number };

/** Empties the list, set or dictionary at the path. */
export type Clear = OnPath & { readonly kind: "Clear" };

/** The path names the set itself. */
export type SetInsert = OnPath & { readonly kind: "SetInsert"; readonly value: Payload };
export type SetErase = OnPath & { readonly kind: "SetErase"; readonly value: Payload };

export type SchemaInstruction = AddTable | EraseTable | AddColumn | EraseColumn;

export type PathInstruction =
  | Update
  | AddInteger
  | ArrayInsert
  | ArrayMove
  | ArrayErase
  | Clear
  | SetInsert
  | SetErase;

export type ObjectInstruction = CreateObject | EraseObject | PathInstruction;

export type Instruction = SchemaInstruction | ObjectInstruction;

export type InstructionKind = Instruction["kind"];
