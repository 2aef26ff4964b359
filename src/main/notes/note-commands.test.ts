import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { type CopiedNotes, createCopiedNotes } from "./copied-notes";
import { createNoteCommands } from "./note-commands";

const rootId = "00000000-0000-4000-8000-000000000000" as NoteId;
const id = "00000000-0000-4000-8000-000000000001" as NoteId;

function notesWith(text: string): CopiedNotes {
  const life = { childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  const notes: Note[] = [
    { id: rootId, text: "Notes", isRoot: true, parentId: null, orderKey: "", ...life },
    { id, text, isRoot: false, parentId: rootId, orderKey: "V", ...life },
  ];
  return createCopiedNotes(new Map(notes.map((note) => [note.id, note])), {
    rootId,
    keep: () => undefined,
    onCommit: () => undefined,
  });
}

const now = () => 1;

describe("a title that is given while another hand is at the note", () => {
  it("goes to the note as it is, where that is what was seen", () => {
    const notes = notesWith("# Plan\nmilk");
    expect(createNoteCommands(notes, now).rename(id, "Shopping", "# Plan\nmilk").kind).toBe("ok");
    expect(notes.read(id)?.text).toBe("# Shopping\nmilk");
  });

  it("leaves the words that came since where they are", () => {
    const notes = notesWith("# Plan\nmilk\nbread");
    createNoteCommands(notes, now).rename(id, "Shopping", "# Plan\nmilk");
    expect(notes.read(id)?.text).toBe("# Shopping\nmilk\nbread");
  });

  it("stands beside another title that nobody here had seen", () => {
    const notes = notesWith("# Market\nmilk");
    createNoteCommands(notes, now).rename(id, "Shopping", "# Plan\nmilk");
    const lines = notes.read(id)?.text.split("\n");
    expect(lines).toEqual(expect.arrayContaining(["# Market", "# Shopping", "milk"]));
  });
});

describe("what was done to the notes that were shown before", () => {
  it("is undone in those that took their place, and done again", () => {
    const before = createNoteCommands(notesWith("# Plan"), now);
    before.rename(id, "Shopping", "# Plan");
    const notes = notesWith("# Shopping");
    const after = createNoteCommands(notes, now, before.history);
    expect(after.canUndo()).toContain("Rename");
    expect(after.undo().kind).toBe("ok");
    expect(notes.read(id)?.text).toBe("# Plan");
    expect(after.redo().kind).toBe("ok");
    expect(notes.read(id)?.text).toBe("# Shopping");
  });

  it("is left as it is where another hand has changed it", () => {
    const before = createNoteCommands(notesWith("# Plan"), now);
    before.rename(id, "Shopping", "# Plan");
    const notes = notesWith("# Shopping\nbread");
    const after = createNoteCommands(notes, now, before.history);
    expect(after.undo()).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("changed since"),
    });
    expect(notes.read(id)?.text).toBe("# Shopping\nbread");
  });
});

describe("a move that is undone after another hand has moved the old parent", () => {
  const parentId = "00000000-0000-4000-8000-000000000002" as NoteId;

  it("puts no note under itself", () => {
    const notes = notesWith("# Child");
    const commands = createNoteCommands(notes, now);
    const parent: Note = { ...(notes.read(id) as Note), id: parentId, text: "# Parent", orderKey: "X" };
    notes.commit([{ kind: "create", note: parent }]);
    expect(commands.move(id, { parentId, afterId: null }).kind).toBe("ok");
    expect(commands.move(id, { parentId: rootId, afterId: null }).kind).toBe("ok");
    const after = { parentId: id, orderKey: "V" };
    notes.commit([{ kind: "place", id: parentId, before: { parentId: rootId, orderKey: "X" }, after }]);
    expect(commands.undo()).toMatchObject({ kind: "refused" });
    expect(notes.tree.parents.get(id)).toBe(rootId);
    expect(notes.tree.parents.get(parentId)).toBe(id);
  });
});
