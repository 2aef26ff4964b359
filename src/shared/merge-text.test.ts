import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containsLines, mergeText, mergeTextKeepingBoth } from "./merge-text";

const text = (...lines: string[]) => lines.join("\n");

function merged(base: string, mine: string, theirs: string): string | null {
  const result = mergeText(base, mine, theirs);
  return result.kind === "merged" ? result.text : null;
}

const wordsOf = (whole: string) => whole.split(/\s+/).filter(Boolean).sort();

// Edits as a person makes them: insert a line with a token nobody else has, delete or reword a line, move one.
const edit = fc.record({
  kind: fc.constantFrom("insert", "insert", "append-word", "reword", "delete", "move"),
  at: fc.nat({ max: 20 }),
  to: fc.nat({ max: 20 }),
});
const edits = fc.array(edit, { maxLength: 6 });

function edited(
  base: string,
  hand: string,
  changes: readonly { kind: string; at: number; to: number }[],
): { text: string; tokens: string[] } {
  const lines = base.split("\n");
  const tokens: string[] = [];
  for (const [index, { kind, at, to }] of changes.entries()) {
    const token = `#${hand}.${index}`;
    const line = at % lines.length;
    if (kind === "insert") lines.splice(at % (lines.length + 1), 0, token);
    else if (kind === "append-word") lines[line] += ` ${token}`;
    else if (kind === "reword") lines[line] = (lines[line] ?? "").replace(/\S+/, token);
    else if (kind === "delete" && lines.length > 1) lines.splice(line, 1);
    else if (kind === "move") lines.splice(to % lines.length, 0, ...lines.splice(line, 1));
  }
  const result = lines.join("\n");
  for (const index of changes.keys()) {
    const token = `#${hand}.${index}`;
    if (result.includes(token)) tokens.push(token);
  }
  return { text: result, tokens };
}

const baseText = fc
  .array(fc.constantFrom("milk", "eggs and ham", "", "## Plan", "- [ ] call Ann", "the end"), {
    maxLength: 8,
  })
  .map((lines) => lines.join("\n"));

describe("mergeText", () => {
  it("takes the side that changed, and a change that both made once", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", " ", "\n") }), fc.string(), (base, changed) => {
        expect(merged(base, changed, base)).toBe(changed);
        expect(merged(base, base, changed)).toBe(changed);
        expect(merged(base, changed, changed)).toBe(changed);
      }),
    );
  });

  it("merges changes of different lines", () => {
    expect(merged(text("a", "b", "c", "d"), text("A", "b", "c", "d"), text("a", "b", "c", "D"))).toBe(
      text("A", "b", "c", "D"),
    );
  });

  it("merges changes of neighbouring lines, and a line added beside a changed one", () => {
    expect(merged(text("a", "b"), text("A", "b"), text("a", "B"))).toBe(text("A", "B"));
    expect(merged(text("a", "b"), text("a", "X", "b"), text("A", "b"))).toBe(text("A", "X", "b"));
    expect(merged(text("a", "b"), text("a", "X", "b"), text("a", "B"))).toBe(text("a", "X", "B"));
  });

  it("keeps lines that both added at one spot, theirs first, common ones once", () => {
    expect(merged("a", text("a", "mine"), text("a", "theirs"))).toBe(text("a", "theirs", "mine"));
    expect(merged("a", text("a", "x", "mine"), text("a", "x", "theirs"))).toBe(
      text("a", "x", "theirs", "mine"),
    );
    expect(merged("", "mine", "theirs")).toBe(text("theirs", "mine"));
  });

  it("merges different words of one line", () => {
    expect(merged("buy milk and eggs", "buy oat milk and eggs", "buy milk and ten eggs")).toBe(
      "buy oat milk and ten eggs",
    );
    expect(merged("buy milk", "buy oat milk", "buy oat milk today")).toBe("buy oat milk today");
  });

  it("is in conflict where both changed the same words or lines", () => {
    expect(merged("buy milk", "buy beer", "buy wine")).toBeNull();
    expect(merged("buy milk", "buy milk now", "buy milk later")).toBeNull();
    expect(merged(text("a", "b"), text("x", "y", "z"), text("p", "q"))).toBeNull();
  });

  it("lets an edit of a line win over its deletion", () => {
    expect(merged(text("a", "b", "c"), text("a", "c"), text("a", "B", "c"))).toBe(text("a", "B", "c"));
    expect(merged(text("a", "b", "c"), text("a", "B", "c"), text("a", "c"))).toBe(text("a", "B", "c"));
  });

  it("honours a deletion where nobody touched the line", () => {
    expect(merged(text("a", "b", "c"), text("a", "b"), text("x", "a", "b", "c"))).toBe(text("x", "a", "b"));
  });

  it("is in conflict rather than repeat a line that both moved", () => {
    const base = text("a", "b", "c", "d", "e");
    expect(merged(base, text("e", "a", "b", "c", "d"), text("a", "b", "e", "c", "d"))).toBeNull();
  });

  it("lets both add a rule or a blank line", () => {
    const base = text("a", "---", "b", "", "c");
    expect(merged(base, text("a", "---", "b", "---", "x", "", "c"), text("y", "---", base))).toBe(
      text("y", "---", "a", "---", "b", "---", "x", "", "c"),
    );
  });

  it("keeps line ends of both kinds, and a last line end, as they are", () => {
    expect(merged("a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n")).toBe("A\r\nb\r\nC\r\n");
    expect(merged("a\n", "a\nb\n", "a\n")).toBe("a\nb\n");
  });

  it("has every token that either side added, whichever side is called mine", () => {
    let mergedOnes = 0;
    fc.assert(
      fc.property(baseText, edits, edits, (base, mineEdits, theirEdits) => {
        const mine = edited(base, "m", mineEdits);
        const theirs = edited(base, "t", theirEdits);
        const one = merged(base, mine.text, theirs.text);
        const other = merged(base, theirs.text, mine.text);
        if (one === null || other === null) return;
        mergedOnes += 1;
        for (const token of [...mine.tokens, ...theirs.tokens]) expect(one).toContain(token);
        expect(wordsOf(other)).toEqual(wordsOf(one));
      }),
      { numRuns: 5_000 },
    );
    expect(mergedOnes).toBeGreaterThan(1_000);
  });

  it("changes nothing when the same change is merged in again", () => {
    fc.assert(
      fc.property(baseText, edits, edits, (base, mineEdits, theirEdits) => {
        const mine = edited(base, "m", mineEdits).text;
        const theirs = edited(base, "t", theirEdits).text;
        const once = merged(base, mine, theirs);
        if (once === null) return;
        expect(merged(base, mine, once)).toBe(once);
        expect(merged(base, theirs, once)).toBe(once);
      }),
      { numRuns: 3_000 },
    );
  });

  it("ends soon on huge texts", () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index % 5_000}`);
    const mine = lines.map((line, index) => (index % 3 === 0 ? `${line} m` : line)).join("\n");
    const theirs = lines.map((line, index) => (index % 4 === 0 ? `${line} t` : line)).join("\n");
    const startedAtMs = performance.now();
    mergeText(lines.join("\n"), mine, theirs);
    mergeTextKeepingBoth(theirs, mine, lines.join("\n"));
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  });
});

describe("mergeTextKeepingBoth", () => {
  it("has all lines of both, mine in their order, what they share once", () => {
    expect(mergeTextKeepingBoth(text("a", "t", "b"), text("a", "m", "b", "c"))).toBe(
      text("a", "t", "m", "b", "c"),
    );
    fc.assert(
      fc.property(baseText, edits, edits, (base, mineEdits, theirEdits) => {
        const mine = edited(base, "m", mineEdits).text;
        const theirs = edited(base, "t", theirEdits).text;
        const both = mergeTextKeepingBoth(theirs, mine);
        // But for a line end at the end of all.
        expect(containsLines(`${both}\n`, mine)).toBe(true);
        const lines = both.split("\n");
        for (const line of theirs.split("\n")) if (line !== "") expect(lines).toContain(line);
      }),
      { numRuns: 3_000 },
    );
  });

  it("has a line that was moved once, where mine has it", () => {
    expect(mergeTextKeepingBoth(text("a", "b", "t"), text("b", "a"))).toBe(text("b", "t", "a"));
    expect(mergeTextKeepingBoth(text("a", "b", "c", "t"), text("c", "a", "b"), text("a", "b", "c"))).toBe(
      text("c", "a", "b", "t"),
    );
    expect(mergeTextKeepingBoth(text("a", "---", "b"), text("b", "---", "a"))).toMatch(/a.*---|---.*a/s);
  });

  it("is the longer text where it has all of the other", () => {
    expect(mergeTextKeepingBoth(text("a", "b"), text("x", "a", "b"))).toBe(text("x", "a", "b"));
    expect(mergeTextKeepingBoth(text("x", "a", "b"), text("a", "b"))).toBe(text("x", "a", "b"));
    expect(mergeTextKeepingBoth("", "a")).toBe("a");
    expect(mergeTextKeepingBoth("a", "")).toBe("a");
  });

  it("adds no line end at the end of a text that has all of the other's lines", () => {
    expect(mergeTextKeepingBoth(text("a", "b", " t"), text("a", "b", ""))).toBe(text("a", "b", " t"));
    expect(mergeTextKeepingBoth(text("a", " t"), text("a", ""), text("old", ""))).toBe(text("a", " t"));
    expect(mergeTextKeepingBoth(text("a", "t"), text("a", "m", ""))).toBe(text("a", "t", "m", ""));
  });

  it("with a base, keeps deletions of mine and brings back what the server lost", () => {
    const base = text("a", "gone by me", "lost by the server", "d");
    const mine = text("a", "lost by the server", "d", "new of mine");
    const theirs = text("a", "gone by me", "d", "new of theirs");
    expect(mergeTextKeepingBoth(theirs, mine, base)).toBe(
      text("a", "lost by the server", "d", "new of theirs", "new of mine"),
    );
  });

  it("with a base, has every line of mine and every token of theirs, and is stable", () => {
    fc.assert(
      fc.property(baseText, edits, edits, (base, mineEdits, theirEdits) => {
        const mine = edited(base, "m", mineEdits);
        const theirs = edited(base, "t", theirEdits);
        const both = mergeTextKeepingBoth(theirs.text, mine.text, base);
        expect(containsLines(`${both}\n`, mine.text)).toBe(true);
        for (const token of theirs.tokens) expect(both).toContain(token);
        expect(mergeTextKeepingBoth(both, mine.text)).toBe(both);
        expect(mergeTextKeepingBoth(both, mine.text, base)).toBe(both);
      }),
      { numRuns: 3_000 },
    );
  });
});
