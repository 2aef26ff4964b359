import { describe, expect, it } from "vitest";
import { markedAsCopy } from "../../shared/recovery/copy-text";
import type { ReportItem } from "../../shared/recovery/plan-types";
import { type Choice, resolveItem } from "./resolve-item";
import { apply, id, item, type Notes, note, notesOf, resetId, versions } from "./testing/report-notes";

/** The notes after the choice; done again it must change nothing. */
function choose(of: ReportItem, choice: Choice, notes: Notes): Notes {
  const resolution = resolveItem(of, choice, { resetId, notes, atMs: 9 });
  if (resolution.kind === "refused") throw new Error(resolution.message);
  const after = apply(notes, resolution.changes);
  const again = resolveItem(of, choice, { resetId, notes: after, atMs: 10 });
  expect(again).toEqual({ kind: "ok", changes: [] });
  return after;
}

describe("one line of a report", () => {
  const copied = item(1, { ...versions, copyId: id(2), outcome: "kept-as-copy" });
  const copy = note(2, { text: markedAsCopy(versions.mine, null) });

  it("keeps one of two versions, with the other in the trash", () => {
    const notes = notesOf(note(0), note(1, { text: versions.theirs }), copy);
    const mine = choose(copied, "mine", notes);
    expect(mine.get(id(1))?.text).toBe(versions.mine);
    expect(mine.get(id(2))?.deletedAtMs).toBe(9);
    const theirs = choose(copied, "theirs", mine);
    expect(theirs.get(id(1))?.text).toBe(versions.theirs);
    expect(choose(copied, "both", theirs).get(id(2))?.deletedAtMs).toBe(null);
  });

  it("makes the second version anew, once, where both were combined", () => {
    const merged = item(1, { ...versions, result: "# 1\nmine\ntheirs\nlast\n", outcome: "merged" });
    const notes = notesOf(note(0), note(1, { text: merged.result ?? "" }), note(3));
    const both = choose(merged, "both", notes);
    const made = [...both.values()].filter(({ id: each }) => !notes.has(each));
    expect(made.map(({ text }) => text)).toEqual([markedAsCopy(versions.mine, null)]);
    expect(both.get(id(1))?.text).toBe(versions.theirs);
    expect(made[0]!.orderKey > "A1" && made[0]!.orderKey < "A3").toBe(true);
  });

  it("never writes over what was written since: it is combined, or the choice refused", () => {
    const since = notesOf(note(0), note(1, { text: "# 1\ntheirs\nlast, and since\n" }), copy);
    expect(choose(item(1, versions), "mine", since).get(id(1))?.text).toBe("# 1\nmine\nlast, and since\n");
    const sameLine = notesOf(note(0), note(1, { text: "# 1\nsince\nlast\n" }));
    expect(resolveItem(item(1, versions), "mine", { resetId, notes: sameLine, atMs: 9 })).toMatchObject({
      kind: "refused",
      message: expect.stringMatching(/edited since/),
    });
  });

  it("restores, deletes, and leaves as it is", () => {
    const trashed = notesOf(note(0), note(1, { deletedAtMs: 5 }));
    const restored = choose(item(1), "restore", trashed);
    expect(restored.get(id(1))?.deletedAtMs).toBe(null);
    expect(choose(item(1), "delete", restored).get(id(1))?.deletedAtMs).toBe(9);
    expect(choose(item(1), "keep", trashed)).toEqual(trashed);
  });

  it("restores to the end of the notes where the parent is in the trash as well", () => {
    const trashed = notesOf(note(0), note(3), note(4, { deletedAtMs: 5 }));
    const below = note(1, { parentId: id(4), deletedAtMs: 5 });
    const restored = choose(item(1), "restore", new Map([...trashed, [below.id, below]]));
    expect(restored.get(id(1))).toMatchObject({ parentId: id(0), deletedAtMs: null });
    expect(restored.get(id(4))?.deletedAtMs).toBe(5);
  });

  it("leaves a copy where somebody wrote into it since, or put a note under it", () => {
    const notes = notesOf(note(0), note(1, { text: versions.theirs }));
    const written = { ...copy, text: `${copy.text}since\n` };
    const under = note(3, { parentId: id(2) });
    for (const since of [[written], [copy, under]]) {
      const all = new Map([...notes, ...notesOf(...since)]);
      expect(choose(copied, "mine", all).get(id(2))?.deletedAtMs).toBe(null);
    }
  });

  it("does not undo a move into a note that hangs under it now", () => {
    const before = note(1, { parentId: id(3) });
    const moved = item(1, { undo: { before, after: note(1) } });
    const notes = notesOf(note(0), note(1), note(3, { parentId: id(4) }), note(4, { parentId: id(1) }));
    const resolution = resolveItem(moved, "undo", { resetId, notes, atMs: 9 });
    expect(resolution).toMatchObject({ kind: "refused", message: expect.stringMatching(/hangs under it/) });
    expect(choose(moved, "undo", notesOf(note(0), note(1), note(3))).get(id(1))).toEqual(before);
  });
});

describe("a line whose note is not there any more", () => {
  const written = note(1, { text: "# 1\nmine\n", deletedAtMs: 5 });
  const tombstone = note(1, { text: "", parentId: null, orderKey: "", deletedAtMs: 7 });
  const line = item(1, {
    mine: "# 1\nmine\n",
    theirs: "# 1\ntheirs\n",
    undo: { before: null, after: written },
  });

  it.each([
    ["deleted for good since", notesOf(note(0), tombstone)],
    ["never kept by the server", notesOf(note(0))],
  ])("brings back, whole and in its place, what was %s", (_what, notes) => {
    expect(choose(line, "restore", notes).get(id(1))).toEqual({ ...written, deletedAtMs: null });
    expect(choose(line, "mine", notes).get(id(1))).toEqual({ ...written, deletedAtMs: null });
    expect(choose(line, "theirs", notes).get(id(1))?.text).toBe("# 1\ntheirs\n");
  });

  it("brings it back to the top where its parent is gone as well", () => {
    const below = item(1, { undo: { before: null, after: { ...written, parentId: id(8) } } });
    const back = choose(below, "restore", notesOf(note(0), tombstone, note(4)));
    expect(back.get(id(1))).toMatchObject({ parentId: id(0), deletedAtMs: null });
    expect(back.get(id(1))!.orderKey > "A4").toBe(true);
  });

  it("says where the words are if the report has not the whole note", () => {
    const { undo: _, ...rest } = line;
    const context = { resetId, notes: notesOf(note(0)), atMs: 9 };
    expect(resolveItem({ ...rest, undo: null }, "restore", context)).toMatchObject({
      kind: "refused",
      message: expect.stringMatching(/safety copy/),
    });
  });
});

describe("what the server did not keep", () => {
  const before = note(1, { text: "# 1\none\ntwo\ntheirs\n" });
  const after = note(1, { text: "# 1\nmine\ntwo\ntheirs\n", orderKey: "B" });
  const merged = item(1, {
    outcome: "merged",
    base: "# 1\none\ntwo\nthree\n",
    mine: "# 1\nmine\ntwo\nthree\n",
    theirs: before.text,
    result: after.text,
    undo: { before, after },
  });
  const again = (notes: Notes) => {
    const resolution = resolveItem(merged, "mine", { resetId, notes, atMs: 9, isFailed: true });
    return resolution.kind === "ok" ? apply(notes, resolution.changes).get(id(1)) : resolution;
  };

  it("is put back as it was merged, with the other device's words, and in its place", () => {
    expect(again(notesOf(note(0), before))).toEqual(after);
    expect(again(notesOf(note(0), after))).toEqual(after);
  });

  it("is put into what was written since, or refused", () => {
    const since = { ...before, text: `${before.text}since\n`, orderKey: "C" };
    expect(again(notesOf(note(0), since))).toMatchObject({ text: `${after.text}since\n`, orderKey: "C" });
    expect(again(notesOf(note(0), { ...before, text: "# 1\nsince\ntwo\ntheirs\n" }))).toMatchObject({
      kind: "refused",
    });
  });
});
