import { describe, expect, it } from "vitest";
import { brokenFields } from "./schema-break";

const fields = (entries: Record<string, string>) => new Map(Object.entries(entries));
const before = fields({ _id: "uuid", text: "string", children: "Note[]" });

describe("a change of the schema", () => {
  it("breaks nothing where fields are the same or only more", () => {
    expect(brokenFields(before, before)).toEqual([]);
    expect(brokenFields(before, fields({ ...Object.fromEntries(before), colour: "string?" }))).toEqual([]);
  });

  it.each([
    [{ _id: "uuid", children: "Note[]" }, "text is gone"],
    [{ _id: "uuid", text: "int", children: "Note[]" }, "text was string and is int"],
    [{ _id: "uuid", text: "string?", children: "Note[]" }, "text was string and is string?"],
  ])("is breaking where a field is gone, of another type or may be empty", (now, words) => {
    expect(brokenFields(before, fields(now))).toEqual([words]);
  });
});
