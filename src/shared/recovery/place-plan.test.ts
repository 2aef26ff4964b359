import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { planRecovery } from "./plan";

const rootId = "00000000-0000-4000-8000-000000000001" as NoteId;
const left = "00000000-0000-4000-8000-00000000000a" as NoteId;
const moved = "00000000-0000-4000-8000-00000000000b" as NoteId;
const between = "00000000-0000-4000-8000-00000000000c" as NoteId;

function note(id: NoteId, orderKey: string, more: Partial<Note> = {}): Note {
  const life = { isRoot: false, childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return { id, text: "# A note\n", parentId: rootId, orderKey, ...life, ...more };
}

const notes = (...all: Note[]) =>
  new Map([note(rootId, "", { isRoot: true, parentId: null }), ...all].map((each) => [each.id, each]));

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
    resetId: "r",
    rootId,
    recoveredId: "00000000-0000-4000-8000-000000000002" as NoteId,
    local: notes(...local),
    remote: notes(...remote),
    history: new Map([[moved, history as never]]),
    seen: { earlier: () => false, known: () => true },
    historyTrusted: true,
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
