import { describe, expect, it } from "vitest";
import { deletionWords, exportedWords } from "./copy-words";

describe("what is said of a safety copy", () => {
  it("is, before it is deleted, whether its notes are anywhere else", () => {
    expect(deletionWords({ kind: "of-no-account" })).toMatch(/are nowhere else/);
    expect(deletionWords({ kind: "not-synced" })).toMatch(/may be nowhere else/);
    expect(deletionWords({ kind: "until", atMs: 0 })).toMatch(/Your notes stay as they are/);
  });

  it("goes with what an export came to", () => {
    expect(exportedWords("markdown", 1)).toBe("1 note exported as Markdown.");
    expect(exportedWords("json", 2)).toBe("2 records exported as JSON.");
  });
});
