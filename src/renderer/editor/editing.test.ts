import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containsLines } from "../../shared/merge-text";
import type { NoteId } from "../../shared/note";
import {
  answered,
  beginEditing,
  type Editing,
  heardElsewhere,
  isSaved,
  nextEdit,
  refusedSaving,
  sent,
  typed,
  unsavedOf,
} from "./editing";
import { mergeTyping } from "./merge-typing";

const id = "00000000-0000-4000-8000-000000000001" as NoteId;
const begun = (text: string) => beginEditing(id, text);
const heard = (editing: Editing, text: string) => heardElsewhere(editing, text, mergeTyping);
const answer = (editing: Editing, text: string) => answered(editing, text, mergeTyping);

describe("typing and saving", () => {
  it("sends what is typed with the text it started from", () => {
    expect(nextEdit(typed(begun("milk"), "milk\neggs"))).toEqual({ base: "milk", text: "milk\neggs" });
  });

  it("sends nothing where nothing is typed, nor while an edit is on its way", () => {
    expect(nextEdit(begun("milk"))).toBeNull();
    expect(nextEdit(typed(sent(typed(begun("a"), "ab")), "abc"))).toBeNull();
  });

  it("goes on from what the edit before led to", () => {
    const editing = answer(typed(sent(typed(begun("a"), "ab")), "abc"), "ab");
    expect(nextEdit(editing)).toEqual({ base: "ab", text: "abc" });
    expect(isSaved(answer(sent(editing), "abc"))).toBe(true);
  });

  it("keeps what is typed while main merges the edit with another hand's", () => {
    const editing = typed(sent(typed(begun("milk\noats"), "milk!\noats")), "milk!!\noats");
    const after = answer(editing, "milk!\noats\nbread");
    expect(after.current).toBe("milk!!\noats\nbread");
    expect(nextEdit(after)?.base).toBe("milk!\noats\nbread");
  });

  it("keeps what a refused save held, for the next try", () => {
    const editing = refusedSaving(sent(typed(begun("a"), "ab")), mergeTyping);
    expect(editing.refused).toBe(true);
    expect(nextEdit(editing)).toEqual({ base: "a", text: "ab" });
  });
});

describe("a text from elsewhere", () => {
  it("is simply shown where nothing is typed", () => {
    expect(heard(begun("a"), "b")).toEqual(begun("b"));
  });

  it("is merged with what is typed", () => {
    const editing = heard(typed(begun("milk\noats"), "milk!\noats"), "milk\noats\nbread");
    expect(editing.current).toBe("milk!\noats\nbread");
    expect(editing.base).toBe("milk\noats\nbread");
  });

  it("waits while an edit is on its way, and is settled by the answer", () => {
    const editing = heard(sent(typed(begun("a"), "ab")), "a\nz");
    expect(editing.current).toBe("ab");
    expect(answer(editing, "ab\nz").current).toBe("ab\nz");
  });

  it("is taken up when the edit on its way is refused", () => {
    const editing = refusedSaving(heard(sent(typed(begun("a\nx"), "ab\nx")), "a\nx\nz"), mergeTyping);
    expect(editing.current).toBe("ab\nx\nz");
  });
});

describe("whatever comes in whatever order", () => {
  const line = fc.constantFrom("one", "two", "three", "four");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("type" as const), word: line }),
    fc.record({ kind: fc.constant("hear" as const), word: line }),
    fc.record({ kind: fc.constant("send" as const) }),
    fc.record({ kind: fc.constant("answer" as const) }),
    fc.record({ kind: fc.constant("refuse" as const) }),
  );

  it("no typed line is ever missing from the screen, and all of it arrives in the end", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 24 }), (steps) => {
        // A main that merges as it is told to, and tells of changes by another hand.
        let main = "title";
        let inFlight: { base: string; text: string } | null = null;
        let editing = begun(main);
        const typedLines: string[] = [];
        const arrive = () => {
          if (inFlight === null) return;
          main = mergeTyping(inFlight.base, inFlight.text, main);
          inFlight = null;
          editing = answer(editing, main);
        };
        const send = () => {
          const edit = nextEdit(editing);
          if (edit === null) return;
          inFlight = edit;
          editing = sent(editing);
        };
        steps.forEach((now, n) => {
          if (now.kind === "type") {
            typedLines.push(`${now.word} ${n}`);
            editing = typed(editing, `${editing.current}\n${now.word} ${n}`);
          } else if (now.kind === "hear") {
            main = `${main}\nother ${now.word} ${n}`;
            editing = heard(editing, main);
          } else if (now.kind === "send") send();
          else if (now.kind === "answer") arrive();
          else if (inFlight !== null) {
            inFlight = null;
            editing = refusedSaving(editing, mergeTyping);
          }
          expect(typedLines.filter((typedLine) => !editing.current.split("\n").includes(typedLine))).toEqual(
            [],
          );
        });
        arrive();
        send();
        arrive();
        expect(isSaved(editing)).toBe(true);
        expect(editing.current).toBe(main);
        expect(typedLines.filter((typedLine) => !containsLines(main, typedLine))).toEqual([]);
      }),
    );
  });
});

describe("what the next window would need", () => {
  it("is what main has not answered, on its way or not", () => {
    const editing = typed(begun("milk"), "milk, bread");
    const kept = [{ id, base: "milk", text: "milk, bread" }];
    expect(unsavedOf([begun("saved"), editing])).toEqual(kept);
    expect(unsavedOf([sent(editing)])).toEqual(kept);
    expect(unsavedOf([answered(sent(editing), "milk, bread", mergeTyping)])).toEqual([]);
  });
});
