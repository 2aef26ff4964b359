import { describe, expect, it } from "vitest";
import { countOfWords, plural, relativeTime, sizeWords } from "./words";

const nowMs = Date.UTC(2026, 10, 21, 10, 44);
const minuteMs = 60_000;

describe("relativeTime", () => {
  it.each([
    [0, "just now"],
    [59_999, "just now"],
    [minuteMs, "1 minute ago"],
    [2 * minuteMs + 30_000, "2 minutes ago"],
    [59 * minuteMs, "59 minutes ago"],
    [60 * minuteMs, "1 hour ago"],
    [23 * 60 * minuteMs, "23 hours ago"],
    [24 * 60 * minuteMs, "1 day ago"],
    [6 * 24 * 60 * minuteMs, "6 days ago"],
  ])("says after %d ms: %s", (agoMs, words) => {
    expect(relativeTime(nowMs - agoMs, nowMs)).toBe(words);
  });

  it("names the day when it is more than a week ago", () => {
    expect(relativeTime(Date.UTC(2026, 9, 3, 12), nowMs)).toBe("on 3 Oct 2026");
  });

  it("takes a moment in the future for now, because another device's clock may be ahead", () => {
    expect(relativeTime(nowMs + 3 * 60 * minuteMs, nowMs)).toBe("just now");
  });
});

describe("plural", () => {
  it("groups thousands and keeps one singular", () => {
    expect([plural(0, "change"), plural(1, "change"), plural(3204, "change")]).toEqual([
      "0 changes",
      "1 change",
      "3,204 changes",
    ]);
  });
});

describe("sizeWords", () => {
  it("rounds up, so that freeing what it says is enough", () => {
    expect([sizeWords(1), sizeWords(239_000_001), sizeWords(1_410_000_000)]).toEqual([
      "1 MB",
      "240 MB",
      "1.5 GB",
    ]);
  });
});

describe("countOfWords", () => {
  it("counts words, not punctuation or list marks", () => {
    expect(countOfWords("# Shopping\n- milk, eggs\n- don't forget bread — 1.5 kg")).toBe(8);
  });

  it("finds none in an empty text", () => {
    expect(countOfWords("  \n— …")).toBe(0);
  });
});
