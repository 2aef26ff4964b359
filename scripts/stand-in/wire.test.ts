import { isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeWire } from "./wire";

const wire = makeWire();
const pass = (value: unknown): unknown => wire.decode(wire.encode(value));

const cloneable = fc.anything({
  // Node 20 holds two invalid dates for different, so they have a test of their own below.
  values: [
    fc.constantFrom(null, undefined, true, false),
    fc.double(),
    fc.integer(),
    fc.string({ unit: "binary" }),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
  ],
  withBoxedValues: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

test("a value arrives as the structured clone algorithm would have copied it", () => {
  fc.assert(
    fc.property(cloneable, (value) => {
      expect(isDeepStrictEqual(pass(value), structuredClone(value))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("references keep their shape: shared, cyclic, and views on one buffer", () => {
  const shared = { name: "shared" };
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const sent = { a: shared, b: shared, self: null as unknown, bytes, tail: new Uint8Array(bytes.buffer, 2) };
  sent.self = sent;
  const got = pass(sent) as typeof sent;
  expect(got.a).toBe(got.b);
  expect(got.self).toBe(got);
  expect(got.tail.buffer).toBe(got.bytes.buffer);
  expect([...got.tail]).toEqual([3, 4]);
});

test("an error keeps its kind, message, stack and cause", () => {
  const sent = new RangeError("too far", { cause: new Map([["why", 1n]]) });
  const got = pass(sent) as RangeError;
  expect(got).toBeInstanceOf(RangeError);
  expect([got.message, got.stack, got.cause]).toEqual([sent.message, sent.stack, sent.cause]);
});

test("an invalid date, a lone surrogate and a key named __proto__ are only values", () => {
  expect(pass(new Date(Number.NaN))).toEqual(new Date(Number.NaN));
  expect(pass("\ud800")).toBe("\ud800");
  const got = pass(JSON.parse('{ "__proto__": { "polluted": true } }')) as object;
  expect(Object.keys(got)).toEqual(["__proto__"]);
  expect("polluted" in got).toBe(false);
});

test("an array keeps its holes and its named properties", () => {
  const sent = Object.assign(["a"], { name: "list" });
  sent[3] = "d";
  const got = pass(sent) as typeof sent;
  expect([got.length, 1 in got, got[3], got.name]).toEqual([4, false, "d", "list"]);
});

test.each([
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
  ["a promise", Promise.resolve()],
  ["a weak map", new WeakMap()],
  ["a function inside a map", new Map([["f", () => 1]])],
])("%s is refused with Electron's words", (_name, value) => {
  expect(() => pass(value)).toThrow("An object could not be cloned.");
});

test("it works from its own source text alone, as it does inside a page", () => {
  const text = runInNewContext(`(${makeWire})().encode(new Map([["a", [1n, new Date(5), undefined]]]))`, {
    btoa,
  });
  expect(wire.decode(text as string)).toEqual(new Map([["a", [1n, new Date(5), undefined]]]));
});
