import { describe, expect, it } from "vitest";
import { isMarkedCopyOf, markedAsCopy } from "./copy-text";

describe("a copy", () => {
  it("says in its title when this device had changed it last, where that is known", () => {
    expect(markedAsCopy("# Shopping\nbread", "21 Nov, 10:31")).toBe(
      "# Shopping (your copy, 21 Nov, 10:31)\nbread",
    );
    expect(markedAsCopy("# Shopping\nbread", null)).toBe("# Shopping (your copy)\nbread");
    expect(markedAsCopy("", "21 Nov")).toBe("Untitled (your copy, 21 Nov)");
  });

  it("is known again, whatever time it says, as long as nobody has written into it", () => {
    for (const text of ["# Shopping\nbread", "", " \n\t", "one line (really)"]) {
      for (const when of ["21 Nov, 10:31", null]) {
        expect(isMarkedCopyOf(markedAsCopy(text, when), text)).toBe(true);
        expect(isMarkedCopyOf(`${markedAsCopy(text, when)}!`, text)).toBe(false);
      }
    }
    expect(isMarkedCopyOf("# Shopping (your copy)\nbread", "# Shopping\nbread\nmilk")).toBe(false);
    expect(isMarkedCopyOf("# Shopping (your copy of it)\nbread", "# Shopping\nbread")).toBe(false);
    expect(isMarkedCopyOf("# Shopping (your copy, now\nmilk)\nbread", "# Shopping\nbread")).toBe(false);
  });
});
