import { describe, expect, it } from "vitest";
import type { Note } from "../../shared/note";
import { markedAsCopy } from "../../shared/recovery/copy-text";
import { derivedId } from "../../shared/recovery/derived-id";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { apply, id, item, note, notesOf, resetId, versions } from "./testing/report-notes";
import { undoRecovery } from "./undo-recovery";

const home = id(90);

describe("undoing a whole recovery", () => {
  const before = note(1, { text: "# 1\nserver\n" });
  const after = note(1, { text: "# 1\nrecovered\n", parentId: id(3), orderKey: "B" });
  const created = note(3);
  const report = (...items: ReportItem[]) => ({ resetId, items }) as unknown as RecoveryReport;
  const changedItem = item(1, { result: after.text, undo: { before, after } });
  const createdItem = item(3, { result: created.text, undo: { before: null, after: created } });

  it("takes every note back to what the server had, and twice is as once", () => {
    const notes = notesOf(note(0), after, created);
    const { changes, undone, left } = undoRecovery(report(changedItem, createdItem), notes, 9, home);
    expect({ undone, left }).toEqual({ undone: 2, left: [] });
    const undoneNotes = apply(notes, changes);
    expect(undoneNotes.get(id(1))).toEqual(before);
    expect(undoneNotes.get(id(3))?.deletedAtMs).toBe(9);
    expect(undoRecovery(report(changedItem, createdItem), undoneNotes, 10, home)).toEqual({
      changes: [],
      undone: 0,
      left: [],
    });
  });

  it.each([
    ["text", { text: "# 1\nsince\n" }],
    ["place", { orderKey: "C" }],
    ["trash", { deletedAtMs: 7 }],
  ])("leaves a note alone whose %s somebody has changed since", (_what, since) => {
    const notes = notesOf(note(0), { ...after, ...since }, created);
    const { changes, left } = undoRecovery(report(changedItem), notes, 9, home);
    expect({ changes, left }).toEqual({ changes: [], left: [id(1)] });
  });

  it("does not take a note away over one that somebody put under it since", () => {
    const notes = notesOf(note(0), created, note(4, { parentId: id(3) }));
    expect(undoRecovery(report(createdItem), notes, 9, home)).toEqual({
      changes: [],
      undone: 0,
      left: [id(3)],
    });
    const inTrash = notesOf(note(0), created, note(4, { parentId: id(3), deletedAtMs: 2 }));
    expect(undoRecovery(report(createdItem), inTrash, 9, home)).toMatchObject({ undone: 1, left: [] });
  });

  it("puts copies into the trash, but for one that was edited since", () => {
    const copyItem = item(1, { ...versions, copyId: id(2) });
    const copy = note(2, { text: markedAsCopy(versions.mine, null) });
    const gone = undoRecovery(report(copyItem), notesOf(note(0), note(1), copy), 9, home);
    expect(gone.changes).toEqual([{ kind: "deleted", id: id(2), before: null, after: 9 }]);
    const edited = undoRecovery(
      report(copyItem),
      notesOf(note(0), note(1), { ...copy, text: "mine" }),
      9,
      home,
    );
    expect(edited).toEqual({ changes: [], undone: 0, left: [id(2)] });
  });

  it("leaves a copy where another note hangs somewhere under it by now", () => {
    const copyItem = item(1, { ...versions, copyId: id(2) });
    const copy = note(2, { text: markedAsCopy(versions.mine, null) });
    const under = [note(4, { parentId: id(2) }), note(5, { parentId: id(4) })];
    const notes = notesOf(note(0), note(1), copy, created, ...under);
    const { changes, left } = undoRecovery(report(copyItem, createdItem), notes, 9, home);
    expect(left).toEqual([id(2)]);
    expect(changes).toEqual([{ kind: "deleted", id: id(3), before: null, after: 9 }]);
  });

  it("puts back into the trash what recovery took out of it, with what lay under it, and all that it made", () => {
    const restored = note(1);
    const trashed = item(1, { undo: { before: { ...restored, deletedAtMs: 4 }, after: restored } });
    const child = note(6, { parentId: id(3) });
    const childItem = item(6, { undo: { before: null, after: child } });
    const notes = notesOf(note(0), restored, note(4, { parentId: id(1) }), created, child);
    const { changes, undone, left } = undoRecovery(report(trashed, createdItem, childItem), notes, 9, home);
    expect({ undone, left }).toEqual({ undone: 3, left: [] });
    const after = apply(notes, changes);
    expect([1, 3, 6, 4].map((number) => after.get(id(number))?.deletedAtMs)).toEqual([4, 9, 9, null]);
  });

  it("takes along what goes back itself, also out of what recovery made", () => {
    const before = note(1, { parentId: id(0), orderKey: "D" });
    const moved = item(1, { undo: { before, after: note(1, { parentId: id(3) }) } });
    const notes = notesOf(note(0), note(1, { parentId: id(3) }), created, note(4, { parentId: id(1) }));
    const { undone, left, changes } = undoRecovery(report(moved, createdItem), notes, 9, home);
    expect({ undone, left }).toEqual({ undone: 2, left: [] });
    expect(apply(notes, changes).get(id(1))).toEqual(before);
  });

  it.each([
    ["mine", { undo: null }, versions.mine],
    ["theirs", { undo: null }, versions.theirs],
    ["theirs", { undo: { before: note(1, { text: versions.theirs }), after } }, versions.theirs],
  ])("lists what a person has settled as '%s', and leaves it alone", (settled, more, text) => {
    const copyItem = item(1, { ...versions, copyId: id(2), settled, ...more });
    const notes = notesOf(note(0), note(1, { text }), note(2, { deletedAtMs: 5 }));
    const alone = { changes: [], undone: 0, left: [id(1)] };
    expect(undoRecovery(report(copyItem), notes, 9, home)).toEqual(alone);
    const isTrashed = notesOf(note(0), note(1, { text, deletedAtMs: 6 }));
    expect(undoRecovery(report(copyItem), isTrashed, 9, home).changes).toEqual([]);
  });

  it("hangs no note under itself: of a ring that it would close, what recovery had moved stays", () => {
    const movedItem = item(1, { undo: { before: note(1, { parentId: id(3) }), after: note(1) } });
    const other = item(4, { undo: { before: note(4, { text: "# 4\nserver\n" }), after: note(4) } });
    const notes = notesOf(note(0), note(1), note(3, { parentId: id(1) }), note(4));
    const { changes, undone, left } = undoRecovery(report(movedItem, other), notes, 9, home);
    expect({ undone, left }).toEqual({ undone: 1, left: [id(1)] });
    expect(apply(notes, changes).get(id(1))?.parentId).toBe(id(0));
  });

  it("turns two notes round that recovery had turned round", () => {
    const [one, three] = [note(1, { parentId: id(3) }), note(3)];
    const turned = [note(1), note(3, { parentId: id(1) })] as const;
    const items = [
      item(1, { undo: { before: one, after: turned[0] } }),
      item(3, { undo: { before: three, after: turned[1] } }),
    ];
    const notes = notesOf(note(0), ...turned);
    const { changes, left } = undoRecovery(report(...items), notes, 9, home);
    expect(left).toEqual([]);
    expect(apply(notes, changes)).toEqual(notesOf(note(0), one, three));
  });
});

describe("'Recovered notes', when what a recovery put there is gone from it again", () => {
  const made = note(90, { text: "Recovered notes", lastUpdatedMs: 105 });
  const under = note(1, { parentId: home });
  const items = [item(1, { undo: { before: null, after: under } })];
  const times = { startedAtMs: 100, finishedAtMs: 110 };
  const report = { resetId, items, ...times } as unknown as RecoveryReport;
  const trashed = { kind: "deleted", id: home, before: null, after: 200 };

  it("goes to the trash as well, and counts as nothing", () => {
    const { changes, undone, left } = undoRecovery(report, notesOf(note(0), made, under), 200, home);
    expect({ undone, left, last: changes.at(-1) }).toEqual({ undone: 1, left: [], last: trashed });
    const other = derivedId(resetId, home, "home");
    const inOther = notesOf(note(0), { ...made, id: other }, { ...under, parentId: other });
    const ofOther = { ...report, items: [item(1, { undo: { before: null, after: inOther.get(id(1))! } })] };
    expect(undoRecovery(ofOther, inOther, 200, home).changes.at(-1)).toEqual({ ...trashed, id: other });
  });

  it.each<[string, readonly Note[]]>([
    ["it was there before", [{ ...made, lastUpdatedMs: 99 }, under]],
    ["somebody has written into it", [{ ...made, text: "Recovered notes\nread", lastUpdatedMs: 120 }, under]],
    ["somebody has renamed it and back", [{ ...made, lastUpdatedMs: 120 }, under]],
    ["a live note is under it", [made, under, note(4, { parentId: home })]],
    ["what was put there was changed since", [made, { ...under, text: "# 1\nsince\n" }]],
    ["it is in the trash already", [{ ...made, deletedAtMs: 7 }, under]],
  ])("stays as it is where %s", (_why, all) => {
    const { changes } = undoRecovery(report, notesOf(note(0), ...all), 200, home);
    expect(changes.filter((change) => "id" in change && change.id === home)).toEqual([]);
  });
});
