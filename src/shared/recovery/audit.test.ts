import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { buildTree } from "../tree";
import { type AuditInput, type KnownNote, planAudit } from "./audit";

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as NoteId;
const rootId = id(0);
const recoveredId = id(99);

function note(number: number, changes: Partial<Note> = {}): Note {
  return {
    id: id(number),
    text: `# ${number}\n`,
    isRoot: number === 0,
    parentId: number === 0 ? null : rootId,
    orderKey: number === 0 ? "" : `A${number}`,
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: 1,
    ...changes,
  };
}

const latest = (of: Note): KnownNote => ({ note: of, revision: `r-${of.id}`, isLatest: true });

function input(
  live: readonly Note[],
  known: readonly KnownNote[],
  more: Partial<AuditInput> = {},
): AuditInput {
  const knownById = new Map(known.map((each) => [each.note.id, each]));
  return {
    rootId,
    recoveredId,
    live: new Map(live.map((each) => [each.id, each])),
    vanished: [],
    wentBack: [],
    unplaced: new Map(),
    known: (of) => knownById.get(of) ?? null,
    timesMended: () => 0,
    mayUseOlder: () => true,
    ...more,
  };
}

describe("planAudit", () => {
  it("puts a vanished note back as it was, with the revision it had, parents before children", () => {
    const parent = note(1);
    const child = note(2, { parentId: id(1) });
    const plan = planAudit(input([note(0)], [latest(child), latest(parent)], { vanished: [id(2), id(1)] }));
    expect(plan.steps).toMatchObject([
      { note: parent, expect: null, revision: `r-${id(1)}`, asItWas: true },
      { note: child, expect: null, revision: `r-${id(2)}`, asItWas: true },
    ]);
    expect(plan.items.map(({ path, undo }) => ({ path, undo }))).toEqual([
      { path: [], undo: { before: null, after: parent } },
      { path: ["1"], undo: { before: null, after: child } },
    ]);
  });

  it("answers the same on every device that knows the same, in whatever order it was missed", () => {
    const known = [1, 2, 3].map((number) => latest(note(number, { parentId: id(77) })));
    const forwards = planAudit(input([note(0)], known, { vanished: [id(1), id(2), id(3)] }));
    const backwards = planAudit(input([note(0)], known.toReversed(), { vanished: [id(3), id(2), id(1)] }));
    expect(backwards).toEqual(forwards);
    expect(forwards.steps.map(({ note: { parentId } }) => parentId)).toEqual([
      rootId,
      recoveredId,
      recoveredId,
      recoveredId,
    ]);
  });

  it("reaches every note it writes, whatever cycle or gap the known places make", () => {
    const known = [
      latest(note(1, { parentId: id(2) })),
      latest(note(2, { parentId: id(1) })),
      latest(note(3, { parentId: id(50) })),
    ];
    const plan = planAudit(input([note(0)], known, { vanished: [id(1), id(2), id(3)] }));
    const tree = buildTree([note(0), ...plan.steps.map((step) => step.note)], rootId);
    expect(tree.recovered).toEqual([]);
    expect(tree.cycles).toEqual([]);
  });

  it("leaves an older version to others for a while, and to a person what vanished after it was put back", () => {
    const older = { ...latest(note(1)), isLatest: false };
    const waiting = planAudit(input([note(0)], [older], { vanished: [id(1)], mayUseOlder: () => false }));
    expect(waiting).toMatchObject({ steps: [], items: [], waiting: [id(1)] });
    expect(planAudit(input([note(0)], [older], { vanished: [id(1)] })).items[0]?.sentence).toMatch(/newer/);
    const again = planAudit(input([note(0)], [latest(note(1))], { vanished: [id(1)], timesMended: () => 1 }));
    expect(again.steps).toEqual([]);
    expect(again.items).toMatchObject([{ outcome: "left-out", needsHelp: true, leftOut: note(1) }]);
  });

  it("puts forward what went back only where the latest is known, and not for ever", () => {
    const newer = latest(note(1, { text: "# 1\nnewer\n" }));
    const went = (known: KnownNote, times = 0) =>
      planAudit(input([note(0), note(1)], [known], { wentBack: [id(1)], timesMended: () => times }));
    expect(went(newer).steps).toMatchObject([{ note: newer.note, expect: note(1) }]);
    expect(went({ ...newer, isLatest: false })).toMatchObject({ steps: [], items: [] });
    expect(went(newer, 3)).toMatchObject({ steps: [], items: [{ outcome: "left-out", theirs: "# 1\n" }] });
  });

  it("gives a note without a place the one it had, and leaves it where that is gone", () => {
    const adrift = note(1, { parentId: null, orderKey: "" });
    const live = [note(0), note(2), note(3, { parentId: id(2), orderKey: "B" }), adrift];
    const back = planAudit(input(live, [], { unplaced: new Map([[id(1), id(2)]]) }));
    expect(back.steps[0]?.note.parentId).toBe(id(2));
    expect((back.steps[0]?.note.orderKey ?? "") > "B").toBe(true);
    expect(planAudit(input(live, [], { unplaced: new Map([[id(1), id(44)]]) })).steps).toEqual([]);
  });

  it("says of which notes nothing is known", () => {
    expect(planAudit(input([note(0)], [], { vanished: [id(5)] })).unknown).toEqual([id(5)]);
  });
});
