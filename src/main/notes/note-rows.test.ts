import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { createNoteRows } from "./note-rows";

const [root, home, stray] = ["a", "b", "c"].map((letter) => letter.repeat(32)) as [NoteId, NoteId, NoteId];

function noteWith(more: Partial<Note>): Note {
  const place = { isRoot: false, parentId: root, orderKey: "V" };
  const life = { childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return { id: home, text: "A note", ...place, ...life, ...more };
}

/** A note that only a list of children places, as older clients write it. */
function withStray() {
  const notes = new Map(
    [
      noteWith({ id: root, isRoot: true, parentId: null }),
      noteWith({ childIds: [stray] }),
      noteWith({ id: stray, parentId: null, orderKey: "" }),
    ].map((note) => [note.id, note]),
  );
  const rows = createNoteRows(root);
  rows.takeAll(notes);
  return { notes, rows };
}

const listsNothing = () => [];

describe("rows of notes without a place of their own", () => {
  it("hang under the note whose list names them, and stay there while their text changes", () => {
    const { rows } = withStray();
    expect(rows.tree.children.get(home)).toEqual([stray]);
    expect(rows.adopting).toEqual(new Set([home]));
    expect(rows.set(noteWith({ id: stray, parentId: null, text: "Another title" }))).toMatchObject({
      title: "Another title",
      adoptedBy: home,
    });
  });

  it("are adrift once the list is wiped, and it is known where they hung", () => {
    const { notes, rows } = withStray();
    expect(rows.adrift()).toEqual(new Map());
    notes.set(home, noteWith({ childIds: [] }));
    expect(rows.adopt(() => notes).map(({ id, adoptedBy }) => [id, adoptedBy])).toEqual([[stray, null]]);
    expect(rows.adrift()).toEqual(new Map([[stray, home]]));
    expect(rows.adopting.size).toBe(0);
    rows.forgetWhatHungWhere();
    expect(rows.adrift()).toEqual(new Map([[stray, null]]));
  });

  it("are looked after where their adopter changes, they themselves do, or a changed list names them", () => {
    const { rows } = withStray();
    const other = noteWith({ id: "d".repeat(32) as NoteId });
    expect(rows.isAdoptionTouched([rows.set(noteWith({}))], [home], listsNothing)).toBe(true);
    const itself = rows.set(noteWith({ id: stray, parentId: null }));
    expect(rows.isAdoptionTouched([itself], [stray], listsNothing)).toBe(true);
    expect(rows.isAdoptionTouched([rows.set(other)], [other.id], listsNothing)).toBe(false);
    expect(rows.isAdoptionTouched([rows.set(other)], [other.id], () => [stray])).toBe(true);
  });

  it("cost no reading of all notes where there are none", () => {
    const { rows } = withStray();
    expect(rows.remove(stray)).toBe(true);
    const changed = rows.adopt(() => {
      throw new Error("nobody needs them");
    });
    expect(changed).toEqual([]);
    expect(rows.adopting.size).toBe(0);
  });
});
