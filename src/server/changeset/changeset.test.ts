import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeChangeset, type Instruction, type Payload, parseChangeset } from "./index";
import { instructions } from "./testing/arbitrary";
import clientChangesets from "./testing/client-changesets.json";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));

function parsed(bytes: Uint8Array): Instruction[] {
  const result = parseChangeset(bytes);
  if (result.kind === "malformed") throw new Error(`${result.message} at ${result.offset}`);
  return result.instructions;
}

function setting(value: Payload): Instruction[] {
  return [
    {
      kind: "Update",
      table: "Note",
      pk: { kind: "int", value: 1n },
      field: "f",
      path: [],
      value,
      isDefault: false,
    },
  ];
}

describe("a changeset", () => {
  it("comes back from its bytes as it went in", () => {
    fc.assert(
      fc.property(instructions, (before) => {
        expect(parsed(encodeChangeset(before))).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });

  it("without instructions has no bytes, and no bytes have no instructions", () => {
    expect(encodeChangeset([])).toEqual(new Uint8Array());
    expect(parsed(new Uint8Array())).toEqual([]);
  });

  it("defines each string once, before its first use, and refers to it by number", () => {
    const bytes = encodeChangeset([
      { kind: "CreateObject", table: "Note", pk: { kind: "string", value: "x" } },
      { kind: "EraseObject", table: "Note", pk: { kind: "string", value: "x" } },
    ]);
    expect(hex(bytes)).toBe(hex(bytesOf("3f 00 04 4e6f7465  3f 01 01 78  02 00 03 01  03 00 03 01")));
  });

  it("writes integers in groups of seven bits with the sign in the last", () => {
    const valueBytes = (value: bigint) => hex(encodeChangeset(setting({ kind: "int", value }))).slice(36, -2);
    expect(valueBytes(0n)).toBe("00");
    expect(valueBytes(63n)).toBe("3f");
    expect(valueBytes(64n)).toBe("c000");
    expect(valueBytes(-1n)).toBe("40");
    expect(valueBytes(-64n)).toBe("7f");
    expect(valueBytes(-65n)).toBe("c040");
    expect(valueBytes(2n ** 63n - 1n)).toBe("ffffffffffffffffff00");
    expect(valueBytes(-(2n ** 63n))).toBe("ffffffffffffffffff40");
  });

  it("keeps a byte order mark, a NUL and characters beyond the first plane in texts", () => {
    for (const value of ["\ufeffx", "a\0b", "🌱", "e\u0301"]) {
      expect(parsed(encodeChangeset(setting({ kind: "string", value })))).toEqual(
        setting({ kind: "string", value }),
      );
    }
  });
});

describe("what a real client (Realm SDK 10.24.0) wrote", () => {
  for (const { about, definesUnusedStrings, hex: text } of clientChangesets) {
    it(`is read and written again: ${about}`, () => {
      const bytes = bytesOf(text);
      const read = parsed(bytes);
      const again = encodeChangeset(read);
      expect(parsed(again)).toEqual(read);
      if (definesUnusedStrings) expect(again.length).toBeLessThan(bytes.length);
      else expect(hex(again)).toBe(text);
    });
  }

  it("says what the client did", () => {
    const read = parsed(bytesOf(clientChangesets[4]!.hex));
    const note = {
      table: "Note",
      pk: { kind: "objectId", value: "65a1f0c2d3e4b5a697887766" },
    };
    expect(read.slice(1, 3)).toEqual([
      {
        ...note,
        kind: "Update",
        field: "lines",
        path: [0],
        value: { kind: "string", value: "A" },
        isDefault: false,
        priorSize: 3,
      },
      { ...note, kind: "ArrayErase", field: "lines", path: [1], priorSize: 3 },
    ]);
    expect(read.at(-1)).toEqual({
      ...note,
      kind: "Update",
      field: "dict",
      path: ["j"],
      value: { kind: "erased" },
      isDefault: false,
    });
  });
});

describe("the parser", () => {
  it("keeps no hold of its input", () => {
    const bytes = Buffer.from(encodeChangeset(setting({ kind: "binary", bytes: Uint8Array.of(1, 2) })));
    const read = parsed(bytes);
    bytes.fill(0);
    expect(read).toEqual(setting({ kind: "binary", bytes: Uint8Array.of(1, 2) }));
  });

  it("answers any bytes with instructions or the place of the fault, never with an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const result = parseChangeset(bytes);
        if (result.kind === "malformed") {
          expect(result.offset).toBeLessThanOrEqual(bytes.length);
          expect(result.message).not.toBe("");
        }
      }),
      { numRuns: 5000 },
    );
  });

  it("answers damaged changesets likewise, and what it accepts can be written and read again", () => {
    fc.assert(
      fc.property(
        instructions,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
        fc.nat(),
        (before, damage, cut) => {
          const bytes = encodeChangeset(before);
          for (const [at, byte] of damage) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          const result = parseChangeset(bytes.subarray(0, bytes.length - (cut % 3)));
          if (result.kind === "ok")
            expect(parsed(encodeChangeset(result.instructions))).toEqual(result.instructions);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("says at which byte a changeset breaks off", () => {
    const whole = encodeChangeset(setting({ kind: "string", value: "twelve bytes" }));
    for (let size = 1; size < whole.length; size++) {
      const result = parseChangeset(whole.subarray(0, size));
      if (result.kind === "malformed") expect(result.offset).toBeLessThanOrEqual(size);
      // Complete definitions of strings are a changeset without instructions.
      else expect(result.instructions).toEqual([]);
    }
  });

  it("does not believe sizes that the input does not back", () => {
    const claims = [
      "3f 00 ef ff ff 87 00",
      "3f 00 01 41  04 00 00 00 ff ff ff ff 0f",
      "3f 00 01 41  04 00 00 00 00 04 ff ff ff ff ff ff 07",
    ];
    for (const claim of claims) expect(parseChangeset(bytesOf(claim)).kind).toBe("malformed");
  });

  it("refuses what the format does not allow", () => {
    const faults: Record<string, string> = {
      "unknown instruction": "0e",
      "intern table out of order": "3f 01 01 41",
      "string interned twice": "3f 00 01 41 3f 01 01 41",
      "undefined string": "01 00",
      "text that is no UTF-8": "3f 00 01 ff",
      "integer of too many bytes": "3f 80 80 80 80 80 80 80 80 80 80 00",
      "index beyond 32 bits": "3f 00 01 41  0b 00 00 00 01 80 80 80 80 10  00",
      "list instruction without an index": "3f 00 01 41  0a 00 00 00 00  00",
      "primary key of type double": "3f 00 01 41  02 00 07 0000000000000000",
      "timestamp of opposite signs": "3f 00 01 41  04 00 00 00 00 05 01 40 00",
      "timestamp of a whole second's nanoseconds": "3f 00 01 41  04 00 00 00 00 05 01 80a8d6b907 00",
      "global key as a value": "3f 00 01 41  04 00 00 00 00 40 01 01 00",
      "decimal with too large a coefficient":
        "3f 00 01 41  04 00 00 00 00 08 ffffffffffffffffffffffffffffffff7f 00 00 00",
      "unknown collection": "3f 00 01 41  06 00 00 01 01 04",
      "unknown table type": "3f 00 01 41  00 00 03",
    };
    for (const [fault, bytes] of Object.entries(faults)) {
      expect(parseChangeset(bytesOf(bytes)).kind, fault).toBe("malformed");
    }
  });
});

describe("the encoder", () => {
  it("throws rather than write what it would not read back", () => {
    const list: Instruction = {
      kind: "ArrayErase",
      table: "A",
      pk: { kind: "null" },
      field: "f",
      path: [2 ** 32],
      priorSize: 1,
    };
    expect(() => encodeChangeset([list])).toThrow(RangeError);
    expect(() => encodeChangeset([{ ...list, path: ["key"] }])).toThrow(TypeError);
    expect(() => encodeChangeset(setting({ kind: "string", value: "\ud800" }))).toThrow(RangeError);
    expect(() => encodeChangeset(setting({ kind: "int", value: 2n ** 63n }))).toThrow(RangeError);
    expect(() => encodeChangeset(setting({ kind: "objectId", value: "ABCDEF" }))).toThrow(RangeError);
  });
});
