import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyOffset, joinText, listStep, mapOffset, splitText } from "./text-parts";

const someText = fc
  .array(fc.constantFrom("# ", "#", "milk", " ", "\n", "\n\n", "- eggs", "ö"), { maxLength: 12 })
  .map((parts) => parts.join(""));

describe("splitText and joinText", () => {
  it("give the same text back, to the letter", () => {
    fc.assert(fc.property(someText, (text) => joinText(splitText(text)) === text));
  });

  it("keep a heading's mark out of the title", () => {
    expect(splitText("## Shopping\nmilk")).toEqual({
      mark: "## ",
      title: "Shopping",
      hasBody: true,
      body: "milk",
    });
  });

  it("say where the body begins", () => {
    const text = "# Shopping\nmilk";
    expect(text.slice(bodyOffset(splitText(text)))).toBe("milk");
  });

  it("add a line end once there is a body", () => {
    expect(joinText({ ...splitText("Shopping"), body: "milk" })).toBe("Shopping\nmilk");
  });
});

describe("mapOffset", () => {
  it("keeps a caret before the change where it is and moves one behind it along", () => {
    expect(mapOffset("one\ntwo\nthree", "one\nTWO!\nthree", 2)).toBe(2);
    expect(mapOffset("one\ntwo\nthree", "one\nTWO!\nthree", 10)).toBe(11);
  });

  it("finds its line again between two changes", () => {
    const before = "a\nmilk\nb";
    const after = "aa\nnew\nmilk\nbb";
    expect(after.slice(mapOffset(before, after, before.indexOf("milk") + 2)).startsWith("lk\n")).toBe(true);
  });

  it("never leaves the text", () => {
    fc.assert(
      fc.property(someText, someText, fc.nat(), (before, after, n) => {
        const offset = n % (before.length + 1);
        const mapped = mapOffset(before, after, offset);
        return mapped >= 0 && mapped <= after.length;
      }),
    );
  });

  it("is the identity where nothing changed", () => {
    fc.assert(
      fc.property(someText, fc.nat(), (text, n) => {
        const offset = n % (text.length + 1);
        return mapOffset(text, text, offset) === offset;
      }),
    );
  });
});

describe("listStep", () => {
  it.each([
    ["- milk", "\n- "],
    ["  * milk", "\n  * "],
    ["9. milk", "\n10. "],
    ["3) milk", "\n4) "],
    ["- [x] milk", "\n- [ ] "],
  ])("goes on after %j", (line, insert) => {
    expect(listStep(line, line.length)).toEqual({ kind: "continue", insert });
  });

  it("ends the list at an empty item", () => {
    expect(listStep("- milk\n- ", 9)).toEqual({ kind: "end", from: 7 });
  });

  it("is nothing on a plain line", () => {
    expect(listStep("-milk", 5)).toBeNull();
    expect(listStep("milk", 2)).toBeNull();
  });
});
