import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Document, Node } from "../object/document";
import { fitDocument } from "./fit-document";
import type { Schema } from "./schema";
import { compareSchemas } from "./schema-difference";
import { readSchemaFile, schemaToFile } from "./schema-file";

function schemaOf(classes: unknown): Schema {
  const read = readSchemaFile({ classes });
  if (read.kind === "bad") throw new Error(read.problems.join("\n"));
  return read.schema;
}

const garden = {
  Plant: {
    primaryKey: "_id",
    properties: {
      _id: "uuid",
      name: "string",
      height: "int?",
      seeds: "Seed[]",
      parent: "Plant",
      place: "Place",
      tags: "string<>",
      labels: "mixed{}",
      photo: "data",
      sown: "date?[]",
    },
  },
  Seed: { primaryKey: "key", properties: { key: "string?", weight: "double" } },
  Place: { embedded: true, properties: { row: "int", note: "string?" } },
};

describe("a schema file", () => {
  it("is written as it is read", () => {
    expect(JSON.stringify(schemaToFile(schemaOf(garden)))).toBe(JSON.stringify({ classes: garden }));
  });

  it("makes of links, dictionaries and mixed values what the SDK makes of them", () => {
    const { columns } = schemaOf(garden).get("Plant") ?? {};
    expect(columns?.get("parent")).toEqual({
      type: "link",
      nullable: true,
      collection: "single",
      linkTarget: "Plant",
    });
    expect(columns?.get("seeds")).toMatchObject({ nullable: false, collection: "list", linkTarget: "Seed" });
    expect(columns?.get("labels")).toMatchObject({ type: "mixed", nullable: true, keyType: "string" });
    expect(columns?.get("sown")).toMatchObject({ type: "timestamp", nullable: true, collection: "list" });
  });

  it.each<[unknown, string]>([
    [null, "the schema: must be an object"],
    [{}, "classes: must be an object"],
    [{ classes: {}, version: 1 }, 'unknown name "version"'],
    [{ classes: { Plant: { properties: {} } } }, 'classes.Plant: needs either a primaryKey or "embedded"'],
    [{ classes: { Plant: { primaryKey: "_id", properties: {} } } }, "classes.Plant.primaryKey: there is no"],
    [
      { classes: { Plant: { primaryKey: "_id", embedded: true, properties: { _id: "int" } } } },
      "needs either",
    ],
    [
      { classes: { Plant: { primaryKey: "_id", properties: { _id: "date" } } } },
      "a primary key is int, string",
    ],
    [
      { classes: { Plant: { embedded: true, properties: { a: "text" } } } },
      'properties.a: "text" is no type',
    ],
    [{ classes: { Plant: { embedded: true, properties: { a: "Rose[]" } } } }, '"Rose[]" is no type'],
    [{ classes: { Plant: { embedded: true, properties: { a: { type: "int" } } } } }, "is no type"],
    [{ classes: { "no name": { embedded: true, properties: {} } } }, "is no name for a class"],
    [{ classes: { Plant: { embedded: true, properties: {}, key: "x" } } }, 'unknown name "key"'],
  ])("%j is refused: %s", (file, problem) => {
    const read = readSchemaFile(file);
    expect(read.kind === "bad" && read.problems.join("\n")).toContain(problem);
  });

  it("never makes reading throw", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(["ok", "bad"]).toContain(readSchemaFile({ classes: json }).kind);
        expect(["ok", "bad"]).toContain(readSchemaFile({ classes: { A: json } }).kind);
      }),
    );
  });
});

describe("the difference of two schemas", () => {
  const { Plant, Seed, Place } = garden;
  const withPlant = (properties: Record<string, string>) => ({
    ...garden,
    Plant: { ...Plant, properties: { ...Plant.properties, ...properties } },
  });

  it("is nothing between equals, whatever their order", () => {
    const reordered = { Place, Seed, Plant };
    expect(compareSchemas(schemaOf(garden), schemaOf(reordered))).toEqual({
      additions: [],
      addedTexts: [],
      removals: [],
    });
  });

  it("adds classes and properties without taking anything", () => {
    const wanted = { ...withPlant({ colour: "string?" }), Bee: Seed };
    const { addedTexts, removals } = compareSchemas(schemaOf(garden), schemaOf(wanted));
    expect(addedTexts).toEqual(["class Bee", "Plant.colour: string?", "Bee.weight: double"]);
    expect(removals).toEqual([]);
  });

  it.each<[unknown, string[]]>([
    [
      { Seed, Place, Plant: { ...Plant, properties: { _id: "uuid" } } },
      Object.keys(Plant.properties).slice(1),
    ],
    [withPlant({ name: "int" }), ["Plant.name changes from string to int"]],
    [withPlant({ name: "string?" }), ["Plant.name changes from string to string?"]],
    [withPlant({ tags: "string[]" }), ["Plant.tags changes from string<> to string[]"]],
    [withPlant({ seeds: "Plant[]" }), ["Plant.seeds changes from Seed[] to Plant[]"]],
    [withPlant({ _id: "string" }), ["the primary key of class Plant changes from _id: uuid to _id: string"]],
    [{ ...garden, Seed: { ...Seed, properties: { key: "string", weight: "double" } } }, ["primary key"]],
    [
      { ...garden, Place: { primaryKey: "row", properties: Place.properties } },
      ["class Place is no longer embedded"],
    ],
    [
      { Seed, Place, Plant: { ...Plant, properties: { ...Plant.properties, seeds: "string" } } },
      ["Plant.seeds changes"],
    ],
  ])("of what is taken away says %#", (wanted, texts) => {
    const { removals } = compareSchemas(schemaOf(garden), schemaOf(wanted));
    const found = removals.map(({ text }) => text).join("\n");
    for (const text of texts) expect(found).toContain(text);
    expect(removals).toHaveLength(texts.length);
  });
});

describe("an object in another schema", () => {
  const text = (value: string): Node => ({ kind: "string", value });
  const document: Document = new Map<string, Node>([
    ["name", text("rose")],
    ["height", { kind: "null" }],
    ["tags", { kind: "set", items: [{ kind: "string", value: "red" }] }],
    ["seeds", { kind: "list", items: [{ kind: "link", table: "Seed", pk: { kind: "string", value: "s" } }] }],
    ["place", { kind: "embedded", fields: new Map([["note", text("by the wall")]]) }],
    ["labels", { kind: "map", entries: new Map([["latin", text("Rosa")]]) }],
  ]);

  function fitted(properties: Record<string, string>, others: object = {}) {
    const { Plant, ...rest } = garden;
    const schema = schemaOf({
      ...rest,
      Plant: { ...Plant, properties: { _id: "uuid", ...properties } },
      ...others,
    });
    const table = schema.get("Plant");
    if (!table) throw new Error("no table");
    const { document: kept, dropped } = fitDocument(document, table, schema);
    return { kept: [...kept.keys()], dropped: [...dropped.keys()] };
  }

  it("keeps what fits: the same types, nullable ones and mixed ones", () => {
    const { _id, ...properties } = garden.Plant.properties;
    expect(fitted(properties).dropped).toEqual([]);
    expect(fitted({ ...properties, name: "string?", labels: "string{}", tags: "mixed<>" })).toEqual({
      kept: ["name", "height", "tags", "seeds", "place", "labels"],
      dropped: [],
    });
    expect(fitted({ ...properties, name: "mixed" }).dropped).toEqual([]);
  });

  it("gives up what does not, but for null, which says nothing", () => {
    const { _id, ...properties } = garden.Plant.properties;
    expect(fitted({ name: "int", height: "int" })).toEqual({
      kept: [],
      dropped: ["name", "tags", "seeds", "place", "labels"],
    });
    expect(fitted({ ...properties, tags: "string[]", seeds: "Plant[]" }).dropped).toEqual(["tags", "seeds"]);
    const Seed = { primaryKey: "key", properties: { key: "int", weight: "double" } };
    expect(fitted(properties, { Seed }).dropped).toEqual(["seeds"]);
  });

  it("names a value inside an embedded object by its way there", () => {
    const { _id, ...properties } = garden.Plant.properties;
    const Place = { embedded: true, properties: { row: "int" } };
    expect(fitted(properties, { Place })).toMatchObject({ dropped: ["place.note"] });
  });
});
