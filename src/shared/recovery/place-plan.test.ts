import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { areAllUnder, buildTree } from "../tree";
import { planRecovery } from "./plan";
import type { RecoveryInput } from "./plan-types";

const rootId = "00000000-0000-4000-8000-000000000001" as NoteId;
const recoveredId = "00000000-0000-4000-8000-000000000002" as NoteId;
const left = "00000000-0000-4000-8000-00000000000a" as NoteId;
const moved = "00000000-0000-4000-8000-00000000000b" as NoteId;
const between = "00000000-0000-4000-8000-00000000000c" as NoteId;

function note(id: NoteId, orderKey: string, more: Partial<Note> = {}): Note {
  const life = { isRoot: false, childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return { id, text: "# A note\n", parentId: rootId, orderKey, ...life, ...more };
}

const notes = (...all: Note[]) =>
  new Map([note(rootId, "", { isRoot: true, parentId: null }), ...all].map((each) => [each.id, each]));

function input(local: readonly Note[], remote: readonly Note[]): RecoveryInput {
  return {
    resetId: "r",
    rootId,
    recoveredId,
    local: notes(...local),
    remote: notes(...remote),
    history: new Map(),
    seen: { earlier: () => false, known: () => true },
    historyTrusted: true,
  };
}

/** Moved here to the right of `left`, whose own key another device changed. */
function placesWritten(local: Note[], remote: Note[]) {
  const place = { before: { parentId: rootId, orderKey: "V1" }, after: { parentId: rootId, orderKey: "W" } };
  const history = {
    created: "elsewhere",
    text: [],
    deletedAtMs: [],
    place: [{ ...place, acked: false, atMs: 1 }],
  };
  const { steps } = planRecovery({
    ...input(local, remote),
    history: new Map([[moved, history as never]]),
  });
  return steps.map((step) => [step.note.id, step.note.orderKey]);
}

describe("a note that was moved to the right of another, whose own place was changed elsewhere", () => {
  const here = [note(left, "V"), note(moved, "W")];

  it("stays where the server has it, where only notes that were never seen here stand between", () => {
    expect(placesWritten(here, [note(left, "U"), note(moved, "V1")])).toEqual([]);
    expect(placesWritten(here, [note(left, "U"), note(between, "V"), note(moved, "V1")])).toEqual([]);
  });

  it("goes right after it, where it stands on its left, or past one that it was moved over", () => {
    const onItsLeft = placesWritten(here, [note(left, "V5"), note(moved, "V1")]);
    expect(onItsLeft).toHaveLength(1);
    expect(onItsLeft[0]![1]! > "V5").toBe(true);
    const known = [note(left, "V"), note(moved, "W"), note(between, "X")];
    const pastIt = placesWritten(known, [note(left, "U"), note(between, "V"), note(moved, "V1")]);
    expect(pastIt).toHaveLength(1);
    expect(pastIt[0]![1]! > "U" && pastIt[0]![1]! < "V").toBe(true);
  });
});

describe("a ring of notes that sync has closed, on the server as here", () => {
  const ring = (text: string, more: Partial<Note> = {}) => [
    note(left, "V", { parentId: between }),
    note(moved, "V", { parentId: left, text, ...more }),
    note(between, "V", { parentId: moved }),
  ];
  const typed = { before: "# A note\n", after: "# A note\nwords\n", acked: false, atMs: 1 };

  function planFor(local: readonly Note[], remote: readonly Note[]) {
    const history = { created: "elsewhere", text: [typed], deletedAtMs: [], place: [] };
    return planRecovery({ ...input(local, remote), history: new Map([[moved, history as never]]) });
  }

  it("is opened at the note that is written anyway, so that all of it can be reached", () => {
    const { steps, items } = planFor(ring(typed.after), ring(typed.before));
    expect(steps.map((step) => [step.note.id, step.note.parentId])).toEqual([
      [recoveredId, rootId],
      [moved, recoveredId],
    ]);
    expect(items).toMatchObject([{ noteId: moved, outcome: "moved-to-recovered" }]);
    const after = new Map(notes(...ring(typed.before)));
    for (const step of steps) after.set(step.note.id, step.note);
    const tree = buildTree(after.values(), rootId);
    expect(areAllUnder(tree, after.keys(), rootId)).toBe(true);
    const again = planFor(ring(typed.after), [...after.values()].slice(1));
    expect(again.steps).toEqual([]);
  });

  it("stays as it is where nothing of it is written, or all of it is in the trash", () => {
    const untouched = planRecovery(input([...ring(typed.before)], [...ring(typed.before)]));
    expect(untouched.steps).toEqual([]);
    const inTrash = [note(left, "V", { parentId: between, deletedAtMs: 5 }), ...ring(typed.before).slice(1)];
    const { steps } = planFor([inTrash[0]!, ...ring(typed.after).slice(1)], inTrash);
    expect(steps.map((step) => [step.note.id, step.note.parentId])).toEqual([[moved, left]]);
  });

  it("is opened where only a list of children closes it, and lets a move through that stood in it", () => {
    const listed = note(between, "V", { parentId: left, childIds: [moved] });
    const local = [
      note(left, "V", { text: typed.after }),
      { ...listed, childIds: [moved] },
      note(moved, "V", { parentId: between }),
    ];
    const remote = [
      note(left, "V", { parentId: moved }),
      listed,
      note(moved, "", { parentId: null, text: "# A note\n" }),
    ];
    const place = { before: { parentId: null, orderKey: "" }, after: { parentId: between, orderKey: "V" } };
    const still = { created: "elsewhere", text: [], place: [], deletedAtMs: [] };
    const history = new Map([
      [left, { ...still, text: [typed] } as never],
      [moved, { ...still, place: [{ ...place, acked: false, atMs: 1 }] } as never],
    ]);
    const { steps, items } = planRecovery({ ...input(local, remote), history });
    const after = new Map(notes(...remote));
    for (const step of steps) after.set(step.note.id, step.note);
    expect(after.get(left)?.parentId).toBe(recoveredId);
    expect(after.get(moved)?.parentId).toBe(between);
    expect(items.find(({ noteId }) => noteId === moved)?.outcome).toBe("put-back");
    const again = planRecovery({ ...input(local, [...after.values()].slice(1)), history });
    expect(again.steps).toEqual([]);
  });
});
