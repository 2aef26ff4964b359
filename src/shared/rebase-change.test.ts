import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "./note";
import { rebaseChange } from "./rebase-change";

const id = "a" as NoteId;
const note = (text: string, more: Partial<Note> = {}): Note => ({
  id,
  text,
  isRoot: false,
  parentId: "root" as NoteId,
  orderKey: "V",
  childIds: [],
  deletedAtMs: null,
  lastUpdatedMs: null,
  ...more,
});
const typed = (before: string, after: string) => ({ kind: "text", id, before, after }) as const;

describe("a change that meets the note as it is", () => {
  it("is written as it is where nobody interfered, or the note is not there", () => {
    const change = typed("milk", "milk\nbread");
    expect(rebaseChange(change, note("milk"))).toEqual([change]);
    expect(rebaseChange(change, null)).toEqual([change]);
  });

  it("keeps the words that came since, and its own", () => {
    const change = typed("milk", "milk\nbread");
    expect(rebaseChange(change, note("eggs\nmilk"))).toEqual([typed("eggs\nmilk", "eggs\nmilk\nbread")]);
  });

  it("keeps both versions of a line that both changed", () => {
    const [rebased] = rebaseChange(typed("milk", "soy milk"), note("oat milk"));
    expect(rebased).toMatchObject({ kind: "text", before: "oat milk" });
    expect(rebased?.kind === "text" && rebased.after.split("\n").sort()).toEqual(["oat milk", "soy milk"]);
  });

  it("adds the text of a note to be made to the one that is there already, wherever that stands", () => {
    const made = { kind: "create", note: note("mine", { orderKey: "9" }) } as const;
    const [rebased] = rebaseChange(made, note("theirs"));
    expect(rebased).toMatchObject({ kind: "text", before: "theirs" });
    expect(rebased?.kind === "text" && rebased.after.split("\n").sort()).toEqual(["mine", "theirs"]);
    expect(rebaseChange(made, note("mine"))).toEqual([]);
  });

  it("lets the later place and deletion stand", () => {
    const place = { parentId: "b" as NoteId, orderKey: "1" };
    const moved = { kind: "place", id, before: { parentId: null, orderKey: "" }, after: place } as const;
    expect(rebaseChange(moved, note("milk"))).toEqual([moved]);
    const trashed = { kind: "deleted", id, before: null, after: 5 } as const;
    expect(rebaseChange(trashed, note("milk", { deletedAtMs: 3 }))).toEqual([trashed]);
  });
});
