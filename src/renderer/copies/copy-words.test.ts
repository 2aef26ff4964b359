import { describe, expect, it } from "vitest";
import { exportedWords, keptWords } from "./copy-words";

const copy = {
  name: "copy",
  why: "",
  createdAtMs: 0,
  notes: 1,
  sizeBytes: 1,
  resetId: "r",
  needsHelp: 0,
  expiresAtMs: null,
};

describe("how long a safety copy is kept", () => {
  it("is said by what holds it", () => {
    expect(keptWords({ ...copy, needsHelp: 2 })).toMatch(/needs your help any more \(2 notes left\)/);
    expect(keptWords(copy)).toMatch(/until you confirm/);
    expect(keptWords({ ...copy, expiresAtMs: Date.UTC(2026, 10, 21, 12) })).toMatch(/21 Nov 2026/);
    expect(keptWords({ ...copy, resetId: null })).toBe("The last three are kept.");
  });

  it("goes with what an export came to", () => {
    expect(exportedWords("markdown", 1)).toBe("1 note exported as Markdown.");
    expect(exportedWords("json", 2)).toBe("2 records exported as JSON.");
  });
});
