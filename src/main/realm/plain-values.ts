// A realm's values as plain ones, whatever their type: for what is kept word for word. Reads only.

import type { Plain } from "../../shared/recovery/field-map";

/** The object with all of its fields. */
export function plainObject(object: Realm.Object): Record<string, Plain> {
  return plainFields(object, Object.keys(object.objectSchema().properties));
}

export function plainFields(object: Realm.Object, names: readonly string[]): Record<string, Plain> {
  const values = object as unknown as Record<string, unknown>;
  return Object.fromEntries(names.map((name) => [name, toPlain(values[name])]));
}

/** A link stands as the linked object's key, or whole where it has none of its own. */
function linked(object: Realm.Object): Plain {
  const { name, primaryKey } = object.objectSchema();
  if (primaryKey === undefined) return plainObject(object);
  return { class: name, key: toPlain((object as unknown as Record<string, unknown>)[primaryKey]) };
}

function toPlain(value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (typeof value !== "object") return String(value);
  if ("objectSchema" in value && typeof value.objectSchema === "function")
    return linked(value as Realm.Object);
  if ("toHexString" in value && typeof value.toHexString === "function") return String(value.toHexString());
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].map(toPlain);
  if ("_bsontype" in value) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toPlain(each)]));
}
