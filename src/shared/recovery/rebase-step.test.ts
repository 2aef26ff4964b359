import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { rebaseStep } from "./rebase-step";

const id = "00000000-0000-4000-8000-000000000001" as NoteId;
const home = "00000000-0000-4000-8000-000000000002" as NoteId;
const away = "00000000-0000-4000-8000-000000000003" as NoteId;

function note(change: Partial<Note>): Note {
  return {
    id,
    text: "one\ntwo",
    isRoot: false,
    parentId: home,
    orderKey: "V",
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
    ...change,
  };
}

describe("a step of a plan, when it is carried out", () => {
  const step = { note: note({ text: "one\ntwo\nmine" }), expect: note({}) };

  it("is written as planned where the server still has what the plan expects", () => {
    expect(rebaseStep(step, note({}))).toEqual(step.note);
  });

  it("changes nothing when it was carried out before", () => {
    expect(rebaseStep(step, step.note)).toEqual(step.note);
  });

  it("creates a note that is not there", () => {
    expect(rebaseStep({ note: step.note, expect: null }, null)).toEqual(step.note);
  });

  it("merges into what another device wrote meanwhile", () => {
    const rebased = rebaseStep(step, note({ text: "theirs\none\ntwo" }));
    expect(rebased.text).toBe("theirs\none\ntwo\nmine");
  });

  it("keeps both sides' words where they changed the same line", () => {
    const conflicting = { note: note({ text: "one\nalpha" }), expect: note({}) };
    const { text } = rebaseStep(conflicting, note({ text: "one\nbeta" }));
    expect(text).toContain("alpha");
    expect(text).toContain("beta");
  });

  it("leaves a note where another device has moved it meanwhile", () => {
    const moving = { note: note({ orderKey: "k" }), expect: note({}) };
    expect(rebaseStep(moving, note({ parentId: away }))).toMatchObject({ parentId: away, orderKey: "V" });
  });

  it("does not take a note out of the trash that another device put there meanwhile", () => {
    expect(rebaseStep(step, note({ deletedAtMs: 5 })).deletedAtMs).toBe(5);
  });
});
