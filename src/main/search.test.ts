import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../shared/note";
import { searchNotes } from "./search";

function note(number: number, text: string): Note {
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as NoteId,
    text,
    isRoot: false,
    parentId: null,
    orderKey: "V",
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
  };
}

describe("searchNotes", () => {
  it("puts titles first, then where the words stand together, then where they stand apart", () => {
    const notes = [
      note(1, "# Row 3\nwatered 8"),
      note(2, "# Bed\nWatered 3 times"),
      note(3, "# Watered on day 3\n"),
      note(4, "# Nothing\nwatered"),
    ];
    expect(searchNotes(notes, "watered 3").map(({ title }) => title)).toEqual([
      "Watered on day 3",
      "Bed",
      "Row 3",
    ]);
  });

  it("shows what stands below the title, around the words", () => {
    const long = "before ".repeat(30);
    expect(
      searchNotes([note(1, `\n# Bed 3\n\nsowed ${long}watered 3 times`)], "watered 3")[0]?.excerpt,
    ).toMatch(/^….*watered 3 times$/);
    expect(searchNotes([note(1, "# Milk\nand eggs")], "milk")[0]?.excerpt).toBe("and eggs");
    expect(searchNotes([note(1, "Milk")], "milk")[0]?.excerpt).toBe("");
  });
});
