// What a safety copy holds that has no place in this version's notes: fields that `Note` does not have here, and
// objects of other classes. Kept word for word, as plain values, so that no version ever loses what another wrote.

import { isDeepStrictEqual } from "node:util";
import { openForReading } from "./backup-realm";
import { idOf, type NoteObject } from "./note-objects";
import { noteSchema } from "./schema";

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export type Leftovers = {
  /** By note, and then by field. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, Plain>>>>;
  /** By class: every object, with all of its fields. */
  readonly objects: Readonly<Record<string, readonly Plain[]>>;
};

/** Null where everything has a place, or where the copy cannot be read: that is said elsewhere. */
export function readLeftovers(path: string): Leftovers | null {
  const read = openForReading(path, (realm) => ({ kind: "ok" as const, leftovers: collect(realm) }));
  return read.kind === "ok" ? read.leftovers : null;
}

function collect(realm: Realm): Leftovers | null {
  const fields: Record<string, Record<string, Plain>> = {};
  const objects: Record<string, Plain[]> = {};
  for (const schema of realm.schema) {
    if (schema.embedded === true) continue;
    if (schema.name === noteSchema.name) {
      const unknown = Object.keys(schema.properties).filter((name) => !(name in noteSchema.properties));
      if (unknown.length === 0) continue;
      for (const object of realm.objects<NoteObject>(schema.name)) {
        const values = unknown
          .map((name) => [name, toPlain((object as unknown as Record<string, unknown>)[name])] as const)
          .filter(([, value]) => !isEmpty(value));
        if (values.length > 0) fields[idOf(object)] = Object.fromEntries(values);
      }
    } else {
      const all = realm.objects(schema.name);
      if (all.length > 0) objects[schema.name] = all.map((object) => ofObject(object, false));
    }
  }
  return isNothing({ fields, objects }) ? null : { fields, objects };
}

function isEmpty(value: Plain): boolean {
  return value === null || isDeepStrictEqual(value, []) || isDeepStrictEqual(value, {});
}

/** What is in `found` and not the same in `elsewhere`, as the server sends what other versions have written. */
export function notIn(elsewhere: Leftovers | null, found: Leftovers): Leftovers | null {
  if (elsewhere === null) return found;
  const fields: Record<string, Record<string, Plain>> = {};
  for (const [id, values] of Object.entries(found.fields)) {
    const own = Object.entries(values).filter(
      ([name, value]) => !isDeepStrictEqual(value, elsewhere.fields[id]?.[name]),
    );
    if (own.length > 0) fields[id] = Object.fromEntries(own);
  }
  const objects: Record<string, readonly Plain[]> = {};
  for (const [name, all] of Object.entries(found.objects)) {
    const there = elsewhere.objects[name] ?? [];
    const own = all.filter((object) => !there.some((each) => isDeepStrictEqual(each, object)));
    if (own.length > 0) objects[name] = own;
  }
  return isNothing({ fields, objects }) ? null : { fields, objects };
}

function isNothing({ fields, objects }: Leftovers): boolean {
  return Object.keys(fields).length === 0 && Object.keys(objects).length === 0;
}

/** A link stands as the linked object's key, or whole where it has none of its own. */
function ofObject(object: Realm.Object, asLink: boolean): Plain {
  const { name, primaryKey, properties } = object.objectSchema();
  const values = object as unknown as Record<string, unknown>;
  if (asLink && primaryKey !== undefined) return { class: name, key: toPlain(values[primaryKey]) };
  return Object.fromEntries(Object.keys(properties).map((each) => [each, toPlain(values[each])]));
}

function toPlain(value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (typeof value !== "object") return String(value);
  if ("objectSchema" in value && typeof value.objectSchema === "function") {
    return ofObject(value as Realm.Object, true);
  }
  if ("toHexString" in value && typeof value.toHexString === "function") return String(value.toHexString());
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].map(toPlain);
  if ("_bsontype" in value) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toPlain(each)]));
}
