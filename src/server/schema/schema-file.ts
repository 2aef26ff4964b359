/**
 * A schema as people write it, in JSON: classes with their properties and types in the short notation of the Realm
 * SDK. Reading says what is wrong and where; what is written can be read again.
 */
import type { ColumnType, PrimaryKeyType } from "../changeset";
import {
  type Column,
  emptySchema,
  extendSchema,
  type Schema,
  schemaInstructions,
  type Table,
} from "./schema";

export type SchemaFile = { readonly classes: Readonly<Record<string, ClassFile>> };

export type ClassFile = {
  /** The name of the property; absent exactly for embedded classes. */
  readonly primaryKey?: string;
  readonly embedded?: true;
  /** `string`, `date?`, `int[]`, `string<>`, `mixed{}`, `Note`, `Note[]` … */
  readonly properties: Readonly<Record<string, string>>;
};

export type SchemaRead =
  | { readonly kind: "ok"; readonly schema: Schema }
  | { readonly kind: "bad"; readonly problems: readonly string[] };

/** The SDK's words for the column types that are named otherwise on the wire. */
const wordOfType: Partial<Record<ColumnType, string>> = { binary: "data", timestamp: "date" };

const typeOfWord: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ["int", "int"],
  ["bool", "bool"],
  ["string", "string"],
  ["data", "binary"],
  ["date", "timestamp"],
  ["float", "float"],
  ["double", "double"],
  ["decimal128", "decimal128"],
  ["objectId", "objectId"],
  ["uuid", "uuid"],
  ["mixed", "mixed"],
]);

const keyTypes: ReadonlySet<ColumnType> = new Set<ColumnType>(["int", "string", "objectId", "uuid"]);
const collections = { "": "single", "[]": "list", "<>": "set", "{}": "dictionary" } as const;

export function schemaToFile(schema: Schema): SchemaFile {
  return { classes: Object.fromEntries([...schema].map(([name, table]) => [name, classToFile(table)])) };
}

export function readSchemaFile(json: unknown): SchemaRead {
  const problems: string[] = [];
  const file = recordAt(json, "the schema", problems);
  const classes = recordAt(file?.classes, "classes", problems) ?? {};
  for (const name of Object.keys(file ?? {})) {
    if (name !== "classes") problems.push(`unknown name "${name}"; known is classes`);
  }
  const draft = new Map<string, Table>();
  for (const [name, content] of Object.entries(classes)) {
    const table = readClass(name, content, new Set(Object.keys(classes)), problems);
    if (table) draft.set(name, table);
  }
  if (problems.length > 0) return { kind: "bad", problems };
  return checked(draft);
}

/** What the server itself asks of a schema. */
function checked(draft: Schema): SchemaRead {
  let schema = emptySchema;
  for (const instruction of schemaInstructions(draft)) {
    const change = extendSchema(schema, instruction);
    if (change.kind === "conflict") return { kind: "bad", problems: [change.message] };
    schema = change.schema;
  }
  return { kind: "ok", schema };
}

function classToFile({ primaryKey, columns }: Table): ClassFile {
  const properties: Record<string, string> = {};
  if (primaryKey) properties[primaryKey.field] = `${primaryKey.type}${primaryKey.nullable ? "?" : ""}`;
  for (const [name, column] of columns) properties[name] = typeText(column);
  return primaryKey ? { primaryKey: primaryKey.field, properties } : { embedded: true, properties };
}

/** As the SDK writes it; equal exactly when two columns are the same. */
export function typeText(column: Column): string {
  const { type, nullable, collection, linkTarget } = column;
  const suffix = Object.entries(collections).find(([, kind]) => kind === collection)?.[0] ?? "";
  const word = linkTarget ?? wordOfType[type] ?? type;
  return `${word}${nullable && !isAlwaysNullable(column) ? "?" : ""}${suffix}`;
}

/** Of a single link, a dictionary of links and everything mixed, the SDK makes nullable ones without being told. */
function isAlwaysNullable({ type, collection }: Pick<Column, "type" | "collection">): boolean {
  return type === "mixed" || (type === "link" && (collection === "single" || collection === "dictionary"));
}

function readClass(
  name: string,
  json: unknown,
  classNames: ReadonlySet<string>,
  problems: string[],
): Table | undefined {
  const at = `classes.${name}`;
  const content = recordAt(json, at, problems);
  if (!/^[A-Za-z_]\w{0,56}$/.test(name)) problems.push(`${at}: is no name for a class`);
  const properties = recordAt(content?.properties, `${at}.properties`, problems);
  if (!content || !properties) return undefined;
  for (const word of Object.keys(content)) {
    if (!["primaryKey", "embedded", "properties"].includes(word))
      problems.push(`${at}: unknown name "${word}"; known are primaryKey, embedded, properties`);
  }
  const { primaryKey: keyField, embedded } = content;
  if (embedded !== undefined && embedded !== true && embedded !== false)
    problems.push(`${at}.embedded: must be true or absent`);
  if ((keyField === undefined) !== (embedded === true))
    problems.push(`${at}: needs either a primaryKey or "embedded": true`);
  let primaryKey: Table["primaryKey"];
  const columns = new Map<string, Column>();
  for (const [field, type] of Object.entries(properties)) {
    const column = readType(type, `${at}.properties.${field}`, classNames, problems);
    if (!column) continue;
    if (field !== keyField) columns.set(field, column);
    else if (column.collection === "single" && keyTypes.has(column.type)) {
      primaryKey = { field, type: column.type as PrimaryKeyType, nullable: column.nullable };
    } else problems.push(`${at}.properties.${field}: a primary key is ${[...keyTypes].join(", ")}`);
  }
  if (keyField !== undefined && !Object.hasOwn(properties, String(keyField)))
    problems.push(`${at}.primaryKey: there is no property ${JSON.stringify(keyField)}`);
  return { ...(primaryKey && { primaryKey }), columns };
}

function readType(
  json: unknown,
  at: string,
  classNames: ReadonlySet<string>,
  problems: string[],
): Column | undefined {
  const match = typeof json === "string" ? /^(\w+)(\??)(\[\]|<>|\{\}|)$/.exec(json) : null;
  const [, word = "", mark, suffix] = match ?? [];
  const type = typeOfWord.get(word) ?? (classNames.has(word) ? "link" : undefined);
  if (!match || type === undefined) {
    const known = [...typeOfWord.keys()].join(", ");
    problems.push(
      `${at}: ${JSON.stringify(json)} is no type; there are ${known} and the classes of this file,
each with ? for nullable and then [] for a list, <> for a set, {} for a dictionary`.replace("\n", " "),
    );
    return undefined;
  }
  const collection = collections[suffix as keyof typeof collections];
  return {
    type,
    nullable: mark === "?" || isAlwaysNullable({ type, collection }),
    collection,
    ...(type === "link" && { linkTarget: word }),
    ...(collection === "dictionary" && { keyType: "string" as const }),
  };
}

function recordAt(json: unknown, at: string, problems: string[]): Record<string, unknown> | undefined {
  if (typeof json === "object" && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  problems.push(`${at}: must be an object`);
  return undefined;
}
