import { describe, expect, it } from "vitest";
import { importedWords } from "./import-folder";

describe("what came of an import", () => {
  const skipped = (...names: string[]) =>
    names.map((name) => ({ file: `/home/me/${name}`, reason: "too large" }));

  it("names the files that were left out, and why", () => {
    expect(importedWords({ notes: 1, skipped: [] })).toBe("1 note imported.");
    expect(importedWords({ notes: 2_110, skipped: skipped("log.txt") })).toBe(
      "2,110 notes imported. 1 file was left out: log.txt (too large).",
    );
    expect(importedWords({ notes: 2, skipped: skipped("a.md", "b.md", "c.md", "d.md") })).toBe(
      "2 notes imported. 4 files were left out: a.md (too large), b.md (too large), c.md (too large) and others.",
    );
  });
});
