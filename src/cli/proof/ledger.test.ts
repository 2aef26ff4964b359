import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import {
  endRecovery,
  isNewsWaiting,
  isOnlyLinesPutBack,
  noteRemovals,
  noteReplaced,
  noteUndone,
  openLedger,
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

describe("what was written on a machine that recovers", () => {
  const written = () => {
    const ledger = openLedger();
    ledger.unsent.add("phone");
    return ledger;
  };

  it("is news to all others, until its recovery is over", () => {
    const ledger = written();
    expect(isNewsWaiting(ledger, "laptop")).toBe(true);
    endRecovery(ledger, "tablet");
    expect(isNewsWaiting(ledger, "laptop")).toBe(true);
    endRecovery(ledger, "phone");
    expect(isNewsWaiting(ledger, "laptop")).toBe(false);
  });

  it("is none to whoever wrote it", () => {
    expect(isNewsWaiting(written(), "phone")).toBe(false);
  });
});

describe("a word that was taken out", () => {
  const [had, cut] = ["# One\n#laptop.1\n", "# One\n"];

  function removedAfter(...hands: readonly string[]): boolean {
    const ledger = openLedger();
    for (const by of hands) noteRemovals(ledger, by, had, cut);
    noteUndone(ledger, "phone", cut, had);
    return ledger.removed.has("#laptop.1");
  }

  it("counts again when whoever took it out takes that back", () => {
    expect(removedAfter("phone")).toBe(false);
  });

  it("stays taken out where another hand took it out as well", () => {
    expect(removedAfter("phone", "tablet")).toBe(true);
  });

  it("is taken out by an undo, too", () => {
    const ledger = openLedger();
    noteUndone(ledger, "phone", had, cut);
    expect(ledger.removed.has("#laptop.1")).toBe(true);
  });
});
