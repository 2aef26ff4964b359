import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import type { NoteChange } from "../note-change";
import { serverAsLeft } from "./server-as-left";

const id = "n" as NoteId;

function note(text: string, more: Partial<Note> = {}): Note {
  const nowhere = { isRoot: false, parentId: null, orderKey: "V", childIds: [] };
  return { id, text, ...nowhere, deletedAtMs: null, lastUpdatedMs: null, ...more };
}

function left(now: Note | null, ...changes: NoteChange[]): Note | null {
  const notes = new Map(now === null ? [] : [[id, now]]);
  return serverAsLeft(notes, changes).notes.get(id) ?? null;
}

const place = (orderKey: string) => ({ parentId: null, orderKey });

describe("what the server had, by a file that was written to", () => {
  it("is the notes as they were before each of the changes", () => {
    const text = (before: string, after: string): NoteChange => ({ kind: "text", id, before, after });
    expect(left(note("c\n"), text("a\n", "b\n"), text("b\n", "c\n"))?.text).toBe("a\n");
    const moved: NoteChange = { kind: "place", id, before: place("A"), after: place("V") };
    expect(left(note("a"), moved)?.orderKey).toBe("A");
    const trashed: NoteChange = { kind: "deleted", id, before: null, after: 5 };
    expect(left(note("a", { deletedAtMs: 5 }), trashed)?.deletedAtMs).toBeNull();
    expect(left(note("mine"), { kind: "create", note: note("mine") })).toBeNull();
  });

  it("keeps what others wrote on top of them", () => {
    const mine: NoteChange = { kind: "text", id, before: "# Title\n", after: "# Title\nmine\n" };
    expect(left(note("# Title\nmine\ntheirs\n"), mine)?.text).toBe("# Title\ntheirs\n");
    expect(left(note("mine\ntheirs\n"), { kind: "create", note: note("mine\n") })?.text).toBe(
      "mine\ntheirs\n",
    );
    const moved: NoteChange = { kind: "place", id, before: place("A"), after: place("V") };
    expect(left(note("a", { orderKey: "Z" }), moved)?.orderKey).toBe("Z");
    const trashed: NoteChange = { kind: "deleted", id, before: null, after: 5 };
    expect(left(note("a", { deletedAtMs: 9 }), trashed)?.deletedAtMs).toBe(9);
  });

  it("says which notes were written to", () => {
    const other = "other" as NoteId;
    const notes = new Map([
      [id, note("b")],
      [other, note("x", { id: other })],
    ]);
    const { written } = serverAsLeft(notes, [{ kind: "text", id, before: "a", after: "b" }]);
    expect([...written]).toEqual([id]);
  });
});
