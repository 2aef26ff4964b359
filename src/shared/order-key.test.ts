import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareSiblings, isOrderKey, keyBetween, keysBetween } from "./order-key";

const orderKey = fc.stringMatching(/^[0-9A-Za-z]{0,6}[1-9A-Za-z]$/);
const bound = fc.option(orderKey);

function expectBetween(before: string | null, key: string, after: string | null): void {
  expect(isOrderKey(key)).toBe(true);
  if (before !== null) expect(key > before).toBe(true);
  if (after !== null) expect(key < after).toBe(true);
}

describe("keyBetween", () => {
  it("starts in the middle and appends and prepends by one", () => {
    expect(keyBetween(null, null)).toBe("V");
    expect(keyBetween("V", null)).toBe("W");
    expect(keyBetween(null, "V")).toBe("U");
  });

  it("is strictly between any two order keys", () => {
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        fc.pre(a === null || b === null || a !== b);
        const [before, after] = a !== null && b !== null && a > b ? [b, a] : [a, b];
        expectBetween(before, keyBetween(before, after), after);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is between keys that differ only in how far they go on", () => {
    for (const [before, after] of [
      ["z", null],
      ["zz", null],
      [null, "1"],
      [null, "01"],
      [null, "0001"],
      ["V", "V1"],
      ["V", "V01"],
      ["Vz", "W"],
      ["Vzz", "W"],
      ["1", "11"],
      ["Az", "B1"],
    ] as const) {
      expectBetween(before, keyBetween(before, after), after);
    }
  });

  it.each(["right after the last", "always first", "after a fixed left", "before a fixed right"])(
    "stays short through 10 000 inserts %s",
    (spot) => {
      const inside = spot.includes("fixed");
      let low: string | null = inside ? "V" : null;
      let high: string | null = inside ? "W" : null;
      let longest = 0;
      for (let made = 0; made < 10_000; made += 1) {
        const key = keyBetween(low, high);
        expectBetween(low, key, high);
        longest = Math.max(longest, key.length);
        if (spot === "always first" || spot === "after a fixed left") high = key;
        else low = key;
      }
      expect(longest).toBeLessThanOrEqual(10);
    },
  );

  it("grows by at most half a digit an insert when the sides alternate", () => {
    let low = "V";
    let high = "W";
    for (let made = 0; made < 1_000; made += 1) {
      const key = keyBetween(low, high);
      expectBetween(low, key, high);
      if (made % 2 === 0) low = key;
      else high = key;
    }
    expect(low.length).toBeLessThan(520);
  });

  it("keeps a total order through inserts at random places", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 300 }), (places) => {
        const keys: string[] = [];
        for (const place of places) {
          const index = place % (keys.length + 1);
          keys.splice(index, 0, keyBetween(keys[index - 1] ?? null, keys[index] ?? null));
        }
        expect(keys).toEqual([...new Set(keys)].sort());
      }),
    );
  });

  it("answers an order key right after the first of two equal or reversed keys", () => {
    expect(keyBetween("V", "V")).toBe("W");
    expect(keyBetween("b", "a")).toBe("c");
  });

  it("answers an order key for whatever another client wrote", () => {
    fc.assert(
      fc.property(fc.option(fc.string()), fc.option(fc.string()), (before, after) => {
        expect(isOrderKey(keyBetween(before, after))).toBe(true);
      }),
    );
    expect(keyBetween("", "V")).toBe("U");
    expect(isOrderKey(keyBetween(null, ""))).toBe(true);
    expect(isOrderKey(keyBetween("V", "V000"))).toBe(true);
    expect(keyBetween("V-7", "X") > "V-7").toBe(true);
  });
});

describe("keysBetween", () => {
  it("gives as many rising keys as asked, inside the bounds", () => {
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 0, max: 200 }), (a, b, count) => {
        fc.pre(a === null || b === null || a !== b);
        const [before, after] = a !== null && b !== null && a > b ? [b, a] : [a, b];
        const keys = keysBetween(before, after, count);
        expect(keys).toHaveLength(count);
        expect(keys).toEqual([...new Set(keys)].sort());
        for (const key of keys) expectBetween(before, key, after);
      }),
    );
  });

  it("stays short for 100 000 siblings", () => {
    expect(keysBetween(null, null, 100_000).at(-1)?.length).toBeLessThanOrEqual(8);
  });
});

describe("compareSiblings", () => {
  it("orders by key by code unit, then by id", () => {
    const rows = [
      { orderKey: "a", id: "2" },
      { orderKey: "Z", id: "9" },
      { orderKey: "a", id: "1" },
    ];
    expect(rows.toSorted(compareSiblings).map(({ id }) => id)).toEqual(["9", "1", "2"]);
    expect(compareSiblings({ orderKey: "a", id: "1" }, { orderKey: "a", id: "1" })).toBe(0);
  });
});
