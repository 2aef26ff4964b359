/** A whole realm in canonical form, to be compared with the server's objects. Changes nothing. */
import Realm from "realm";
import { canonicalDecimal, canonicalLink, canonicalNumber } from "./canonical";
import type { ObjectDump, ReplicaDump } from "./commands";
import { type ClassSpec, keyField, type Property, propertiesOf, type SoakSchema } from "./random-schema";

type Fields = Record<string, unknown>;

export function dumpRealm(realm: Realm, schema: SoakSchema, edition: 1 | 2): ReplicaDump["objects"] {
  const alive = new Set(
    schema.flatMap(({ name, keyType }) =>
      keyType
        ? Array.from(realm.objects<Fields>(name), (object) => canonicalLink(name, keyText(object[keyField])))
        : [],
    ),
  );
  const byName = new Map(schema.map((spec) => [spec.name, spec]));
  const dumpFields = (object: Fields, spec: ClassSpec): ObjectDump =>
    Object.fromEntries(
      propertiesOf(spec, edition).map((property) => [
        property.name,
        dumpProperty(read(object, property.name), property),
      ]),
    );
  // The SDK cannot read a mixed value, or one in a dictionary, that links to an object that is gone.
  const read = (object: Fields, name: string): unknown => {
    try {
      return object[name];
    } catch (error) {
      if (/^No object with key/.test((error as Error).message)) return null;
      throw error;
    }
  };
  const dumpProperty = (value: unknown, property: Property): unknown => {
    const inner = (held: unknown): unknown => {
      if (property.holds !== "embedded" || held === null || held === undefined) return scalar(held, property);
      const spec = byName.get(property.type);
      if (!spec) throw new Error(`no class ${property.type}`);
      return dumpFields(held as Fields, spec);
    };
    switch (property.collection) {
      case "single":
        return inner(value);
      case "list":
        return Array.from(value as Iterable<unknown>, inner);
      case "set":
        return Array.from(value as Iterable<unknown>, inner).sort();
      case "dictionary": {
        const dictionary = value as Fields;
        const keys = Object.keys(dictionary).sort();
        return keys.map((key) => [key, inner(read(dictionary, key))]);
      }
    }
  };
  const scalar = (value: unknown, { type, holds }: Property): string | null => {
    if (value === null || value === undefined) return null;
    if (holds === "link" || value instanceof Realm.Object) {
      const object = value as Realm.Object & Fields;
      // In mixed values and dictionaries, a link that leads nowhere any more may still show its object.
      const link = canonicalLink(object.objectSchema().name, keyText(object[keyField]));
      return alive.has(link) ? link : null;
    }
    return type === "mixed" && typeof value === "number"
      ? canonicalNumber(value)
      : canonicalScalar(value, type);
  };
  return Object.fromEntries(
    schema
      .filter(({ keyType }) => keyType)
      .map((spec) => [
        spec.name,
        Object.fromEntries(
          Array.from(realm.objects<Fields>(spec.name), (object) => [
            keyText(object[keyField]),
            dumpFields(object, spec),
          ]),
        ),
      ]),
  );
}

export function keyText(key: unknown): string {
  return String(key);
}

function canonicalScalar(value: unknown, type: string): string {
  switch (typeof value) {
    case "boolean":
      return `bool:${value}`;
    case "string":
      return `string:${value}`;
    case "number":
      return `${type}:${value === 0 ? 0 : value}`;
  }
  if (value instanceof Date) return `date:${value.getTime()}`;
  if (value instanceof ArrayBuffer) return `data:${Buffer.from(value).toString("hex")}`;
  if (value instanceof Realm.BSON.ObjectId) return `objectId:${value.toHexString()}`;
  if (value instanceof Realm.BSON.UUID) return `uuid:${value.toHexString()}`;
  if (value instanceof Realm.BSON.Decimal128) return canonicalDecimal(value.toString());
  throw new Error(`a value of an unknown kind: ${String(value)}`);
}
