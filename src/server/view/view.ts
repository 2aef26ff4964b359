/**
 * What one client may see: the objects that match its queries and that its user may read. A pure question about the
 * queryable fields of an object, so that it can be asked of any moment in the history.
 */
import { objectKey, type PrimaryKey } from "../changeset";
import { checkQuery } from "../query/check";
import { type Filter, filterOf, passes, requiredText } from "../query/filter";
import { parseQuery } from "../query/parse";
import type { Permissions } from "../rules/permissions";
import type { Schema } from "../schema/schema";
import type { Fields } from "../storage/storage";

export type View = {
  readonly permissions: Permissions;
  readonly queries: ReadonlyMap<string, Filter>;
  /** Keys of objects that are in view whatever the queries say. */
  readonly follows?: ReadonlySet<string>;
};

export type ParsedView =
  | { readonly kind: "ok"; readonly view: View }
  | { readonly kind: "bad"; readonly message: string };

/** `body` is the JSON object a client sends: class name to query text. */
export function parseView(body: string, schema: Schema, permissions: Permissions): ParsedView {
  const texts = queryTexts(body);
  if (!texts) return { kind: "bad", message: "The queries are not a JSON object of texts." };
  const queries = new Map<string, Filter>();
  for (const [className, text] of texts) {
    const table = schema.get(className);
    if (!table) return bad(className, "the server does not know this class");
    if (!table.primaryKey) return bad(className, "embedded objects cannot be subscribed to");
    const rule = permissions.readRule(className);
    if (rule.kind === "unfit")
      return bad(className, `its rule does not fit, so nobody may read it: ${rule.message}`);
    const parsed = parseQuery(text);
    if (parsed.kind === "bad") return bad(className, parsed.message);
    const checked = checkQuery(parsed.query, className, table);
    if (checked.kind === "bad") return bad(className, checked.message);
    queries.set(className, filterOf(checked.query, table));
  }
  return { kind: "ok", view: { permissions, queries } };
}

/** The fields that must be recorded for this view, class by class. */
export function fieldsReadBy(view: View): Map<string, Set<string>> {
  const byClass = new Map<string, Set<string>>();
  for (const [className, { fields }] of view.queries) {
    const rule = view.permissions.readRule(className);
    byClass.set(className, new Set([...fields, ...(rule.kind === "ok" ? rule.filter.fields : [])]));
  }
  return byClass;
}

/** `fields` is null for an object that does not exist. */
export function isInView(view: View, className: string, pk: PrimaryKey, fields: Fields | null): boolean {
  if (!fields || !view.permissions.mayRead(className, pk, fields)) return false;
  if (view.follows?.has(objectKey(className, pk))) return true;
  const query = view.queries.get(className);
  return query !== undefined && passes(query, pk, fields);
}

/** The one text that the field has in every object of the class in this view; undefined when there is no such text. */
export function requiredInView(view: View, className: string, field: string): string | undefined {
  const rule = view.permissions.readRule(className);
  const byRule = rule.kind === "ok" ? requiredText(rule.filter.query, field) : undefined;
  if (byRule !== undefined || view.follows) return byRule;
  const query = view.queries.get(className);
  return query && requiredText(query.query, field);
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

function bad(className: string, message: string): ParsedView {
  return { kind: "bad", message: `Query for class ${className}: ${message}.` };
}
