import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../note";
import type { NoteHistory } from "../plan-types";
import { strategies } from "../strategies/strategy";
import { type Fidelity, type Judged, type JudgedRun, judge, judgedStory, sumOf } from "./fidelity";
import { serverEvents, tellStory } from "./random-world";
import { noteIdOf, type Realm } from "./world";

const [root, one, two, three] = [1, 2, 3, 4].map(noteIdOf) as [NoteId, NoteId, NoteId, NoteId];
const none: Fidelity = { lost: 0, overwritten: 0, resurrected: 0, orphaned: 0, duplicated: 0 };

function note(id: NoteId, text: string, more: Partial<Note> = {}): Note {
  const place = { parentId: id === root ? null : root, orderKey: id === root ? "" : id.slice(-1) };
  const life = { childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return { id, text, isRoot: id === root, ...place, ...life, ...more };
}

function realm(...notes: Note[]): Realm {
  return new Map(
    [note(root, "Notes"), ...notes].map((each) => [each.id, { note: each, revision: each.text }]),
  );
}

/** The laptop recovers; `#laptop.1` is its own word and `#phone.1` the phone's, which it has not heard of. */
function world(run: Partial<JudgedRun>, more: Partial<Judged> = {}): Judged {
  return {
    rootId: root,
    tokens: new Map([
      ["#laptop.1", "laptop"],
      ["#phone.1", "phone"],
    ]),
    homes: new Map([
      ["#laptop.1", one],
      ["#phone.1", two],
    ]),
    removed: new Set(),
    offline: new Map(),
    runs: [
      {
        device: "laptop",
        local: new Map([
          [root, note(root, "Notes")],
          [one, note(one, "#laptop.1")],
          [two, note(two, "two")],
        ]),
        history: new Map(),
        seenIn: () => ({ earlier: () => false, known: () => true }),
        before: realm(note(one, "one"), note(two, "two\n#phone.1")),
        after: realm(note(one, "#laptop.1"), note(two, "two\n#phone.1")),
        copies: new Map(),
        ...run,
      },
    ],
    ...more,
  };
}

describe("what a recovery did", () => {
  it("is nothing where every word is where it was typed", () => {
    expect(judge(world({}))).toEqual(none);
  });

  it("counts a word that is nowhere as lost, unless somebody took it out", () => {
    const after = realm(note(one, "one"), note(two, "two\n#phone.1"));
    expect(judge(world({ after }))).toEqual({ ...none, lost: 1 });
    expect(judge(world({ after }, { removed: new Set(["#laptop.1"]) }))).toEqual(none);
  });

  it("counts another's word as overwritten that is gone from its note, but not in a copy of it", () => {
    const after = realm(note(one, "#laptop.1"), note(two, "two"));
    expect(judge(world({ after }))).toEqual({ ...none, lost: 1, overwritten: 1 });
    const withCopy = realm(note(one, "#laptop.1"), note(two, "two"), note(three, "#phone.1"));
    expect(judge(world({ after: withCopy, copies: new Map([[three, two]]) }))).toEqual(none);
  });

  it("counts another's move and trashing as overwritten, but not what the device moved itself", () => {
    const moved = note(two, "two\n#phone.1", { parentId: one, deletedAtMs: 5 });
    const before = realm(note(one, "one"), moved);
    expect(judge(world({ before })).overwritten).toBe(2);
    expect(judge(world({ before, after: realm(note(one, "#laptop.1"), moved) })).overwritten).toBe(0);
    const place = [
      {
        before: { parentId: root, orderKey: "3" },
        after: { parentId: one, orderKey: "V" },
        acked: false,
        atMs: 0,
      },
    ];
    const history = new Map<NoteId, NoteHistory>([
      [two, { created: "elsewhere", text: [], place, deletedAtMs: [] }],
    ]);
    const own = note(two, "two", { parentId: one });
    const local = new Map(world({}).runs[0]!.local).set(two, own);
    const after = realm(note(one, "#laptop.1"), note(two, "two\n#phone.1", { parentId: one }));
    expect(judge(world({ local, history, after })).overwritten).toBe(0);
  });

  it("counts a note as resurrected that only the one who trashed it had touched", () => {
    const deeds = (trashed: NoteId[], touched: NoteId[]) => ({
      trashed: new Set(trashed),
      moved: new Set<NoteId>(),
      touched: new Set(touched),
    });
    const phone = ["phone", deeds([two], [two])] as const;
    expect(judge(world({}, { offline: new Map([phone]) })).resurrected).toBe(1);
    const both = new Map([phone, ["laptop", deeds([], [two])] as const]);
    expect(judge(world({}, { offline: both })).resurrected).toBe(0);
  });

  it("counts every live note that nobody reaches, and those in a cycle", () => {
    const orphan = note(two, "two\n#phone.1", { parentId: three });
    const local = new Map(world({}).runs[0]!.local).set(three, note(three, "three"));
    expect(judge(world({ local, after: realm(note(one, "#laptop.1"), orphan) })).orphaned).toBe(1);
    expect(judge(world({ after: realm(note(one, "#laptop.1"), orphan) })).orphaned).toBe(0);
    const cycle = [note(one, "#laptop.1", { parentId: two }), note(two, "two\n#phone.1", { parentId: one })];
    expect(judge(world({ after: realm(...cycle) })).orphaned).toBe(2);
  });

  it("counts a word as duplicated in a strange note or in two equal lines, and a note in two lists", () => {
    const strange = realm(note(one, "#laptop.1"), note(two, "two\n#phone.1\n#laptop.1"));
    expect(judge(world({ after: strange })).duplicated).toBe(1);
    const twice = realm(note(one, "#laptop.1\n#laptop.1"), note(two, "two\n#phone.1"));
    expect(judge(world({ after: twice })).duplicated).toBe(1);
    const listed = realm(
      note(one, "#laptop.1", { childIds: [three] }),
      note(two, "two\n#phone.1", { childIds: [three] }),
      note(three, "", { parentId: one }),
    );
    expect(judge(world({ after: listed })).duplicated).toBe(1);
  });
});

describe("over random worlds", () => {
  it.each(serverEvents)("merging does no harm of any kind where the server's event is %s", (event) => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const found = judge(judgedStory(tellStory(seed, { event, worksBetween: false })));
      expect({ seed, found }).toEqual({ seed, found: none });
    }
  });

  it("each other strategy does harm, and every kind of harm is done by some", () => {
    const others = Object.entries(strategies).filter(([name]) => name !== "merge");
    const sums = others.map(([, planner]) => {
      const all = Array.from({ length: 200 }, (_, seed) => {
        const event = serverEvents[seed % serverEvents.length]!;
        return judge(judgedStory(tellStory(seed, { event, planner, worksBetween: false })));
      });
      return sumOf(all);
    });
    for (const sum of sums) expect(sum.lost).toBeGreaterThan(0);
    for (const harm of ["overwritten", "resurrected", "orphaned"] as const) {
      expect(sumOf(sums)[harm]).toBeGreaterThan(0);
    }
  });

  it("tells the same deeds to every strategy", () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const told = Object.values(strategies).map((planner) => {
        const deeds: string[] = [];
        const onDeed = (deed: unknown) => void deeds.push(JSON.stringify(deed));
        tellStory(seed, { planner, worksBetween: false, onDeed });
        return deeds.join("\n");
      });
      expect(new Set(told).size).toBe(1);
    }
  });
});
