import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { objectKey, type Payload, type PrimaryKey, samePayload, samePrimaryKey } from "./index";
import { payload } from "./testing/arbitrary";

const keys: PrimaryKey[] = [
  { kind: "null" },
  { kind: "int", value: 1n },
  { kind: "int", value: 2n },
  { kind: "string", value: "" },
  { kind: "string", value: "1" },
  { kind: "string", value: "i1" },
  { kind: "objectId", value: "0".repeat(24) },
  { kind: "uuid", value: "00000000-0000-0000-0000-000000000000" },
  { kind: "globalKey", hi: 1n, lo: 23n },
  { kind: "globalKey", hi: 12n, lo: 3n },
];

function decimal(coefficient: bigint, exponent: number, isNegative = false): Payload {
  const bits = coefficient | (BigInt(exponent + 6176) << 113n) | (isNegative ? 1n << 127n : 0n);
  return {
    kind: "decimal128",
    bytes: Uint8Array.from({ length: 16 }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn)),
  };
}

describe("primary keys", () => {
  it("are the same only as themselves, and so are the texts that name their objects", () => {
    for (const [i, a] of keys.entries()) {
      for (const [j, b] of keys.entries()) {
        expect(samePrimaryKey(a, b)).toBe(i === j);
        expect(objectKey("A", a) === objectKey("A", b)).toBe(i === j);
      }
    }
  });

  it("name different objects in different tables, wherever table and key are cut", () => {
    expect(objectKey("Asb", { kind: "string", value: "c" })).not.toBe(
      objectKey("A", { kind: "string", value: "bsc" }),
    );
  });
});

describe("payloads", () => {
  it("are the same as a copy of themselves, except those that hold a NaN", () => {
    fc.assert(
      fc.property(payload, (value) => {
        const isNaNValue =
          value.kind === "decimal128"
            ? (value.bytes[15]! & 0x7c) === 0x7c
            : (value.kind === "float" || value.kind === "double") && Number.isNaN(value.value);
        expect(samePayload(value, structuredClone(value))).toBe(!isNaNValue);
      }),
    );
  });

  it("of different kinds differ even when they look alike", () => {
    expect(samePayload({ kind: "int", value: 1n }, { kind: "double", value: 1 })).toBe(false);
    expect(samePayload({ kind: "null" }, { kind: "erased" })).toBe(false);
    expect(samePayload({ kind: "string", value: "x" }, { kind: "binary", bytes: Uint8Array.of(120) })).toBe(
      false,
    );
  });

  it("compare decimals by number, as the client does", () => {
    expect(samePayload(decimal(1n, 0), decimal(10n, -1))).toBe(true);
    expect(samePayload(decimal(10n ** 33n, -33), decimal(1n, 0))).toBe(true);
    expect(samePayload(decimal(1n, 0), decimal(1n, 1))).toBe(false);
    expect(samePayload(decimal(1n, 0), decimal(1n, 0, true))).toBe(false);
    expect(samePayload(decimal(0n, 5), decimal(0n, -5, true))).toBe(true);
    expect(samePayload(decimal(1n, 6111), decimal(1n, -6176))).toBe(false);
    expect(samePayload(decimal(10n ** 34n, 0), decimal(0n, 0))).toBe(true);
  });
});
