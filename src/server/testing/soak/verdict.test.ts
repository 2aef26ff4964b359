/** The soak's judgement: what it must notice, because nothing else would. */
import { describe, expect, it } from "vitest";
import type { Document, Node } from "../../object/document";
import type { StoredObject } from "./expected-replica";
import { differencesOf, tokensAstray } from "./verdict";

const text = (value: string): Node => ({ kind: "string", value });

function stored(key: string, fields: readonly (readonly [string, Node])[]): StoredObject {
  const document: Document = new Map(fields);
  return { className: "Plant", key, pk: { kind: "string", value: key }, document };
}

describe("a replica", () => {
  const expected = {
    Plant: { a: { name: "string:fern", near: [["x", null]] }, b: { name: null, near: [] } },
  };

  it("that holds the same has no differences", () => {
    expect(differencesOf(structuredClone(expected), expected)).toEqual([]);
  });

  it("is told object and field where it differs, lacks something or has too much", () => {
    const actual = {
      Plant: { a: { name: "string:moss", near: [["x", null]] }, c: { name: null, near: [] } },
    };
    expect(differencesOf(actual, expected)).toEqual([
      'Plant a: name is "string:moss", on the server "string:fern"',
      "Plant c should not be there",
      "Plant b is missing",
    ]);
    expect(differencesOf({}, expected)).toHaveLength(2);
  });

  it("may show any object in place of a dictionary's link to one that is gone, and nothing else", () => {
    const showing = (near: unknown) => ({ Plant: { ...expected.Plant, a: { name: "string:fern", near } } });
    expect(differencesOf(showing([["x", "link:Plant:b"]]), expected)).toEqual([]);
    expect(differencesOf(showing([["y", "link:Plant:b"]]), expected)).toHaveLength(1);
    expect(differencesOf(showing([["x", "string:b"]]), expected)).toHaveLength(1);
    expect(differencesOf(showing([]), expected)).toHaveLength(1);
  });
});

describe("tokens", () => {
  const sheet = (token: string): Node => ({ kind: "embedded", fields: new Map([["token", text(token)]]) });
  const objects = [
    stored("a", [
      ["journal", { kind: "list", items: [text("t1"), text("t2"), text("t2")] }],
      ["marks", { kind: "set", items: [{ kind: "string", value: "t3" }] }],
      ["pages", { kind: "map", entries: new Map([["t4", text("t4")]]) }],
      ["sheets", { kind: "list", items: [sheet("t5")] }],
    ]),
  ];
  const token = (field: string, value: string, key = "a") => ({ className: "Plant", key, field, value });

  it("are found in lists, sets, dictionaries, embedded objects and as objects", () => {
    const all = [token("journal", "t1"), token("marks", "t3"), token("pages", "t4"), token("sheets", "t5")];
    expect(tokensAstray([...all, { className: "Plant", key: "a" }], objects)).toEqual([]);
  });

  it("that are missing, there twice, or whose object is gone are named", () => {
    const astray = [token("journal", "t9"), token("journal", "t2"), token("journal", "t1", "b")];
    expect(tokensAstray(astray, objects)).toHaveLength(3);
    expect(tokensAstray([{ className: "Plant", key: "b" }], objects)).toHaveLength(1);
  });
});
