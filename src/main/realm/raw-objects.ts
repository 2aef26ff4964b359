// Every object of a realm file with every field it has, as plain JSON values: for an export that leaves nothing out,
// also of fields and classes that this version of the app knows nothing of. Reads only, without a schema of ours.

import type { Sealing } from "../sealed-file";
import { Realm } from "./realm";
import { describeError } from "./realm-errors";

export type RawObject = { readonly [field: string]: unknown };

export type RawVisit =
  | { readonly kind: "ok"; readonly schemaVersion: number }
  | { readonly kind: "unreadable"; readonly message: string };

/** Calls `visit` for each object, class by class. Links are told by the primary key of what they lead to. */
export function visitRawObjects(
  path: string,
  sealing: Sealing,
  visit: (className: string, object: RawObject) => void,
): RawVisit {
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path, readOnly: true, ...sealing.realm });
    for (const { name, properties, embedded } of realm.schema) {
      if (embedded) continue;
      for (const object of realm.objects<Record<string, unknown>>(name).snapshot()) {
        const raw: Record<string, unknown> = {};
        for (const field of Object.keys(properties)) raw[field] = plainValue(object[field]);
        visit(name, raw);
      }
    }
    return { kind: "ok", schemaVersion: realm.schemaVersion };
  } catch (error) {
    return { kind: "unreadable", message: describeError(error) };
  } finally {
    realm?.close();
  }
}

function plainValue(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object") return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Realm.BSON.UUID) return value.toHexString(true);
  if (value instanceof Realm.BSON.ObjectId) return value.toHexString();
  if (value instanceof Realm.BSON.Decimal128) return value.toString();
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (value instanceof Realm.Object) return linkValue(value as Realm.Object & Record<string, unknown>);
  if (value instanceof Realm.Dictionary) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainValue(each)]));
  }
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].map(plainValue);
  return String(value);
}

/** An embedded object has no key and is told whole. */
function linkValue(object: Realm.Object & Record<string, unknown>): unknown {
  const { primaryKey, properties } = object.objectSchema();
  if (primaryKey !== undefined) return plainValue(object[primaryKey]);
  return Object.fromEntries(Object.keys(properties).map((field) => [field, plainValue(object[field])]));
}
