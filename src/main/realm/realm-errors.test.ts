import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeError, explainFailure, isDiskFull } from "./realm-errors";

describe("a full disk", () => {
  it("is known by the system's own error", () => {
    const failure = (() => {
      try {
        writeFileSync("/dev/full", "words");
      } catch (error) {
        return error;
      }
      return null;
    })();
    expect(isDiskFull(failure)).toBe(true);
  });

  it.each([
    "posix_fallocate() failed: No space left on device",
    { message: "write() failed: File too large" },
    Object.assign(new Error("write"), { code: "EDQUOT" }),
  ])("is known in Realm's words, and by a quota: %s", (error) => {
    expect(explainFailure(error)).toMatch(/disk is full.*try again/);
  });

  it("is nothing else", () => {
    for (const error of ["No space here", new Error("EACCES: permission denied"), null, undefined, 28]) {
      expect(isDiskFull(error)).toBe(false);
      expect(explainFailure(error)).toBe(describeError(error));
    }
  });
});
