import { describe, expect, it } from "vitest";
import type { Payload } from "../changeset";
import type { Table } from "../schema/schema";
import { filterOf, passes, requiredText } from "./filter";
import { parseQuery } from "./parse";

const table: Table = { primaryKey: { field: "_id", type: "string", nullable: true }, columns: new Map() };

function query(text: string) {
  const parsed = parseQuery(text);
  if (parsed.kind === "bad") throw new Error(parsed.message);
  return parsed.query;
}

describe("a filter", () => {
  const text = (value: string): Payload => ({ kind: "string", value });
  const fields = new Map([["owner", { kind: "string", value: "ada" } as const]]);

  it("reads the primary key beside the recorded fields, and does not name it among them", () => {
    const filter = filterOf(query("_id == 'rose' AND owner == 'ada'"), table);
    expect([...filter.fields]).toEqual(["owner"]);
    expect(passes(filter, { kind: "string", value: "rose" }, fields)).toBe(true);
    expect(passes(filter, { kind: "string", value: "lily" }, fields)).toBe(false);
    expect(fields.has("_id")).toBe(false);
  });

  it("takes a missing key for null", () => {
    expect(
      passes(filterOf(query("_id == nil"), table), { kind: "null" }, new Map([["x", text("y")]]) as never),
    ).toBe(true);
  });
});

describe("the text that a query requires of a field", () => {
  it.each([
    ["owner == 'ada'", "ada"],
    ["'ada' == owner", "ada"],
    ["count > 1 AND owner == 'ada'", "ada"],
    ["(owner == 'ada' AND count > 1) AND count < 9", "ada"],
    ["owner == 'ada' OR count > 1", undefined],
    ["NOT owner == 'ada'", undefined],
    ["owner != 'ada'", undefined],
    ["owner ==[c] 'ada'", undefined],
    ["owner BEGINSWITH 'ada'", undefined],
    ["owner IN {'ada'}", undefined],
    ["gardener == 'ada'", undefined],
    ["owner == nil", undefined],
    ["TRUEPREDICATE", undefined],
  ])("by %s is %s", (text, expected) => {
    expect(requiredText(query(text), "owner")).toBe(expected);
  });
});
