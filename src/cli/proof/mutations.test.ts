import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { mutations } from "./mutations";

const root = resolve(import.meta.dirname, "../../..");

describe("the flaws that are planted", () => {
  it("have each other names, and F1 to F34 are all among them", () => {
    const names = mutations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(Array.from({ length: 34 }, (_, index) => `F${index + 1}`)));
  });

  it("have a place in the source as it is now, and only one", () => {
    const edits = mutations.flatMap(({ name, edits }) => edits.map((edit) => ({ name, ...edit })));
    const places = edits.map(({ name, file, find }) => {
      const text = readFileSync(resolve(root, file), "utf8");
      return { name, find, places: text.split(find).length - 1 };
    });
    expect(places.filter((each) => each.places !== 1)).toEqual([]);
  });
});
