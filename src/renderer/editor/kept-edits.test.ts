import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import { beginEditing, sent, typed } from "./editing";
import { mayKeepEdits, readEdits, unsavedOf } from "./kept-edits";

const id = "00000000-0000-4000-8000-000000000001" as NoteId;

describe("what a window keeps of what is typed", () => {
  it("is what main has not answered, on its way or not", () => {
    const editing = typed(beginEditing(id, "milk"), "milk, bread");
    expect(unsavedOf([beginEditing(id, "saved"), editing])).toEqual([
      { id, base: "milk", text: "milk, bread" },
    ]);
    expect(unsavedOf([sent(editing)])).toEqual([{ id, base: "milk", text: "milk, bread" }]);
  });

  it("is nothing where the notes are encrypted, or may be", () => {
    expect([{ encrypted: false }, { encrypted: true }, null].map(mayKeepEdits)).toEqual([true, false, false]);
  });

  it("is read back as it was written, and nothing from what makes no sense", () => {
    const edits = unsavedOf([typed(beginEditing(id, ""), "words")]);
    expect(readEdits(JSON.stringify(edits))).toEqual(edits);
    for (const stored of [null, "{", "{}", "[7, null]", '[{"id":"x","base":"","text":""}]', '[{"id":7}]'])
      expect(readEdits(stored)).toEqual([]);
  });
});
