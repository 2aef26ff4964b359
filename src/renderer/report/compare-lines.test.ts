import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareLines } from "./compare-lines";

const text = fc
  .array(fc.constantFrom("milk", "eggs", "", "bread"), { maxLength: 8 })
  .map((lines) => lines.join("\n"));

describe("compareLines", () => {
  it("shows what went and what came where it stood", () => {
    expect(compareLines("milk\neggs\nbread", "milk\noats\nbread")).toEqual([
      { kind: "same", text: "milk" },
      { kind: "removed", text: "eggs" },
      { kind: "added", text: "oats" },
      { kind: "same", text: "bread" },
    ]);
  });

  it("holds both texts whole", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = compareLines(before, after);
        const without = (kind: string) =>
          lines
            .filter((line) => line.kind !== kind)
            .map((line) => line.text)
            .join("\n");
        expect(without("removed")).toBe(after);
        expect(without("added")).toBe(before);
      }),
    );
  });
});
