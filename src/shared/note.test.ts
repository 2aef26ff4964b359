import { describe, expect, it } from "vitest";
import { titleLimit, titleOf } from "./note";

describe("titleOf", () => {
  it("is the first line with any text, without Markdown's marks", () => {
    expect(titleOf("\n## Milk\neggs")).toBe("Milk");
    expect(titleOf(" \n")).toBe("Untitled");
  });

  it("is cut where it is long, and never in the middle of a sign", () => {
    const cut = titleOf(`${"x".repeat(titleLimit - 2)}🌍🌍`);
    expect(cut).toBe(`${"x".repeat(titleLimit - 2)}…`);
    expect(titleOf("x".repeat(titleLimit + 1))).toHaveLength(titleLimit);
  });
});
