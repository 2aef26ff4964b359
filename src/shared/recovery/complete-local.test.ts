import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { planRecovery } from "./plan";
import type { NoteHistory, RecoveryInput } from "./plan-types";
import { itemOf, recoverLaptop } from "./testing/laptop-recovery";
import { outlineOf, twoDevices } from "./testing/scene";
import { loseNotes, noteIdOf, recoveryInput, sync } from "./testing/world";

describe("texts", () => {
  it("that only the journal still has are put back", () => {
    const scene = twoDevices({ root: "c1", c1: "d" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).append("d", "mine");
    on(laptop).append("c1", "mine");
    const history = recoveryInput(world, laptop, "").history;
    on(phone).append("c1", "theirs");
    sync(world, phone);
    loseNotes(world, [id("d")]);
    laptop.realm.delete(id("d"));
    laptop.realm.delete(id("c1"));
    const plan = recoverLaptop(scene, { history });
    expect(outlineOf(world, world.server)).toBe("c1+theirs+mine Recovered notes -d+mine");
    expect(itemOf(plan, id("d")).outcome).toBe("moved-to-recovered");
  });

  it("that only the journal has stay in the trash they were put into", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on, id } = scene;
    on(laptop).append("c1", "mine");
    on(laptop).move("c1", "root", "c2");
    on(laptop).trash("c1", 77);
    const history = recoveryInput(world, laptop, "").history;
    loseNotes(world, [id("c1")]);
    laptop.realm.delete(id("c1"));
    recoverLaptop(scene, { history });
    expect(outlineOf(world, world.server, "trash")).toBe("c1+mine");
    expect(recoveryInput(world, laptop, "").remote.get(id("c1"))?.deletedAtMs).toBe(77);
  });
});

describe("a copy that holds less than the device had", () => {
  const root = { id: noteIdOf(901), text: "Notes", isRoot: true, parentId: null, orderKey: "" };
  const plain = { childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  const placed = { isRoot: false, parentId: root.id, orderKey: "V", ...plain };
  const theirs = { id: noteIdOf(902), text: "milk\neggs", ...placed };
  const born = { id: noteIdOf(903), text: "made here", ...placed };
  const hollow: RecoveryInput = {
    resetId: "reset 1",
    rootId: root.id,
    recoveredId: noteIdOf(904),
    local: new Map(),
    remote: new Map<NoteId, Note>([
      [root.id, { ...root, ...plain }],
      [theirs.id, theirs],
    ]),
    history: new Map<NoteId, NoteHistory>([
      [born.id, { created: "acked", born, text: [], place: [], deletedAtMs: [] }],
      [
        theirs.id,
        {
          created: "elsewhere",
          text: [{ before: "milk", after: "milk\nbread", acked: true, atMs: 1 }],
          place: [],
          deletedAtMs: [],
        },
      ],
    ]),
    seen: { earlier: () => false, known: () => true },
    historyTrusted: true,
    serverWentBack: true,
  };

  it("is completed from the journal: notes that the server lost as well, and words, beside what is there", () => {
    const plan = planRecovery(hollow);
    const texts = new Map(plan.steps.map(({ note }) => [note.id, note.text]));
    expect(texts.get(born.id)).toBe("made here");
    expect(texts.get(theirs.id)?.split("\n").sort()).toEqual(["bread", "eggs", "milk"]);
  });

  it("is taken for what it is where it holds the root: what the server has seen stays as it is there", () => {
    const plan = planRecovery({ ...hollow, local: new Map([[root.id, { ...root, ...plain }]]) });
    expect(plan.steps).toEqual([]);
  });
});
