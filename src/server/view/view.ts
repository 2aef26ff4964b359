/**
 * What one client may see: the objects that match its queries and that its user may read. A pure question about the
 * queryable fields of an object, so that it can be asked of any moment in the history.
 */
import { objectKey, type Payload, type PrimaryKey } from "../changeset";
import { checkQuery } from "../query/check";
import { parseQuery } from "../query/parse";
import { fieldsOf, matches, type Query } from "../query/query";
import type { Schema } from "../schema/schema";
import type { Fields } from "../storage/storage";

/** Who may read and write an object: everybody, or only the user whose id stands in the field. */
export type AccessRule = { readonly kind: "everybody" } | { readonly kind: "owner"; readonly field: string };

type ClassQuery = {
  readonly query: Query;
  /** Set when the query reads the primary key, which is no field of its own. */
  readonly keyField?: string;
};

export type View = {
  readonly userId: string;
  readonly rule: AccessRule;
  readonly queries: ReadonlyMap<string, ClassQuery>;
  /** Keys of objects that are in view whatever the queries say. */
  readonly follows?: ReadonlySet<string>;
};

export type ParsedView =
  | { readonly kind: "ok"; readonly view: View }
  | { readonly kind: "bad"; readonly message: string };

/** `body` is the JSON object a client sends: class name to query text. */
export function parseView(body: string, schema: Schema, userId: string, rule: AccessRule): ParsedView {
  const texts = queryTexts(body);
  if (!texts) return { kind: "bad", message: "The queries are not a JSON object of texts." };
  const queries = new Map<string, ClassQuery>();
  for (const [className, text] of texts) {
    const table = schema.get(className);
    if (!table) return bad(className, "the server does not know this class");
    if (!table.primaryKey) return bad(className, "embedded objects cannot be subscribed to");
    if (rule.kind === "owner") {
      const owner = table.columns.get(rule.field);
      if (owner?.type !== "string" || owner.collection !== "single") {
        return bad(className, `its objects belong to nobody, for lack of a string property "${rule.field}"`);
      }
    }
    const parsed = parseQuery(text);
    if (parsed.kind === "bad") return bad(className, parsed.message);
    const checked = checkQuery(parsed.query, className, table);
    if (checked.kind === "bad") return bad(className, checked.message);
    const keyField = table.primaryKey.field;
    const readsKey = fieldsOf(checked.query).has(keyField);
    queries.set(className, { query: checked.query, ...(readsKey && { keyField }) });
  }
  return { kind: "ok", view: { userId, rule, queries } };
}

/** The fields that must be recorded for this view, class by class. */
export function fieldsReadBy(view: View): Map<string, Set<string>> {
  const byClass = new Map<string, Set<string>>();
  for (const [className, { query, keyField }] of view.queries) {
    const fields = fieldsOf(query);
    if (keyField !== undefined) fields.delete(keyField);
    if (view.rule.kind === "owner") fields.add(view.rule.field);
    byClass.set(className, fields);
  }
  return byClass;
}

/** `fields` is null for an object that does not exist. */
export function isInView(view: View, className: string, pk: PrimaryKey, fields: Fields | null): boolean {
  if (!fields || !isPermitted(view.rule, view.userId, fields)) return false;
  if (view.follows?.has(objectKey(className, pk))) return true;
  const classQuery = view.queries.get(className);
  if (!classQuery) return false;
  const { query, keyField } = classQuery;
  return matches(
    query,
    keyField === undefined ? fields : new Map<string, Payload>(fields).set(keyField, keyValue(pk)),
  );
}

export function isPermitted(rule: AccessRule, userId: string, fields: Fields): boolean {
  return rule.kind === "everybody" || ownerOf(rule, fields) === userId;
}

export function ownerOf(rule: AccessRule, fields: Fields): string | undefined {
  if (rule.kind === "everybody") return undefined;
  const owner = fields.get(rule.field);
  return owner?.kind === "string" ? owner.value : undefined;
}

function queryTexts(body: string): [string, string][] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  const entries = Object.entries(json);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === "string")
    ? entries
    : undefined;
}

function keyValue(pk: PrimaryKey): Payload {
  return pk.kind === "globalKey" ? { kind: "null" } : pk;
}

function bad(className: string, message: string): ParsedView {
  return { kind: "bad", message: `Query for class ${className}: ${message}.` };
}
