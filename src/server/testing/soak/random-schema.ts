/**
 * A random schema for one garden of the soak: a few classes with properties of every type and collection, links and
 * embedded objects among them. Plain data, so that the driver and the clients know the same schema from one seed.
 */
import type { ObjectSchema, ObjectSchemaProperty } from "realm";
import type { Random } from "../random";

export const scalarTypes = [
  "int",
  "bool",
  "string",
  "data",
  "date",
  "float",
  "double",
  "decimal128",
  "objectId",
  "uuid",
  "mixed",
] as const;
export type ScalarType = (typeof scalarTypes)[number];

export type Collection = "single" | "list" | "set" | "dictionary";

export type Property = {
  readonly name: string;
  /** A scalar type, or the name of the class it links to or embeds. */
  readonly type: ScalarType | (string & {});
  readonly nullable: boolean;
  readonly collection: Collection;
  readonly holds: "scalar" | "link" | "embedded";
  /** 2: only apps of the second edition know it. */
  readonly edition: 1 | 2;
};

export type KeyType = "int" | "string" | "objectId" | "uuid";

export type ClassSpec = {
  readonly name: string;
  /** Absent for embedded classes. */
  readonly keyType?: KeyType;
  readonly properties: readonly Property[];
};

export type SoakSchema = readonly ClassSpec[];

/** The properties every top-level class has: what decides about views, and what nobody but its author ever removes. */
export const keyField = "_id";
const ownField = (name: string, type: string, collection: Collection = "single"): Property => ({
  name,
  type,
  nullable: false,
  collection,
  holds: type === "Sheet" ? "embedded" : "scalar",
  edition: 1,
});
export const viewProperties: readonly Property[] = [
  ownField("owner_id", "string"),
  ownField("kept", "bool"),
  { ...ownField("shelf", "int"), nullable: true },
  ownField("label", "string"),
];
export const tokenProperties: readonly Property[] = [
  ownField("journal", "string", "list"),
  ownField("marks", "string", "set"),
  ownField("pages", "string", "dictionary"),
  ownField("sheets", "Sheet", "list"),
];
const sheetClass: ClassSpec = {
  name: "Sheet",
  properties: [ownField("token", "string"), ownField("notes", "string", "list")],
};

const collections: readonly Collection[] = ["single", "list", "set", "dictionary"];

export function randomSchema(random: Random): SoakSchema {
  const topLevel = ["Plant", "Bed", "Tool"].slice(0, 2 + random.below(2)).map((name) => ({
    name,
    keyType: random.pick(["int", "string", "objectId", "uuid"] as const) ?? "int",
  }));
  const embedded = ["Leaf", "Vein"];
  const keyTypes = new Map<string, KeyType>(topLevel.map(({ name, keyType }) => [name, keyType]));

  const linkOf = (collection: Collection): Property | undefined => {
    const targets = topLevel.filter(({ keyType }) => collection !== "set" || keyType !== "string");
    const target = random.pick(targets);
    if (!target) return undefined;
    const nullable = collection === "single" || collection === "dictionary";
    return { name: "", type: target.name, nullable, collection, holds: "link", edition: 1 };
  };
  const embeddedOf = (name: string, collection: Collection): Property => {
    const nullable = collection === "single" || collection === "dictionary";
    return { name: "", type: name, nullable, collection, holds: "embedded", edition: 1 };
  };
  const scalarOf = (collection: Collection, type = random.pick(scalarTypes) ?? "int"): Property => ({
    name: "",
    type,
    // Nothing but mixed values in sets may be null: a client that is told to take null out of a set of any other type
    // ends its process (docs/realm.md).
    nullable: type === "mixed" || (collection !== "set" && random.chance(0.4)),
    collection,
    holds: "scalar",
    edition: 1,
  });
  const named = (properties: readonly (Property | undefined)[]): Property[] =>
    properties.flatMap((property, index) =>
      property === undefined
        ? []
        : [
            {
              ...property,
              name: `p${index}_${property.type.toLowerCase()}_${property.collection}`,
              edition: random.chance(0.15) ? 2 : 1,
            },
          ],
    );

  return [
    sheetClass,
    {
      name: "Vein",
      properties: named([
        scalarOf("single"),
        scalarOf("list"),
        scalarOf(random.pick(collections) ?? "set"),
        linkOf("single"),
      ]),
    },
    {
      name: "Leaf",
      properties: named([
        scalarOf("single"),
        scalarOf("list", "int"),
        scalarOf(random.pick(collections) ?? "set"),
        embeddedOf("Vein", "single"),
        embeddedOf("Vein", "list"),
        linkOf(random.pick(collections) ?? "list"),
      ]),
    },
    ...topLevel.map(
      ({ name }): ClassSpec => ({
        name,
        keyType: keyTypes.get(name) ?? "int",
        properties: [
          ...viewProperties,
          ...tokenProperties,
          ...named([
            ...Array.from({ length: 4 }, () => scalarOf("single")),
            ...collections.flatMap((collection) =>
              collection === "single" ? [] : [scalarOf(collection), scalarOf(collection)],
            ),
            linkOf("single"),
            linkOf("list"),
            random.chance(0.5) ? linkOf("set") : undefined,
            random.chance(0.5) ? linkOf("dictionary") : undefined,
            embeddedOf("Leaf", "single"),
            embeddedOf(random.pick(embedded) ?? "Leaf", "list"),
            random.chance(0.5) ? embeddedOf(random.pick(embedded) ?? "Leaf", "dictionary") : undefined,
          ]),
        ],
      }),
    ),
  ];
}

/** What an app of this edition knows of a class. */
export function propertiesOf(spec: ClassSpec, edition: 1 | 2): readonly Property[] {
  return spec.properties.filter((property) => property.edition <= edition);
}

export function sdkSchema(schema: SoakSchema, edition: 1 | 2): ObjectSchema[] {
  return schema.map((spec) => ({
    name: spec.name,
    ...(spec.keyType ? { primaryKey: keyField } : { embedded: true }),
    properties: {
      ...(spec.keyType && { [keyField]: spec.keyType }),
      ...Object.fromEntries(
        propertiesOf(spec, edition).map((property) => [property.name, sdkProperty(property)]),
      ),
    },
  }));
}

function sdkProperty({ type, nullable, collection, holds }: Property): string | ObjectSchemaProperty {
  // The long form knows no mixed values in collections, the short one no dictionaries of values that may be null.
  if (type === "mixed") return `mixed${collectionMarks[collection]}`;
  const optional = nullable;
  if (collection === "single")
    return holds === "scalar" ? { type, optional } : { type: "object", objectType: type, optional };
  return { type: collection, objectType: type, optional };
}

const collectionMarks: Readonly<Record<Collection, string>> = {
  single: "",
  list: "[]",
  set: "<>",
  dictionary: "{}",
};
