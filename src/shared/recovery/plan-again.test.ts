import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { type Arrived, planAgain, withLinesOf } from "./plan-again";
import type { InterimSide, NoteHistory, RecoveryInput, RecoveryPlan } from "./plan-types";

const rootId = "00000000-0000-4000-8000-000000000001" as NoteId;
const recoveredId = "00000000-0000-4000-8000-000000000002" as NoteId;
const one = "00000000-0000-4000-8000-00000000000a" as NoteId;
const two = "00000000-0000-4000-8000-00000000000b" as NoteId;

function note(id: NoteId, text: string, more: Partial<Note> = {}): Note {
  const blank = { isRoot: false, orderKey: "V", childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return { id, text, parentId: rootId, ...blank, ...more };
}

const root = note(rootId, "Notes", { isRoot: true, parentId: null, orderKey: "" });
const notes = (...all: Note[]) => new Map([root, ...all].map((each) => [each.id, each]));

type Sides = {
  readonly local: ReadonlyMap<NoteId, Note>;
  readonly interim: ReadonlyMap<NoteId, Note>;
  readonly remote: ReadonlyMap<NoteId, Note>;
  readonly typed?: { readonly id: NoteId; readonly before: string };
  readonly own?: NoteHistory & { readonly id: NoteId };
  /** The server's version of these was on this device before. */
  readonly earlier?: readonly NoteId[];
  /** As long as nothing else is said, all that the first attempt saw was news. */
  readonly isNews?: InterimSide["isNews"];
  readonly isNewer?: InterimSide["isNewer"];
  readonly isBeside?: boolean;
  readonly serverWentBack?: boolean;
};

function plan({
  local,
  interim,
  remote,
  typed,
  own,
  earlier = [],
  isNews = () => true,
  isNewer,
  isBeside = false,
  serverWentBack,
}: Sides): RecoveryPlan {
  const history = new Map<NoteId, NoteHistory>();
  if (typed !== undefined) {
    const change = { before: typed.before, after: local.get(typed.id)!.text, acked: false, atMs: 0 };
    history.set(typed.id, { created: "elsewhere", text: [change], place: [], deletedAtMs: [] });
  }
  if (own !== undefined) history.set(own.id, own);
  const input: RecoveryInput = {
    resetId: "r",
    rootId,
    recoveredId,
    local,
    remote,
    history,
    seen: { earlier: (id) => earlier.includes(id), known: (id) => local.has(id) },
    historyTrusted: true,
    ...(serverWentBack === undefined ? {} : { serverWentBack }),
    interim: [{ notes: interim, isNews, isNewer: isNewer ?? (() => false), isBeside: () => isBeside }],
  };
  const made = planAgain(input);
  // Carried out, it leaves nothing to do: what is on the server then was never on this device before.
  const after = new Map(remote);
  for (const step of made.steps) after.set(step.note.id, step.note);
  const nothingOld = {
    seen: { ...input.seen, earlier: () => false },
    hasWrittenOver: (id: NoteId, text: string) =>
      made.steps.some(({ note, expect }) => note.id === id && expect?.text === text),
    interim: [{ notes: interim, isNews, isNewer: () => false, isBeside: () => isBeside }],
  };
  expect(planAgain({ ...input, ...nothingOld, remote: after }).steps).toEqual([]);
  return made;
}

const written = ({ steps }: RecoveryPlan) => steps.map((step) => [step.note.id, step.note.text]);

describe("the report of a recovery that began again", () => {
  const made = plan({
    local: notes(note(one, "mine\n")),
    interim: notes(),
    remote: notes(note(one, "base\n")),
    typed: { id: one, before: "base\n" },
  });
  const nothing: RecoveryPlan = { ...made, steps: [], items: [] };
  const lines = (remote: ReadonlyMap<NoteId, Note>, anew = nothing, how: Arrived = "surely") =>
    withLinesOf(made, anew, remote, () => how).items.map(({ noteId, sentence, result }) => [
      noteId,
      sentence,
      result,
    ]);

  it("leaves a blank line where this device has it, though the first attempt saw the server without it", () => {
    const { steps } = plan({
      local: notes(note(one, "mine\n# One\n")),
      interim: notes(note(one, "# One")),
      remote: notes(note(one, "# One\n")),
      typed: { id: one, before: "# One\n" },
      earlier: [one],
      isNewer: () => true,
      serverWentBack: true,
    });
    expect(steps.map((step) => step.note.text)).toEqual(["mine\n# One\n"]);
  });

  it("keeps the lines of what the server has of the earlier attempt, whatever others made of it", () => {
    expect(lines(notes(note(one, "mine\n")))).toEqual([[one, "Your edit was put back.", "mine\n"]]);
    const both = notes(note(one, "mine\ntheirs\n"));
    expect(lines(both)).toEqual([[one, "Your edit was put back.", "mine\ntheirs\n"]]);
    const perhaps = withLinesOf(made, nothing, both, () => "perhaps").items;
    expect(perhaps).toMatchObject([{ noteId: one, result: "mine\ntheirs\n", undo: null }]);
    expect(withLinesOf(null, nothing, both, () => "surely")).toBe(nothing);
  });

  it("has one line for each note, and none for what did not come to the server", () => {
    expect(lines(notes(note(one, "base\n")))).toEqual([]);
    expect(lines(notes())).toEqual([]);
    // Another device put the very same back.
    expect(lines(notes(note(one, "mine\n")), nothing, "no")).toEqual([]);
    expect(lines(notes(note(one, "mine\n")), made)).toHaveLength(1);
  });

  it("tells of a copy that the earlier attempt made, whatever the note comes to this time", () => {
    const sides = {
      local: notes(note(one, "# A mine\n")),
      interim: notes(),
      typed: { id: one, before: "# A\n" },
    };
    const theirs = note(one, "# A theirs\n");
    const first = plan({ ...sides, remote: notes(theirs) });
    const copy = first.steps[0]!.note;
    expect(first.items).toMatchObject([{ noteId: one, copyId: copy.id, undo: null }]);
    const remote = notes(theirs, copy);
    const merged = plan({ ...sides, remote, serverWentBack: true });
    expect(merged.items).toMatchObject([{ noteId: one, outcome: "merged", copyId: null }]);
    const [line, ...others] = withLinesOf(first, merged, remote, () => "surely").items;
    expect(others).toEqual([]);
    expect(line).toMatchObject({ ...merged.items[0]!, copyId: copy.id, sentence: expect.anything() });
    expect(line!.sentence).toContain("Your version is in 'A mine (your copy)' as well.");
    expect(withLinesOf(first, nothing, remote, () => "surely").items).toMatchObject(first.items);
    for (const plans of [merged, nothing]) {
      expect(withLinesOf(first, plans, notes(theirs), () => "surely")).toBe(plans);
      expect(withLinesOf(first, plans, remote, () => "no")).toBe(plans);
    }
  });
});

describe("a recovery that begins again after another reset", () => {
  it("puts back a note that only the server had when the first attempt downloaded it", () => {
    const local = notes(note(one, "one"));
    const made = plan({ local, interim: notes(note(one, "one"), note(two, "theirs")), remote: local });
    expect(written(made)).toEqual([[two, "theirs"]]);
    expect(made.items).toMatchObject([
      { noteId: two, outcome: "missing-on-server", result: "theirs", undo: { before: null } },
    ]);
    expect(made.counts).toMatchObject({ created: 1, changed: 0, trashed: 0 });
    expect(made.rolledBack).toBe(true);
  });

  it("puts back words that others added, and its own with them, once each", () => {
    const made = plan({
      local: notes(note(one, "# One\nmine\n")),
      interim: notes(note(one, "# One\ntheirs\n")),
      remote: notes(note(one, "# One\n")),
      typed: { id: one, before: "# One\n" },
      earlier: [one],
      isNewer: () => true,
    });
    expect(made.steps).toHaveLength(1);
    const lines = made.steps[0]!.note.text.trim().split("\n");
    expect(lines.toSorted()).toEqual(["# One", "mine", "theirs"]);
    expect(made.items).toHaveLength(1);
    expect(made.items[0]).toMatchObject({ result: made.steps[0]!.note.text, theirs: "# One\n" });
    expect(made.items[0]!.sentence).toContain("The server had lost a change of this note.");
  });

  it("does not bring back what a person here replaced", () => {
    const made = plan({
      local: notes(note(one, "milk, two litres\n")),
      interim: notes(note(one, "milk\nbread\n")),
      remote: notes(),
      typed: { id: one, before: "milk\n" },
    });
    expect(written(made)).toEqual([[one, "milk, two litres\nbread\n"]]);
  });

  it("leaves to the first plan what was known before that attempt, as a line that a person here took out", () => {
    const made = plan({
      local: notes(note(one, "one\n")),
      interim: notes(note(one, "one\ntaken out\n")),
      remote: notes(note(one, "one\n")),
      isNews: () => false,
      serverWentBack: true,
    });
    expect(made.steps).toEqual([]);
  });

  it("leaves to the first plan what was known before that attempt and is gone: deleted here for good, or edited", () => {
    const sides = { remote: notes(), isNews: () => false, serverWentBack: true };
    const trashed = { deletedAtMs: 5 };
    const purged = note(one, "", { parentId: null, orderKey: "", ...trashed });
    const interim = notes(note(one, "one\n", trashed));
    expect(plan({ ...sides, local: notes(purged), interim }).steps).toEqual([]);
    const edited = plan({
      ...sides,
      local: notes(note(two, "two\n")),
      interim: notes(note(two, "two\nout\n")),
    });
    expect(written(edited)).toEqual([[two, "two\n"]]);
  });

  it("takes no line that a person here took out for one that the server lost", () => {
    const sides = { local: notes(note(one, "one\nmine\n")), interim: notes(note(one, "one\nout\ntheirs\n")) };
    const typed = { id: one, before: "one\nout\n" };
    const lost = plan({ ...sides, typed, remote: notes(note(one, "one\nout\n")), serverWentBack: true });
    expect(written(lost).map(([, text]) => text?.split("\n").includes("out"))).toEqual([false]);
    const remote = notes(note(one, "one\nmine\ntheirs\n"));
    expect(plan({ ...sides, typed, remote, serverWentBack: true }).steps).toEqual([]);
  });

  it("adds nothing where the words are there, in another order and without the blank lines between them", () => {
    const there = notes(note(one, "more\none\nmine\ntheirs"));
    const interim = notes(note(one, "one\n\ntheirs\n\nmore\n"));
    const made = plan({ local: there, interim, remote: there, serverWentBack: true });
    expect(made.steps).toEqual([]);
  });

  it("leaves what others have changed or thrown away since the first attempt", () => {
    const made = plan({
      local: notes(note(one, "one\n"), note(two, "two\n")),
      interim: notes(note(one, "one\ntheirs\n"), note(two, "two\n")),
      remote: notes(note(one, "one\n"), note(two, "two\n", { deletedAtMs: 7 })),
    });
    expect(made.steps).toEqual([]);
    expect(made.rolledBack).toBe(false);
  });

  it("puts a note back under one that comes back with it, parents first", () => {
    const local = notes(note(two, "mine, above"));
    const interim = notes(note(one, "theirs, below", { parentId: two }), note(two, "mine, above"));
    const made = plan({ local, interim, remote: notes() });
    expect(made.steps.map(({ note: each }) => [each.id, each.parentId])).toEqual([
      [two, rootId],
      [one, two],
    ]);
  });

  it("does not join an older version, planned again, to the newer one that it has put back over it", () => {
    const sides = { interim: notes(note(one, "# Renamed\none\n")), serverWentBack: true };
    const older = notes(note(one, "# One\none\n"));
    const unchanged = plan({ ...sides, local: older, remote: older, isNewer: () => true });
    expect(written(unchanged)).toEqual([[one, "# Renamed\none\n"]]);
    // A change of its own that the server turned out to have.
    const own = notes(note(one, "# One\none\nmine\n"));
    const typed = { id: one, before: "# One\none\n" };
    const changed = plan({ ...sides, local: own, remote: own, typed, isNewer: () => true });
    expect(written(changed)).toEqual([[one, "# Renamed\none\nmine\n"]]);
  });

  it("puts nothing over what it need not have grown out of: the lines of both stay, and the place", () => {
    const had = notes(note(one, "# One\nlaptop\n"));
    const interim = notes(note(one, "# One\ntablet\n", { orderKey: "Z" }));
    const made = plan({ local: had, interim, remote: had, isNewer: () => true, isBeside: true });
    expect(made.steps.map(({ note: { text, orderKey } }) => [text.split("\n").toSorted(), orderKey])).toEqual(
      [[["", "# One", "laptop", "tablet"], "V"]],
    );
  });

  it("leaves out the line that a person here has taken out, where others wrote beside it", () => {
    const made = plan({
      local: notes(note(one, "# Mine\n\nlast")),
      interim: notes(note(one, "# One\ntheirs\nlast")),
      remote: notes(note(one, "# One\ntheirs, once more\nlast")),
      typed: { id: one, before: "# One\n" },
      serverWentBack: true,
    });
    const lines = made.steps.map(({ note: { text } }) =>
      text
        .split("\n")
        .filter((line) => line !== "")
        .toSorted(),
    );
    expect(lines).toEqual([["# Mine", "last", "theirs", "theirs, once more"]]);
  });

  it("puts no older version back where the server shows again what others had made of that since", () => {
    const sides = {
      local: notes(note(one, "# One\nold\n", { deletedAtMs: 7 })),
      interim: notes(note(one, "# One\n")),
      remote: notes(note(one, "# One\n")),
      earlier: [one],
      isNewer: () => true,
    };
    const made = plan(sides);
    expect([made.steps, made.items, made.counts.trashed]).toEqual([[], [], 0]);
    const older = { note: { text: "# One\nold\n", deletedAtMs: 7 }, asItWas: true };
    expect(plan({ ...sides, isNewer: () => false }).steps).toMatchObject([older]);
    const change = { before: "# One\n", after: "# One\nold\n", acked: false, atMs: 0 };
    const own = { id: one, created: "elsewhere", text: [change], place: [], deletedAtMs: [] } as const;
    const mine = plan({ ...sides, own });
    expect(mine.steps).toMatchObject([{ note: { text: "# One\nold\n", deletedAtMs: null }, asItWas: false }]);
    expect(mine.items).toMatchObject([{ result: "# One\nold\n", undo: { after: { deletedAtMs: null } } }]);
  });

  it("leaves out the line that a person here had taken out, where the server had lost that again", () => {
    const sides = {
      local: notes(note(one, "# One\nlaptop\n")),
      interim: notes(note(one, "# One\nold\ntablet\n")),
      remote: notes(note(one, "# One\nlaptop\n")),
      isNewer: () => true,
    };
    const change = { before: "# One\nold\nlaptop\n", after: "# One\nlaptop\n", acked: true, atMs: 0 };
    const own = { id: one, created: "elsewhere", text: [change], place: [], deletedAtMs: [] } as const;
    const lines = (made: RecoveryPlan) => made.steps.map(({ note: { text } }) => text.split("\n").toSorted());
    expect(lines(plan({ ...sides, own, isBeside: true }))).toEqual([["", "# One", "laptop", "tablet"]]);
    expect(lines(plan({ ...sides, isBeside: true }))).toEqual([["", "# One", "laptop", "old", "tablet"]]);
    const putBack = { ...own, text: [change, { ...change, before: change.after, after: change.before }] };
    const there = { ...sides, local: notes(note(one, change.before)), own: putBack };
    expect(lines(plan({ ...there, isBeside: true }))).toEqual([["", "# One", "laptop", "old", "tablet"]]);
  });

  it("puts a note that is gone back where others had put it last, into the trash as well, unless a person here moved it", () => {
    const sides = {
      local: notes(note(one, "one")),
      interim: notes(note(one, "one", { orderKey: "Z", deletedAtMs: 7 })),
      remote: notes(),
    };
    const newer = { note: { orderKey: "Z", deletedAtMs: 7 }, expect: null, asItWas: true };
    expect(plan(sides).steps).toMatchObject([newer]);
    const older = { note: { orderKey: "V", deletedAtMs: null }, expect: null };
    expect(plan({ ...sides, isNews: () => false }).steps).toMatchObject([older]);
    expect(plan({ ...sides, isBeside: true }).steps).toMatchObject([older]);
    const moved = { before: { parentId: rootId, orderKey: "A" }, after: { parentId: rootId, orderKey: "V" } };
    const restored = { before: 3, after: null };
    const place = [{ ...moved, acked: false, atMs: 0 }];
    const deletedAtMs = [{ ...restored, acked: false, atMs: 0 }];
    const own = { created: "elsewhere", text: [], place, deletedAtMs } as const;
    expect(plan({ ...sides, own: { id: one, ...own } }).steps).toMatchObject([older]);
  });

  it("keeps the place that a person here gave, and takes the server's lost one otherwise", () => {
    const moved = note(one, "one", { orderKey: "Z" });
    const made = plan({
      local: notes(note(one, "one")),
      interim: notes(moved),
      remote: notes(note(one, "one")),
      earlier: [one],
      isNewer: () => true,
    });
    expect(made.steps).toMatchObject([{ note: { id: one, orderKey: "Z" }, asItWas: true }]);
  });
});
