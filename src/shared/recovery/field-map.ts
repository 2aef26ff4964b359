// How the fields of a note in another version's file become the fields of a note here: by name and type, so that a
// field which was renamed or is of another type is read on purpose and not by chance. What no row takes is kept word
// for word (src/main/realm/leftovers.ts). Pure: values come in as plain ones, and no realm is read.

import { isNoteId } from "../note";
import type { Fields } from "./strategies/schema-break";

/** Any value of a realm as JSON has it: dates as ISO text, bytes as base64, a link as `{ class, key }`. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export type NoteField =
  | "_id"
  | "text"
  | "children"
  | "isRoot"
  | "owner_id"
  | "lastUpdated"
  | "parentId"
  | "orderKey"
  | "deletedAt"
  | "revision";

export type FieldRule = {
  /** How the field differs from that of today. A synced file's schema version is always 0: name and type tell it. */
  readonly kind: "current" | "retyped" | "renamed";
  readonly from: string;
  /** In Realm's short notation, without the mark for 'optional'. */
  readonly type: string;
  readonly to: NoteField;
  /** Undefined: this value cannot be told in the field of today, and is kept. Never called with null. */
  readonly convert: (value: Plain) => Plain | undefined;
};

const asIs = (value: Plain) => value;
const asId = (value: Plain) => (isNoteId(value) ? value : undefined);
const asIds = (value: Plain) => (Array.isArray(value) && value.every(isNoteId) ? value : undefined);
const asLinkedId = (value: Plain) => asId(keyOf(value));
const asLinkedIds = (value: Plain) => (Array.isArray(value) ? value.map(keyOf).filter(isNoteId) : undefined);
const asText = (value: Plain) => (typeof value === "object" ? undefined : String(value));
const asLines = (value: Plain) =>
  Array.isArray(value) && value.every((line) => typeof line === "string") ? value.join("\n") : undefined;
const asFlag = (value: Plain) => (value === 0 || value === 1 ? value === 1 : undefined);
const asTime = (value: Plain) => {
  const ms = typeof value === "number" || typeof value === "string" ? new Date(value).getTime() : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
};

function keyOf(value: Plain): Plain {
  return typeof value === "object" && value !== null && "key" in value ? value.key : null;
}

function row(
  kind: FieldRule["kind"],
  from: string,
  type: string,
  to: NoteField,
  convert: FieldRule["convert"],
): FieldRule {
  return { kind, from, type, to, convert };
}

/** The first row that fits gives the field its value. Whoever renames or retypes a field adds a row. */
export const noteFieldRules: readonly FieldRule[] = [
  row("current", "_id", "uuid", "_id", asId),
  row("current", "text", "string", "text", asIs),
  row("current", "children", "Note[]", "children", asLinkedIds),
  row("current", "isRoot", "bool", "isRoot", asIs),
  row("current", "owner_id", "string", "owner_id", asIs),
  row("current", "lastUpdated", "date", "lastUpdated", asTime),
  row("current", "parentId", "uuid", "parentId", asId),
  row("current", "orderKey", "string", "orderKey", asIs),
  row("current", "deletedAt", "date", "deletedAt", asTime),
  row("current", "revision", "string", "revision", asIs),
  // The same names with other types.
  row("retyped", "_id", "string", "_id", asId),
  row("retyped", "text", "string[]", "text", asLines),
  row("retyped", "text", "int", "text", asText),
  row("retyped", "text", "double", "text", asText),
  row("retyped", "text", "mixed", "text", asText),
  row("retyped", "children", "uuid[]", "children", asIds),
  row("retyped", "isRoot", "int", "isRoot", asFlag),
  row("retyped", "lastUpdated", "int", "lastUpdated", asTime),
  row("retyped", "deletedAt", "int", "deletedAt", asTime),
  row("retyped", "parentId", "string", "parentId", asId),
  row("retyped", "parentId", "Note", "parentId", asLinkedId),
  // Other names.
  row("renamed", "parent", "Note", "parentId", asLinkedId),
  row("renamed", "changedAt", "date", "lastUpdated", asTime),
];

/** Which row each field of a note is read by, where the file has the field at all. */
export function chooseRules(
  fields: Fields,
  rules: readonly FieldRule[] = noteFieldRules,
): ReadonlyMap<NoteField, FieldRule> {
  const chosen = new Map<NoteField, FieldRule>();
  for (const rule of rules) {
    const type = fields.get(rule.from)?.replace(/\?$/, "");
    if (type === rule.type && !chosen.has(rule.to)) chosen.set(rule.to, rule);
  }
  return chosen;
}

/** Whether every field that a note has here is there as it is here, or not at all: then nothing is to be converted. */
export function isPresentSchema(chosen: ReadonlyMap<NoteField, FieldRule>): boolean {
  return [...chosen.values()].every(({ kind }) => kind === "current");
}

export type MappedValues = {
  /** Times in milliseconds, ids as text; a field that is empty or was not mapped is left out. */
  readonly values: Partial<Readonly<Record<NoteField, Plain>>>;
  /** By the old names: what has no place here. */
  readonly kept: Readonly<Record<string, Plain>>;
};

export function mapValues(
  raw: Readonly<Record<string, Plain>>,
  chosen: ReadonlyMap<NoteField, FieldRule>,
): MappedValues {
  const values: Partial<Record<NoteField, Plain>> = {};
  const kept: Record<string, Plain> = { ...raw };
  for (const { from, to, convert } of chosen.values()) {
    const value = raw[from] ?? null;
    const converted = value === null ? null : convert(value);
    if (converted === undefined) continue;
    delete kept[from];
    if (converted !== null) values[to] = converted;
  }
  for (const [name, value] of Object.entries(kept)) if (isEmpty(value)) delete kept[name];
  return { values, kept };
}

function isEmpty(value: Plain): boolean {
  if (value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
