/**
 * The server's schema: which classes there are, their primary keys and columns. It grows by the instructions that
 * clients upload and never shrinks. Pure: `extendSchema` answers with a new schema, or says what does not fit.
 */
import type {
  AddColumn,
  AddTable,
  CollectionType,
  ColumnType,
  Instruction,
  PrimaryKeyType,
  SchemaInstruction,
} from "../changeset";

export type Column = {
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly collection: CollectionType;
  readonly linkTarget?: string;
  readonly keyType?: ColumnType;
};

export type PrimaryKeyColumn = {
  readonly field: string;
  readonly type: PrimaryKeyType;
  readonly nullable: boolean;
};

export type Table = {
  /** Absent for embedded classes. */
  readonly primaryKey?: PrimaryKeyColumn;
  readonly columns: ReadonlyMap<string, Column>;
};

export type Schema = ReadonlyMap<string, Table>;

export const emptySchema: Schema = new Map();

export type SchemaChange =
  | { readonly kind: "ok"; readonly schema: Schema; readonly isExtended: boolean }
  | { readonly kind: "conflict"; readonly message: string };

export function isSchemaInstruction(instruction: Instruction): instruction is SchemaInstruction {
  switch (instruction.kind) {
    case "AddTable":
    case "EraseTable":
    case "AddColumn":
    case "EraseColumn":
      return true;
    default:
      return false;
  }
}

export function extendSchema(schema: Schema, instruction: SchemaInstruction): SchemaChange {
  switch (instruction.kind) {
    case "AddTable":
      return addTable(schema, instruction);
    case "AddColumn":
      return addColumn(schema, instruction);
    case "EraseTable":
    case "EraseColumn":
      return conflict(`Class ${instruction.table}: classes and properties cannot be removed by a client.`);
  }
}

/** The instructions that build this schema from nothing, classes before the columns that may link to them. */
export function schemaInstructions(schema: Schema): SchemaInstruction[] {
  const tables: SchemaInstruction[] = [];
  const columns: SchemaInstruction[] = [];
  for (const [name, table] of schema) {
    tables.push({
      kind: "AddTable",
      table: name,
      spec: table.primaryKey
        ? {
            kind: "topLevel",
            pkField: table.primaryKey.field,
            pkType: table.primaryKey.type,
            pkNullable: table.primaryKey.nullable,
            isAsymmetric: false,
          }
        : { kind: "embedded" },
    });
    for (const [field, column] of table.columns)
      columns.push({ kind: "AddColumn", table: name, field, ...column });
  }
  return [...tables, ...columns];
}

export function schemaToJson(schema: Schema): string {
  return JSON.stringify(
    [...schema].map(([name, { primaryKey, columns }]) => ({ name, primaryKey, columns: [...columns] })),
  );
}

/** Reads only what `schemaToJson` wrote. */
export function schemaFromJson(json: string): Schema {
  const tables = JSON.parse(json) as {
    name: string;
    primaryKey?: PrimaryKeyColumn;
    columns: [string, Column][];
  }[];
  return new Map(
    tables.map(({ name, primaryKey, columns }) => [
      name,
      { ...(primaryKey && { primaryKey }), columns: new Map(columns) },
    ]),
  );
}

function addTable(schema: Schema, { table, spec }: AddTable): SchemaChange {
  const existing = schema.get(table);
  if (spec.kind === "topLevel" && spec.isAsymmetric) {
    return conflict(`Class ${table}: asymmetric classes are not supported.`);
  }
  if (spec.kind === "topLevel" && spec.pkType === "globalKey") {
    return conflict(`Class ${table} needs a primary key to be synchronised.`);
  }
  const primaryKey =
    spec.kind === "topLevel"
      ? { field: spec.pkField, type: spec.pkType, nullable: spec.pkNullable }
      : undefined;
  if (!existing) {
    return extended(schema, table, { ...(primaryKey && { primaryKey }), columns: new Map() });
  }
  if (Boolean(existing.primaryKey) !== Boolean(primaryKey)) {
    return conflict(
      `Class ${table} is ${existing.primaryKey ? "not " : ""}embedded on the server, the app has it the other way.`,
    );
  }
  if (
    primaryKey &&
    existing.primaryKey &&
    (existing.primaryKey.field !== primaryKey.field ||
      existing.primaryKey.type !== primaryKey.type ||
      existing.primaryKey.nullable !== primaryKey.nullable)
  ) {
    const text = ({ field, type, nullable }: PrimaryKeyColumn): string =>
      `${field}: ${type}${nullable ? "?" : ""}`;
    return conflict(
      `Class ${table}: the primary key is "${text(existing.primaryKey)}" on the server, ` +
        `"${text(primaryKey)}" in the app.`,
    );
  }
  return { kind: "ok", schema, isExtended: false };
}

function addColumn(schema: Schema, instruction: AddColumn): SchemaChange {
  const { table: name, field, kind: _, ...column } = instruction;
  const table = schema.get(name);
  if (!table) return conflict(`Property ${name}.${field}: there is no class ${name}.`);
  if (table.primaryKey?.field === field) {
    return conflict(`Property ${name}.${field} is the primary key of its class.`);
  }
  if (column.linkTarget !== undefined && !schema.has(column.linkTarget)) {
    return conflict(`Property ${name}.${field} links to ${column.linkTarget}, a class that is not there.`);
  }
  if (column.collection === "dictionary" && column.keyType !== "string") {
    return conflict(`Property ${name}.${field}: the keys of a dictionary must be strings.`);
  }
  const existing = table.columns.get(field);
  if (!existing) {
    const columns = new Map(table.columns).set(field, column);
    return extended(schema, name, { ...table, columns });
  }
  if (columnText(existing) !== columnText(column)) {
    return conflict(
      `Property ${name}.${field} is "${columnText(existing)}" on the server, "${columnText(column)}" in the app.`,
    );
  }
  return { kind: "ok", schema, isExtended: false };
}

/** As people write it; equal exactly when two columns are the same. */
export function columnText({ type, nullable, collection, linkTarget }: Column): string {
  const value = `${linkTarget ?? type}${nullable ? "?" : ""}`;
  switch (collection) {
    case "single":
      return value;
    case "list":
      return `${value}[]`;
    case "set":
      return `${value}<>`;
    case "dictionary":
      return `${value}{}`;
  }
}

function extended(schema: Schema, name: string, table: Table): SchemaChange {
  return { kind: "ok", schema: new Map(schema).set(name, table), isExtended: true };
}

function conflict(message: string): SchemaChange {
  return { kind: "conflict", message };
}
