/**
 * What a replica must hold: the server's own objects, read from a backup of its store, seen through a client's
 * queries. Links to what is outside of the view do not show on a client; they are left out here as well.
 */
import type { PrimaryKey } from "../../changeset";
import { checkStore } from "../../check/check-store";
import { defaultValue } from "../../object/apply";
import type { Document, Node, Scalar } from "../../object/document";
import { fieldsOfDocument } from "../../object/fields";
import { Permissions } from "../../rules/permissions";
import { defaultRules, rulesOf } from "../../rules/rules";
import type { Column, Schema } from "../../schema/schema";
import { openSqliteStorage } from "../../storage/sqlite-storage";
import { isInView, parseView } from "../../view/view";
import { canonicalLink, canonicalNumber, decimalOf } from "./canonical";
import type { ObjectDump, ReplicaDump } from "./commands";
import { type Property, propertiesOf, type SoakSchema } from "./random-schema";

export type StoredObject = {
  readonly className: string;
  readonly key: string;
  readonly pk: PrimaryKey;
  readonly document: Document;
};

export type ServerCopy = {
  readonly schema: Schema;
  readonly objects: readonly StoredObject[];
  /** What is damaged in the store. */
  readonly problems: readonly string[];
};

export function readBackup(path: string): ServerCopy {
  const opened = openSqliteStorage(path);
  if (opened.kind !== "ok") throw new Error(opened.message);
  const { storage } = opened;
  try {
    const schema = storage.schema();
    const objects = [...schema].flatMap(([className, { primaryKey }]) =>
      primaryKey
        ? [...storage.objects(className)].map(({ pk, document }) => ({
            className,
            key: keyText(pk),
            pk,
            document,
          }))
        : [],
    );
    return { schema, objects, problems: checkStore(storage).map(({ where, what }) => `${where}: ${what}`) };
  } finally {
    storage.close();
  }
}

export function expectedReplica(
  copy: ServerCopy,
  schema: SoakSchema,
  edition: 1 | 2,
  ownerId: string,
  queries: ReplicaDump["queries"],
): ReplicaDump["objects"] {
  const permissions = new Permissions(rulesOf(defaultRules), { id: ownerId }, () => copy.schema);
  const parsed = parseView(JSON.stringify(queries), copy.schema, permissions);
  if (parsed.kind === "bad") throw new Error(parsed.message);
  const seen = copy.objects.filter(({ className, pk, document }) => {
    const names = copy.schema.get(className)?.columns.keys() ?? [];
    return isInView(parsed.view, className, pk, fieldsOfDocument(copy.schema, className, document, names));
  });
  const linkable = new Set(seen.map(({ className, key }) => canonicalLink(className, key)));
  const dumper = new Dumper(copy.schema, schema, edition, linkable);
  return Object.fromEntries(
    schema
      .filter(({ keyType }) => keyType)
      .map(({ name }) => [
        name,
        Object.fromEntries(
          seen
            .filter(({ className }) => className === name)
            .map(({ key, document }) => [key, dumper.fields(name, document)]),
        ),
      ]),
  );
}

class Dumper {
  readonly #columns: Schema;
  readonly #schema: SoakSchema;
  readonly #edition: 1 | 2;
  readonly #linkable: ReadonlySet<string>;

  constructor(columns: Schema, schema: SoakSchema, edition: 1 | 2, linkable: ReadonlySet<string>) {
    this.#columns = columns;
    this.#schema = schema;
    this.#edition = edition;
    this.#linkable = linkable;
  }

  fields(className: string, fields: ReadonlyMap<string, Node>): ObjectDump {
    const spec = this.#schema.find(({ name }) => name === className);
    if (!spec) throw new Error(`no class ${className}`);
    return Object.fromEntries(
      propertiesOf(spec, this.#edition).map((property) => {
        const column = this.#columns.get(className)?.columns.get(property.name);
        return [property.name, this.#property(fields.get(property.name), property, column)];
      }),
    );
  }

  #property(node: Node | undefined, property: Property, column: Column | undefined): unknown {
    const inner = (held: Node): unknown =>
      held.kind === "embedded"
        ? this.fields(property.type, held.fields)
        : this.#scalar(held as Scalar, property);
    const isShown = (held: Node): boolean =>
      held.kind !== "link" || inner(held) !== null || property.type === "mixed";
    switch (property.collection) {
      case "single":
        return inner(node ?? (column ? defaultValue(column) : { kind: "null" }));
      case "list":
        return node?.kind === "list" ? node.items.filter(isShown).map(inner) : [];
      case "set":
        return node?.kind === "set" ? node.items.filter(isShown).map(inner).sort() : [];
      case "dictionary":
        return node?.kind === "map"
          ? [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, held]) => [key, inner(held)])
          : [];
    }
  }

  #scalar(value: Scalar, { type }: Property): string | null {
    switch (value.kind) {
      case "null":
        return null;
      case "int":
      case "float":
      case "double": {
        const number = Number(value.value);
        return type === "mixed" ? canonicalNumber(number) : `${type}:${number === 0 ? 0 : number}`;
      }
      case "bool":
      case "string":
        return `${value.kind}:${value.value}`;
      case "binary":
        return `data:${Buffer.from(value.bytes).toString("hex")}`;
      case "timestamp":
        return `date:${Number(value.seconds) * 1000 + Math.trunc(value.nanoseconds / 1_000_000)}`;
      case "decimal128":
        return decimalText(value.bytes);
      case "objectId":
      case "uuid":
        return `${value.kind}:${value.value}`;
      case "link": {
        const link = canonicalLink(value.table, keyText(value.pk));
        return this.#linkable.has(link) ? link : null;
      }
    }
  }
}

function keyText(pk: PrimaryKey): string {
  return pk.kind === "null" || pk.kind === "globalKey" ? pk.kind : String(pk.value);
}

/** Only what the soak writes: finite values with coefficients of less than 64 bits. */
function decimalText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const high = view.getBigUint64(8, true);
  const coefficient = (BigInt.asUintN(49, high) << 64n) | view.getBigUint64(0, true);
  return decimalOf(high >> 63n === 1n, coefficient, Number((high >> 49n) & 0x3fffn) - 6176);
}
