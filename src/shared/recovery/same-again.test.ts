import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { planRecovery } from "./plan";
import type { NoteHistory, RecoveryInput } from "./plan-types";

const rootId = "00000000-0000-4000-8000-000000000001" as NoteId;
const recoveredId = "00000000-0000-4000-8000-000000000002" as NoteId;
const one = "00000000-0000-4000-8000-00000000000a" as NoteId;

function note(id: NoteId, text: string, more: Partial<Note> = {}): Note {
  const blank = { isRoot: false, orderKey: "V", childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return { id, text, parentId: rootId, ...blank, ...more };
}

const notes = (...all: Note[]) =>
  new Map(
    [note(rootId, "Notes", { isRoot: true, parentId: null, orderKey: "" }), ...all].map((each) => [
      each.id,
      each,
    ]),
  );

/** A rename that the server had and has lost, and that was taken back here before anybody heard of that. */
const takenBack: NoteHistory = {
  created: "elsewhere",
  text: [
    { before: "# Old\n", after: "# New\n", acked: true, atMs: 1 },
    { before: "# New\n", after: "# Old\n", acked: false, atMs: 2 },
  ],
  place: [],
  deletedAtMs: [],
};

function plan(more: Partial<RecoveryInput>, history = takenBack, text = "# Old\n") {
  return planRecovery({
    resetId: "r",
    rootId,
    recoveredId,
    local: notes(note(one, "# Old\n")),
    remote: notes(note(one, text)),
    history: new Map([[one, history]]),
    seen: { earlier: () => true, known: () => true },
    historyTrusted: true,
    serverWentBack: true,
    isOtherVersion: () => true,
    ...more,
  });
}

describe("what was decided here and comes to what the server shows", () => {
  it("is written again to a server that went back, and told nowhere, because nothing differs", () => {
    const { steps, items, counts } = plan({});
    expect(steps).toMatchObject([
      { note: { id: one, text: "# Old\n" }, expect: { text: "# Old\n" }, asItWas: true },
    ]);
    expect(items).toEqual([]);
    expect(counts).toMatchObject({ created: 0, changed: 1, trashed: 0 });
  });

  it("is not written where the server has this very version, or did not go back", () => {
    expect(plan({ isOtherVersion: () => false }).steps).toEqual([]);
    expect(plan({ serverWentBack: false, seen: { earlier: () => false, known: () => true } }).steps).toEqual(
      [],
    );
    expect(plan({ historyTrusted: false }).steps).toEqual([]);
  });

  it("is not what nobody decided here, or what the server was seen to have", () => {
    const acked = takenBack.text.map((change) => ({ ...change, acked: true }));
    expect(plan({}, { ...takenBack, text: acked }).steps).toEqual([]);
    expect(plan({}, { ...takenBack, text: [] }).steps).toEqual([]);
  });

  it("has one step and one line where the note differs", () => {
    const { steps, items } = plan({}, takenBack, "# Older\n");
    expect(steps).toHaveLength(1);
    expect(items).toHaveLength(1);
  });
});
