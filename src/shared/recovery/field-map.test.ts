import { describe, expect, it } from "vitest";
import { chooseRules, isPresentSchema, mapValues } from "./field-map";

const id = "6d0dd2c5-3b3c-4b7e-9d4f-1f9f0d8f7a10";
const parent = "0a1dd2c5-3b3c-4b7e-9d4f-1f9f0d8f7a11";

describe("the fields of another version's notes", () => {
  it("need no conversion where they are what they are here, or missing", () => {
    const published = { _id: "uuid", text: "string", children: "Note[]", isRoot: "bool", owner_id: "string" };
    expect(isPresentSchema(chooseRules(new Map(Object.entries(published))))).toBe(true);
    expect(isPresentSchema(chooseRules(new Map([["text", "string[]"]])))).toBe(false);
  });

  it("are read under their old name and type, and the rest is kept word for word", () => {
    const fields = { _id: "string", text: "string[]", parent: "Note", lastUpdated: "int?", mood: "int?" };
    const raw = {
      _id: id,
      text: ["# Milk", "two litres"],
      parent: { class: "Note", key: parent },
      lastUpdated: 12,
      mood: 7,
    };
    expect(mapValues(raw, chooseRules(new Map(Object.entries(fields))))).toEqual({
      values: { _id: id, text: "# Milk\ntwo litres", parentId: parent, lastUpdated: 12 },
      kept: { mood: 7 },
    });
  });

  it("are kept where the value cannot be told in the field of today", () => {
    const fields = new Map([
      ["isRoot", "int"],
      ["deletedAt", "bool"],
      ["text", "mixed"],
    ]);
    expect(mapValues({ isRoot: 3, deletedAt: true, text: "plain" }, chooseRules(fields))).toEqual({
      values: { text: "plain" },
      kept: { isRoot: 3, deletedAt: true },
    });
  });

  it("prefer the present name where a file has the old one as well", () => {
    const fields = new Map([
      ["changedAt", "date"],
      ["lastUpdated", "date?"],
    ]);
    const raw = { changedAt: "1970-01-01T00:00:00.005Z", lastUpdated: "1970-01-01T00:00:00.009Z" };
    expect(mapValues(raw, chooseRules(fields))).toEqual({
      values: { lastUpdated: 9 },
      kept: { changedAt: "1970-01-01T00:00:00.005Z" },
    });
  });
});
