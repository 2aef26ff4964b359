import { describe, expect, it } from "vitest";
import { deletionWords, exportedWords, momentWords } from "./copy-words";

describe("what is said of a safety copy", () => {
  it("is, before it is deleted, whether its notes are anywhere else", () => {
    expect(deletionWords({ kind: "of-no-account" })).toMatch(/are nowhere else/);
    expect(deletionWords({ kind: "not-synced" })).toMatch(/may be nowhere else/);
    expect(deletionWords({ kind: "until", atMs: 0 })).toMatch(/Your notes stay as they are/);
  });

  it("names the second only where two were made in one minute", () => {
    const at = (second: number) => ({ createdAtMs: new Date(2026, 10, 26, 13, 32, second).getTime() });
    const alone = { createdAtMs: new Date(2026, 10, 26, 13, 40).getTime() };
    const all = [at(7), at(41), alone];
    expect(all.map((copy) => momentWords(copy, all))).toEqual([
      "26 Nov 2026, 13:32:07",
      "26 Nov 2026, 13:32:41",
      "26 Nov 2026, 13:40",
    ]);
  });

  it("goes with what an export came to", () => {
    expect(exportedWords("markdown", 1)).toBe("1 note exported as Markdown.");
    expect(exportedWords("json", 2)).toBe("2 records exported as JSON.");
  });
});
