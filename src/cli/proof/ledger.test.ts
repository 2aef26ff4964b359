import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import {
  endRecovery,
  hadNewsBelow,
  isBeyondRecovery,
  isNewsWaiting,
  isOnlyLinesPutBack,
  isRetitled,
  type Ledger,
  noteArrived,
  noteEmptied,
  noteLoss,
  notePlacings,
  noteRemovals,
  noteReplaced,
  noteRetitled,
  noteUndone,
  openLedger,
  touch,
} from "./ledger";
import { applyChangeset, type Instruction, type NoteObject, type Objects } from "./objects";

const id = "00000000-0000-4000-8000-00000000000a" as NoteId;

function holding(text: string, revision: string): Objects {
  const objects = new Map<NoteId, NoteObject>();
  const instructions: Instruction[] = [
    { kind: "create", id },
    { kind: "set", id, field: "text", value: text },
    { kind: "set", id, field: "revision", value: revision },
  ];
  const from = { writer: 1, version: 1, knew: 0, clockMs: 0, origin: "person", machine: "phone" } as const;
  applyChangeset(objects, { ...from, instructions, journalSeq: 0 }, 1);
  return objects;
}

describe("lines that a recovery put back where others were misled", () => {
  const before = holding("# One\ntaken out\n", "r/1");
  const now = holding("# One\nnew\n", "r/2");

  function isOnlyPutBack(text: string, misled: readonly string[], by = "laptop"): boolean {
    const ledger = openLedger();
    for (const machine of misled) ledger.misled.add(machine);
    noteReplaced(ledger, before, now);
    return isOnlyLinesPutBack(ledger, by, now.get(id)!, text);
  }

  it("are nobody's fault", () => {
    expect(isOnlyPutBack("# One\nnew\ntaken out\n", ["phone"])).toBe(true);
  });

  it("are the recovery's fault where nobody else was misled", () => {
    expect(isOnlyPutBack("# One\nnew\ntaken out\n", [])).toBe(false);
    expect(isOnlyPutBack("# One\nnew\ntaken out\n", ["laptop"])).toBe(false);
  });

  it("excuse no line that goes, and none that the note never had", () => {
    expect(isOnlyPutBack("# One\ntaken out\n", ["phone"])).toBe(false);
    expect(isOnlyPutBack("# One\nnew\nmade up\n", ["phone"])).toBe(false);
  });
});

const file = { name: "the file" };

describe("what was written on a machine that recovers", () => {
  const written = () => {
    const ledger = openLedger();
    ledger.unsent.add("phone");
    return ledger;
  };

  it("is news to all others, until its recovery is over", () => {
    const ledger = written();
    expect(isNewsWaiting(ledger, "laptop")).toBe(true);
    endRecovery(ledger, "tablet", file);
    expect(isNewsWaiting(ledger, "laptop")).toBe(true);
    endRecovery(ledger, "phone", file);
    expect(isNewsWaiting(ledger, "laptop")).toBe(false);
  });

  it("is none to whoever wrote it", () => {
    expect(isNewsWaiting(written(), "phone")).toBe(false);
  });
});

describe("a note that was made without an answer", () => {
  const arrival: readonly Instruction[] = [
    { kind: "create", id },
    { kind: "set", id, field: "text", value: "# #phone.1\n" },
  ];
  const made = () => {
    const ledger = openLedger();
    ledger.unanswered.set("#phone.1", "phone");
    return ledger;
  };
  const trash = (ledger: Ledger, by: string) =>
    ledger.trashings.push({ noteId: id, by, at: ledger.count, below: [id], losses: 0 });

  it("counts as done when it arrives, and once", () => {
    const ledger = made();
    noteArrived(ledger, arrival);
    noteArrived(ledger, arrival);
    expect(ledger.touches).toEqual([{ by: "phone", noteId: id, at: 1 }]);
  });

  it("is none of which others knew before, but whoever made it did", () => {
    const others = made();
    trash(others, "laptop");
    noteArrived(others, arrival);
    expect(others.touches).toHaveLength(1);
    const own = made();
    trash(own, "phone");
    noteArrived(own, arrival);
    expect(own.touches).toEqual([]);
  });

  it("is not there because others are", () => {
    const ledger = openLedger();
    ledger.unanswered.set("#phone.2", "phone");
    noteArrived(ledger, arrival);
    expect(ledger.touches).toEqual([]);
  });
});

describe("what was committed to a file that is gone", () => {
  const from = { writer: 1, version: 1, knew: 0, clockMs: 0, origin: "person", machine: "phone" } as const;
  const committed = (to: unknown) => {
    const ledger = openLedger();
    ledger.commits.push({
      machine: "phone",
      file: to,
      changeset: { ...from, instructions: [], journalSeq: 1 },
    });
    return ledger;
  };

  it("is news no more once the recovery from it is over", () => {
    const ledger = committed("the file left behind");
    expect(isNewsWaiting(ledger, "laptop")).toBe(true);
    endRecovery(ledger, "phone", file);
    expect(isNewsWaiting(ledger, "laptop")).toBe(false);
  });

  it("is news as long as others recover, or where it waits in the file of now", () => {
    const others = committed("the file left behind");
    endRecovery(others, "tablet", file);
    expect(isNewsWaiting(others, "laptop")).toBe(true);
    const ofNow = committed(file);
    endRecovery(ofNow, "phone", file);
    expect(isNewsWaiting(ofNow, "laptop")).toBe(true);
  });
});

describe("what the server lost", () => {
  const plans = (ledger: Ledger, machine: string) => {
    ledger.count += 1;
    ledger.plannings.push({ machine, at: ledger.count, isTold: true, placings: ledger.placings.length });
  };

  it("may be put back, and is news, until all others have recovered with a plan made since", () => {
    const ledger = openLedger();
    plans(ledger, "phone");
    noteLoss(ledger, ["laptop", "phone"]);
    endRecovery(ledger, "phone", file);
    expect(isNewsWaiting(ledger, "laptop")).toBe(true);
    plans(ledger, "phone");
    endRecovery(ledger, "phone", file);
    expect(isNewsWaiting(ledger, "laptop")).toBe(false);
    expect(isNewsWaiting(ledger, "phone")).toBe(true);
  });
});

describe("a word that was taken out", () => {
  const [had, cut] = ["# One\n#laptop.1\n", "# One\n"];

  function removedAfter(hands: readonly string[], isUpToDate: boolean): boolean {
    const ledger = openLedger();
    for (const by of hands) noteRemovals(ledger, by, had, cut);
    noteUndone(ledger, "phone", { before: cut, after: had }, isUpToDate);
    return ledger.removed.has("#laptop.1");
  }

  it("counts again when whoever took it out takes that back", () => {
    expect(removedAfter(["phone"], false)).toBe(false);
  });

  it("stays taken out where another hand took it out as well, and whoever undid it may not know that yet", () => {
    expect(removedAfter(["phone", "tablet"], false)).toBe(true);
  });

  it("counts again for all hands where whoever undid it had all that they did before the eyes", () => {
    expect(removedAfter(["phone", "tablet"], true)).toBe(false);
  });

  it("is taken out by an undo, too", () => {
    const ledger = openLedger();
    noteUndone(ledger, "phone", { before: had, after: cut }, true);
    expect(ledger.removed.has("#laptop.1")).toBe(true);
  });
});

describe("what the server lost", () => {
  it("is beyond recovery once the only file that had it was emptied from outside", () => {
    const ledger = openLedger();
    ledger.lost.push({ token: "#other.1", at: 1, holders: new Set(["laptop"]) });
    expect(isBeyondRecovery(ledger, "#other.1")).toBe(false);
    noteEmptied(ledger, "laptop", new Set(["#other.1"]));
    noteEmptied(ledger, "phone", new Set());
    expect(isBeyondRecovery(ledger, "#other.1")).toBe(false);
    noteEmptied(ledger, "laptop", new Set(["#other.2"]));
    expect(isBeyondRecovery(ledger, "#other.1")).toBe(true);
  });
});

describe("the word of a title", () => {
  const ledger = openLedger();
  noteRetitled(ledger, "# Named #phone.1", "Named #phone.2");

  it("may have given way to another that was asked for and not answered, as long as that one is there or was", () => {
    expect(isRetitled(ledger, "#phone.1", new Set(["#phone.2"]))).toBe(true);
    expect(isRetitled(ledger, "#phone.1", new Set())).toBe(false);
    expect(isRetitled(ledger, "#phone.3", new Set(["#phone.2"]))).toBe(false);
    noteRemovals(ledger, "phone", "Named #phone.2", "Named");
    expect(isRetitled(ledger, "#phone.1", new Set())).toBe(true);
  });
});

describe("what was under a note for a while", () => {
  it("counts for a recovery that was planned meanwhile, and for none before or after", () => {
    const ledger = openLedger();
    const idOf = (letter: string) => `00000000-0000-4000-8000-00000000000${letter}` as NoteId;
    let objects: Objects = new Map();
    const write = (instructions: readonly Instruction[]) => {
      const from = { writer: 1, version: 1, knew: 0, origin: "person", machine: "phone" } as const;
      const next = new Map(objects);
      applyChangeset(next, { ...from, clockMs: ledger.count, instructions, journalSeq: 1 }, 1);
      objects = next;
      notePlacings(ledger, instructions, objects);
    };
    const under = (letter: string, parent: string): Instruction[] => [
      { kind: "create", id: idOf(letter) },
      { kind: "set", id: idOf(letter), field: "parentId", value: idOf(parent) },
    ];
    const plans = (machine: string) =>
      ledger.plannings.push({ machine, at: ledger.count, isTold: false, placings: ledger.placings.length });
    const hadNews = (by: string) => hadNewsBelow(ledger, { noteId: idOf("a"), by, at: 1 });
    write(under("b", "a"));
    ledger.count = 5;
    plans("before");
    touch(ledger, "tablet", idOf("c"));
    write(under("c", "b"));
    plans("meanwhile");
    plans("tablet");
    write(under("c", "f"));
    plans("after");
    expect(["before", "meanwhile", "tablet", "after"].filter(hadNews)).toEqual(["meanwhile"]);
  });
});
