import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { keysBetween } from "../order-key";
import { checkTree } from "../tree-check";
import { planRecovery } from "./plan";
import type { NoteHistory, RecoveryInput, RecoveryPlan, ReportItem } from "./plan-types";
import { outlineOf, type Scene, twoDevices } from "./testing/scene";
import {
  download,
  loseNotes,
  noteIdOf,
  notesOf,
  type Realm,
  recover,
  recoveryInput,
  rollBack,
  seenBy,
  sync,
  treeOf,
  upload,
} from "./testing/world";

/** The laptop's history of one note, for what the world cannot play. */
function historyWith(noteId: NoteId, more: Partial<NoteHistory>): RecoveryInput["history"] {
  return new Map([[noteId, { created: "elsewhere", text: [], place: [], deletedAtMs: [], ...more }]]);
}

/** The laptop recovers, and the tree is whole and the lists agree with it. */
function recoverLaptop(scene: Scene, more: Partial<RecoveryInput> = {}): RecoveryPlan {
  const { world } = scene;
  const plan = recoverLaptopWithoutCheck(scene, more);
  expect(checkTree(treeOf(world, world.server))).toEqual([]);
  return plan;
}

/** The laptop recovers, and planning again finds nothing to do. */
function recoverLaptopWithoutCheck(
  { world, laptop }: Scene,
  more: Partial<RecoveryInput> = {},
): RecoveryPlan {
  const input = recoveryInput(world, laptop, "reset 1", more);
  const seenIn = seenBy(laptop);
  const plan = recover(world, laptop, input);
  const again = planRecovery({ ...input, remote: notesOf(world.server), seen: seenIn(world.server) });
  expect(again.steps).toEqual([]);
  return plan;
}

function itemOf(plan: RecoveryPlan, noteId: NoteId): ReportItem {
  const items = plan.items.filter((item) => item.noteId === noteId);
  expect(items).toHaveLength(1);
  return items[0]!;
}

describe("the seven rows that automatic recovery loses", () => {
  it("1: a removal here and an insert there leave both as they were meant", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c2");
    on(phone).add("b1", "root");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("b1 c1 c3");
    expect(outlineOf(world, world.server, "trash")).toBe("c2");
    expect(itemOf(plan, id("c2")).outcome).toBe("deletion-repeated");
    expect(plan.items).toHaveLength(1);
  });

  it("2: an insert stays right of its left neighbour, whatever was inserted elsewhere", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).add("a1", "root", "c1");
    on(phone).add("b1", "root");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("b1 c1 a1 c2 c3");
    expect(itemOf(plan, id("a1"))).toMatchObject({
      outcome: "put-back",
      sentence: "Your new note was put back.",
      undo: { before: null },
    });
  });

  it("2b: also where both inserted after the same note and chose the same key", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on } = scene;
    on(laptop).add("a1", "root", "c1");
    on(laptop).add("a2", "root", "a1");
    on(phone).add("b1", "root", "c1");
    sync(world, phone);
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 a1 a2 b1 c2");
  });

  it("2c: also where the left neighbour was moved", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on } = scene;
    on(laptop).add("a1", "root", "c1");
    on(phone).move("c1", "root", "c3");
    sync(world, phone);
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c2 c3 c1 a1");
  });

  it("3: an edit of a note deleted elsewhere is in the trash with it, a new note under it is not", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).append("c1", "mine");
    on(laptop).add("a1", "c1");
    on(phone).trash("c1");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c2 Recovered notes -a1");
    expect(outlineOf(world, world.server, "trash")).toBe("c1+mine");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "deletion-kept",
      sentence: "Deleted on another device. Your edited version is in Trash.",
      needsHelp: true,
    });
    expect(itemOf(plan, id("a1"))).toMatchObject({
      outcome: "moved-to-recovered",
      path: ["c1"],
    });
  });

  it("4: reordering everything here and inserting there keeps all", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on } = scene;
    on(laptop).move("c3", "root");
    on(laptop).move("c2", "root", "c3");
    on(phone).add("b1", "root", "c1");
    sync(world, phone);
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c3 c2 c1 b1");
  });

  it("5: a note edited elsewhere is not deleted", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c1");
    on(phone).append("c1", "theirs");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1+theirs c2");
    expect(plan.steps).toEqual([]);
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "deletion-not-repeated",
      sentence: "You deleted this, but it was edited elsewhere, so it was kept.",
      needsHelp: true,
      undo: null,
    });
  });

  it("6: a note to which others added something is not deleted", () => {
    const scene = twoDevices({ root: "c1 c2", c1: "d" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c1");
    on(phone).add("b1", "d");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 -d --b1 c2");
    expect(itemOf(plan, id("c1"))).toMatchObject({ outcome: "deletion-not-repeated", needsHelp: true });
  });

  it("7: a note moved on both devices has one parent, the server's, and the wish is reported", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).move("c1", "c3");
    on(phone).move("c1", "c2");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c2 -c1 c3");
    expect(plan.steps).toEqual([]);
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "place-not-kept",
      sentence:
        "You and another device both moved this. It is where the other device put it; you had put it under 'c3'.",
    });
  });
});

describe("texts", () => {
  it("are merged where the edits are apart, and nothing is asked", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).write("c1", "c1\nmiddle\nend");
    sync(world, laptop);
    download(world, phone);
    on(laptop).write("c1", "c1\nmiddle\nend\nmine");
    on(phone).write("c1", "theirs\nc1\nmiddle\nend");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("theirs+c1+middle+end+mine");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "merged",
      sentence: "You and another device both edited this. The two edits were combined.",
      base: "c1\nmiddle\nend",
      mine: "c1\nmiddle\nend\nmine",
      theirs: "theirs\nc1\nmiddle\nend",
      result: "theirs\nc1\nmiddle\nend\nmine",
      needsHelp: false,
    });
    expect(itemOf(plan, id("c1")).undo?.before?.text).toBe("theirs\nc1\nmiddle\nend");
  });

  it("have again what was taken out and put back here, where others have written on what came of the one alone", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).write("c1", "c1\nmine\nend");
    sync(world, laptop);
    on(laptop).write("c1", "c2\nend");
    upload(world, laptop, true);
    on(laptop).write("c1", "c1\nmine\nend");
    download(world, phone);
    on(phone).append("c1", "theirs");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1+mine+end+theirs");
    // The base is what both grew from, by which they were merged, and not what this device had at first.
    expect(itemOf(plan, id("c1"))).toMatchObject({ outcome: "merged", base: "c2\nend", needsHelp: false });
  });

  it("have it also where this device has written on", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).write("c1", "c1\nmine\nmiddle\nend");
    sync(world, laptop);
    on(laptop).write("c1", "c1\nmiddle\nend");
    upload(world, laptop, true);
    on(laptop).write("c1", "more\nc1\nmine\nmiddle\nend");
    download(world, phone);
    on(phone).append("c1", "theirs");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("more+c1+mine+middle+end+theirs");
    expect(itemOf(plan, id("c1"))).toMatchObject({ outcome: "merged", base: "c1\nmiddle\nend" });
  });

  it("stay as others left them, where they cannot have written on what was taken back here", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    on(laptop).write("c1", "c1\nmine\nend");
    sync(world, laptop);
    download(world, phone);
    on(laptop).write("c1", "c2\nmine");
    on(laptop).write("c1", "c1\nmine\nend");
    on(phone).write("c1", "c1\nmine\ntheirs");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1+mine+theirs");
    expect(plan.steps).toEqual([]);
  });

  it("in conflict stay as the server has them, with this device's beside them as a copy", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).write("c1", "# Shopping at home\nbread");
    on(phone).write("c1", "# Shopping in town");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("# Shopping in town # Shopping at home (your copy)+bread c2");
    const item = itemOf(plan, id("c1"));
    expect(item).toMatchObject({
      outcome: "kept-as-copy",
      sentence: "Both edits changed the same lines. Yours is in 'Shopping at home (your copy)'.",
      undo: null,
    });
    expect(plan.steps.map(({ note }) => note.id)).toEqual([item.copyId]);
    const other = recoveryInput(world, laptop, "reset 2");
    expect(item.copyId).not.toBeNull();
    expect(planRecovery(other).steps).toEqual([]);
  });

  it("in conflict keep every word of a title that is longer than titles are shown", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    const words = Array.from({ length: 100 }, (_, index) => `word${index}`).join(" ");
    on(laptop).write("c1", words);
    on(phone).write("c1", "theirs");
    sync(world, phone);
    recoverLaptop(scene);
    expect([...notesOf(world.server).values()].map(({ text }) => text)).toContain(`${words} (your copy)`);
  });

  it("in conflict keep even blank lines", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    on(laptop).write("c1", " \n\t");
    on(phone).write("c1", "theirs");
    sync(world, phone);
    recoverLaptop(scene);
    expect([...notesOf(world.server).values()].map(({ text }) => text)).toContain(
      "Untitled (your copy) \n\t",
    );
  });

  it("of the root in conflict get their copy as the last note under it", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    on(laptop).write("root", "mine");
    on(phone).write("root", "theirs");
    sync(world, phone);
    recoverLaptop(scene);
    expect(world.server.get(world.rootId)?.note.text).toBe("theirs");
    expect(outlineOf(world, world.server)).toBe("c1 mine (your copy)");
  });

  it("in conflict with one in the trash get their copy there", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).write("c1", "mine");
    on(phone).write("c1", "theirs");
    on(phone).trash("c1");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server, "trash")).toBe("theirs mine (your copy)");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "deletion-kept",
      sentence: "Deleted on another device. Your edited version is in Trash as 'mine (your copy)'.",
    });
  });

  it("that are the same by two hands are no change, and no line in the report", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    on(laptop).append("c1", "same");
    on(phone).append("c1", "same");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(plan).toMatchObject({ steps: [], items: [], rolledBack: false });
  });

  it("in conflict make no copy where one has all lines of the other", () => {
    for (const [mine, theirs] of [
      ["a\nx y\nz", "x y"],
      ["x y", "a\nx y\nz"],
    ] as const) {
      const scene = twoDevices({ root: "c1" });
      const { world, laptop, phone, on, id } = scene;
      on(laptop).write("c1", "a\nb\nc");
      sync(world, laptop);
      download(world, phone);
      on(laptop).write("c1", mine);
      on(phone).write("c1", theirs);
      sync(world, phone);
      recoverLaptop(scene);
      expect(world.server.get(id("c1"))?.note.text).toBe("a\nx y\nz");
      expect(world.server.size).toBe(2);
    }
  });

  it("that reached the server without this device's hearing of it are not merged twice", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).append("c1", "first");
    upload(world, laptop, true);
    on(laptop).append("c1", "second");
    download(world, phone);
    const plan = recoverLaptop(scene);
    expect(world.server.get(id("c1"))?.note.text).toBe("c1\nfirst\nsecond");
    expect(itemOf(plan, id("c1")).outcome).toBe("put-back");
    expect(plan.rolledBack).toBe(false);
  });

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

describe("places", () => {
  it("wished for here hold where nobody else moved the note, and say so with the time", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on, id } = scene;
    on(laptop).move("c2", "c1");
    const plan = recoverLaptop(scene, { timeText: (atMs) => `10:3${atMs}` });
    expect(outlineOf(world, world.server)).toBe("c1 -c2");
    expect(itemOf(plan, id("c2"))).toMatchObject({
      outcome: "put-back",
      sentence: "Your move from 10:30 was put back.",
      path: ["c1"],
    });
  });

  it("that both wished for are no matter", () => {
    const scene = twoDevices({ root: "c1 c2 c3 d", c1: "e" });
    const { world, laptop, phone, on } = scene;
    on(laptop).move("d", "c1");
    on(phone).move("d", "c1", "e");
    sync(world, phone);
    expect(recoverLaptop(scene)).toMatchObject({ steps: [], items: [] });
    expect(outlineOf(world, world.server)).toBe("c1 -e -d c2 c3");
  });

  it("that would hang two notes under each other are given up here", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).move("c1", "c2");
    on(phone).move("c2", "c1");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 -c2");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "place-not-kept",
      sentence:
        "You had moved this under 'c2', which another device moved under this. It is where the server has it.",
    });
  });

  it("under a note deleted elsewhere are given up, and a new note among them goes to Recovered notes", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).move("c2", "c1");
    on(laptop).add("n", "c1");
    on(laptop).add("m", "n");
    on(phone).trash("c1");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c2 Recovered notes -n --m");
    expect(itemOf(plan, id("c2"))).toMatchObject({
      outcome: "place-not-kept",
      sentence:
        "You had moved this under 'c1', which was deleted on another device. It is where the server has it.",
    });
    expect(itemOf(plan, id("n")).sentence).toBe(
      "Your new note was put back. Its parent was deleted on another device. It is now under Recovered notes.",
    );
    expect(itemOf(plan, id("m")).outcome).toBe("put-back");
  });

  it("in the trash hold for a note that was put there with its parent", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on } = scene;
    on(laptop).move("c2", "c1");
    on(laptop).add("n", "c1");
    on(laptop).trash("c1");
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("");
    expect(outlineOf(world, world.server, "trash")).toBe("c1 -n -c2");
  });

  it("that are nowhere are given up", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, id } = scene;
    const { note } = laptop.realm.get(id("c2"))!;
    const nowhere = { ...note, parentId: noteIdOf(0xbad) };
    laptop.realm.set(note.id, { note: nowhere, revision: "moved" });
    const place = [{ before: note, after: nowhere, acked: false, atMs: 0 }];
    const plan = recoverLaptop(scene, { history: historyWith(note.id, { place }) });
    expect(outlineOf(world, world.server)).toBe("c1 c2");
    expect(itemOf(plan, id("c2"))).toMatchObject({
      outcome: "place-not-kept",
      sentence: "You had moved this to a place that can no longer be reached. It is where the server has it.",
    });
  });

  it("that nobody reaches on the server give way to this device's", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on, id } = scene;
    on(laptop).move("c2", "c1");
    const { note } = world.server.get(id("c2"))!;
    world.server.set(id("c2"), { note: { ...note, parentId: noteIdOf(0xbad) }, revision: "strange" });
    recoverLaptopWithoutCheck(scene);
    expect(outlineOf(world, world.server)).toBe("c1 -c2");
  });

  it("that nobody reaches at all are left for Recovered notes, if this device has a say in the note", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, on, id } = scene;
    on(laptop).append("c2", "mine");
    on(laptop).append("c3", "mine");
    for (const [name, parent] of [
      ["c1", noteIdOf(0xbad)],
      ["c2", id("c3")],
      ["c3", id("c2")],
    ] as const) {
      const { note } = world.server.get(id(name))!;
      world.server.set(id(name), { note: { ...note, parentId: parent }, revision: `strange ${name}` });
    }
    const plan = recoverLaptopWithoutCheck(scene);
    expect(outlineOf(world, world.server)).toBe("Recovered notes -c2+mine --c3+mine (unreached) -c1");
    expect(itemOf(plan, id("c2")).sentence).toBe(
      "Your edit was put back. Its place can no longer be reached. It is now under Recovered notes.",
    );
  });

  it("are given up together where each hangs on the next in the trash, and that ends", () => {
    const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
    const scene = twoDevices({ root: `top ${names.join(" ")}` });
    const { world, laptop, phone, on } = scene;
    let parent = "top";
    on(laptop).add("new", "root", "n19");
    for (const name of names) {
      on(laptop).move(name, parent);
      parent = name;
    }
    on(phone).trash("top");
    for (const name of names) on(phone).trash(name);
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(plan.items.filter(({ outcome }) => outcome === "place-not-kept")).toHaveLength(20);
    expect(outlineOf(world, world.server)).toBe("new");
  });

  it("have their lists of children told in the plan, only where the children change", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on, id } = scene;
    on(laptop).append("c1", "mine");
    on(laptop).add("n", "c1");
    on(laptop).append("c2", "mine");
    world.server.set(id("c2"), {
      ...world.server.get(id("c2"))!,
      note: { ...world.server.get(id("c2"))!.note, childIds: [id("c1")] },
    });
    const { steps } = planRecovery(recoveryInput(world, laptop, "r"));
    expect(steps.map(({ note }) => [note.id, note.childIds])).toEqual([
      [id("c1"), [id("n")]],
      [id("n"), []],
      [id("c2"), [id("c1")]],
    ]);
  });
});

describe("Recovered notes", () => {
  /** The laptop has a new note under one that the phone put into the trash. */
  function withHomeless(): Scene {
    const scene = twoDevices({ root: "c1 c2" });
    scene.on(scene.laptop).add("n", "c1");
    scene.on(scene.phone).trash("c1");
    sync(scene.world, scene.phone);
    return scene;
  }
  const put = ({ world }: Scene, note: Partial<Note>, realms: readonly Realm[]) => {
    const home: Note = {
      id: world.recoveredId,
      text: "Found",
      isRoot: false,
      parentId: world.rootId,
      orderKey: "z",
      childIds: [],
      deletedAtMs: null,
      lastUpdatedMs: null,
      ...note,
    };
    for (const realm of realms) realm.set(home.id, { note: home, revision: "home" });
  };

  it("are used where they are", () => {
    const scene = withHomeless();
    put(scene, { parentId: scene.id("c2") }, [scene.world.server]);
    recoverLaptopWithoutCheck(scene);
    expect(outlineOf(scene.world, scene.world.server)).toBe("c2 -Found --n");
  });

  it("are made anew where the known ones are in the trash or out of reach", () => {
    for (const where of [{ deletedAtMs: 4 }, { parentId: noteIdOf(0xbad) }]) {
      const scene = withHomeless();
      put(scene, where, [scene.world.server, scene.laptop.realm]);
      recoverLaptopWithoutCheck(scene);
      expect(outlineOf(scene.world, scene.world.server)).toMatch(/^c2 Recovered notes -n/);
    }
  });

  it("that only this device has are put back and used", () => {
    const scene = withHomeless();
    put(scene, {}, [scene.laptop.realm]);
    recoverLaptopWithoutCheck(scene);
    expect(outlineOf(scene.world, scene.world.server)).toBe("c2 Found -n");
  });

  it("that would have to go under themselves go under the root", () => {
    const scene = withHomeless();
    const { world, laptop, id } = scene;
    put(scene, { parentId: id("c1") }, [laptop.realm]);
    recoverLaptopWithoutCheck(scene);
    expect(outlineOf(world, world.server)).toBe("c2 Found -n");
  });

  it("that were moved out of reach here stay where the server has them", () => {
    const scene = withHomeless();
    const { world, laptop, id, on } = scene;
    put(scene, {}, [world.server, laptop.realm]);
    on(laptop).move("Recovered notes", "c2");
    const { note } = world.server.get(id("c2"))!;
    world.server.set(id("c2"), { note: { ...note, parentId: noteIdOf(0xbad) }, revision: "strange" });
    recoverLaptopWithoutCheck(scene);
    expect(outlineOf(world, world.server)).toBe("Found -n (unreached) -c2");
  });

  it("take a root of this device's that is not the tree's any more", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop } = scene;
    const other = { ...laptop.realm.get(world.rootId)!.note, id: noteIdOf(9), text: "Old root" };
    laptop.realm.set(other.id, { note: other, revision: "old" });
    laptop.realm.delete(world.rootId);
    recoverLaptopWithoutCheck(scene);
    expect(outlineOf(world, world.server)).toBe("c1 Recovered notes -Old root");
    expect(world.server.get(other.id)?.note.isRoot).toBe(false);
  });
});

describe("deletions", () => {
  it("of a note restored elsewhere meanwhile are not repeated", () => {
    const scene = twoDevices({ root: "c1 c2", c1: "d" });
    const { world, laptop, phone, on, id } = scene;
    on(phone).trash("d", 3);
    sync(world, phone);
    download(world, laptop);
    on(laptop).trash("c1");
    on(phone).restore("d");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 -d c2");
    expect(itemOf(plan, id("c1")).sentence).toBe(
      "You deleted this, but something under it was added or edited elsewhere, so it was kept.",
    );
  });

  it("taken back here are taken back", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, on, id } = scene;
    on(laptop).trash("c1");
    sync(world, laptop);
    on(laptop).restore("c1");
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "put-back",
      sentence: "You had taken this out of the trash. It is out again.",
    });
  });

  it("taken back here and made anew elsewhere stay, and are told", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c1", 3);
    sync(world, laptop);
    on(laptop).restore("c1");
    download(world, phone);
    on(phone).restore("c1");
    on(phone).trash("c1", 8);
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server, "trash")).toBe("c1");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "deletion-kept",
      sentence: "You had taken this out of the trash. It was deleted again on another device.",
      needsHelp: true,
    });
  });

  it("on both sides are one, whenever they were", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on } = scene;
    on(laptop).trash("c1", 3);
    on(phone).trash("c1", 8);
    sync(world, phone);
    expect(recoverLaptop(scene)).toMatchObject({ steps: [], items: [] });
  });

  it("of a note in which only this device's own words changed are repeated", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on, id } = scene;
    on(laptop).append("c1", "mine");
    upload(world, laptop, true);
    on(laptop).trash("c1");
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server, "trash")).toBe("c1+mine");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "deletion-repeated",
      sentence: "You deleted this. It is in the trash again.",
    });
    expect(plan.counts).toEqual({ local: 3, remote: 3, created: 0, changed: 0, trashed: 1 });
  });
});

describe("a server that went back in time", () => {
  it("gets back what it lost: notes, edits, moves, deletions and restorations, as they were", () => {
    const scene = twoDevices({ root: "c1 c2 c3 c4 c5" });
    const { world, laptop, on, id } = scene;
    on(laptop).trash("c5", 2);
    sync(world, laptop);
    const uploads = world.past.length;
    on(laptop).add("n", "c1");
    on(laptop).append("c2", "acked");
    on(laptop).move("c3", "c2");
    on(laptop).trash("c4");
    on(laptop).restore("c5");
    sync(world, laptop);
    const before = outlineOf(world, world.server);
    rollBack(world, world.past.length - uploads);
    expect(outlineOf(world, world.server)).toBe("c1 c2 c3 c4");
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe(before);
    expect(plan.rolledBack).toBe(true);
    expect(plan.items.map(({ outcome }) => outcome).sort()).toEqual([
      "deletion-repeated",
      "missing-on-server",
      "missing-on-server",
      "missing-on-server",
      "missing-on-server",
    ]);
    expect(itemOf(plan, id("c4")).sentence).toBe(
      "The server had lost that you deleted this. It is in the trash again.",
    );
    expect(plan.steps.every(({ asItWas }) => asItWas)).toBe(true);
    expect(world.server.get(id("c2"))?.revision).toBe(laptop.realm.get(id("c2"))?.revision);
  });

  it("keeps what others wrote since, beside what it lost", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).append("c1", "acked");
    on(laptop).add("n", "root");
    sync(world, laptop);
    rollBack(world, 1);
    download(world, phone);
    on(phone).write("c1", "news\nc1");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(world.server.get(id("c1"))?.note.text).toBe("news\nc1\nacked");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "merged",
      sentence: "The server had lost part of this text. The lines of both versions were kept.",
    });
  });

  it("is not believed to have for a note that another app deleted, where this device wrote nothing that was lost", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(phone).add("theirs", "root");
    sync(world, phone);
    download(world, laptop);
    on(laptop).append("c3", "mine");
    sync(world, laptop);
    on(phone).write("theirs", "named anew");
    sync(world, phone);
    loseNotes(world, [id("c2")]);
    const plan = recoverLaptop(scene);
    expect(world.server.get(id("theirs"))?.note.text).toBe("named anew");
    expect(plan.items.map(({ noteId, outcome }) => [noteId, outcome])).toEqual([
      [id("c2"), "missing-on-server"],
    ]);
  });

  it("is believed to have, where the cause says so, though no note shows it", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).append("c1", "acked");
    sync(world, laptop);
    rollBack(world, 1);
    download(world, phone);
    on(phone).append("c1", "news");
    sync(world, phone);
    expect(recoverLaptop(scene, { serverWentBack: true }).rolledBack).toBe(true);
    expect(world.server.get(id("c1"))?.note.text).toBe("c1\nnews\nacked");
  });

  it("has a move of this device told that somebody may have made undone", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).move("c3", "c1");
    sync(world, laptop);
    rollBack(world, 1);
    download(world, phone);
    on(phone).move("c3", "c2");
    sync(world, phone);
    const plan = recoverLaptop(scene, { serverWentBack: true });
    expect(outlineOf(world, world.server)).toBe("c1 c2 -c3");
    expect(itemOf(plan, id("c3")).outcome).toBe("place-not-kept");
  });

  it("has a deletion of this device repeated where it shows a version from before it", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on } = scene;
    on(laptop).trash("c1");
    sync(world, laptop);
    rollBack(world, 1);
    recoverLaptop(scene, { serverWentBack: true });
    expect(outlineOf(world, world.server, "trash")).toBe("c1");
  });

  it("has no deletion repeated that another device may have taken back, and this is told", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c1");
    sync(world, laptop);
    rollBack(world, 1);
    const { note } = world.server.get(id("c1"))!;
    world.server.set(id("c1"), { note, revision: "written again" });
    download(world, phone);
    const plan = recoverLaptop(scene, { serverWentBack: true });
    expect(outlineOf(world, world.server)).toBe("c1 c2");
    expect(itemOf(plan, id("c1"))).toMatchObject({ outcome: "deletion-not-repeated", needsHelp: true });
  });

  it("is not suspected because somebody typed an old text again, or undid a move or a deletion", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on } = scene;
    on(laptop).append("c1", "more");
    on(laptop).move("c2", "c1");
    on(laptop).trash("c3");
    sync(world, laptop);
    download(world, phone);
    on(phone).write("c1", "c1");
    on(phone).move("c2", "root", "c1");
    on(phone).restore("c3");
    sync(world, phone);
    expect(recoverLaptop(scene)).toMatchObject({ steps: [], items: [], rolledBack: false });
  });

  it("that lost a note which was in the trash here gets it back into the trash", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, on, id } = scene;
    on(laptop).trash("c1");
    sync(world, laptop);
    loseNotes(world, [id("c1")]);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server, "trash")).toBe("c1");
    expect(itemOf(plan, id("c1")).sentence).toBe(
      "It was missing on the server and was put back into the trash.",
    );
  });

  it("that lost a note which was in the trash here, and has news under it, gets it back live", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c1");
    on(phone).add("n", "c1");
    sync(world, phone);
    loseNotes(world, [id("c1")]);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 -n c2");
    expect(itemOf(plan, id("c1")).outcome).toBe("deletion-not-repeated");
  });

  it("and came back empty gets everything, the root first", () => {
    const scene = twoDevices({ root: "c1 c2", c1: "d" });
    const { world, laptop, id } = scene;
    world.server = new Map();
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 -d c2");
    expect(plan.steps.map(({ note }) => note.id)).toEqual([world.rootId, id("c1"), id("d"), id("c2")]);
    expect(plan.counts).toEqual({ local: 4, remote: 0, created: 4, changed: 0, trashed: 0 });
    expect(notesOf(laptop.realm).get(world.rootId)?.isRoot).toBe(true);
  });

  it("and lost every list of children has lost nothing", () => {
    const scene = twoDevices({ root: "c1 c2", c1: "d" });
    const { world } = scene;
    for (const [noteId, version] of world.server) {
      world.server.set(noteId, { ...version, note: { ...version.note, childIds: [] } });
    }
    expect(recoverLaptop(scene)).toMatchObject({ steps: [], items: [] });
  });
});

describe("without a history to trust", () => {
  it("nothing is deleted, and what differs becomes a copy", () => {
    const scene = twoDevices({ root: "c1 c2 c3 c4 c5 c6" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).write("c1", "mine");
    on(laptop).append("c2", "more of mine");
    on(laptop).trash("c3");
    on(laptop).move("c4", "c2");
    on(laptop).add("n", "root");
    on(phone).write("c1", "theirs");
    on(phone).append("c5", "more of theirs");
    on(phone).trash("c6");
    on(phone).add("p", "root", "c6");
    sync(world, phone);
    const plan = recoverLaptop(scene, { historyTrusted: false });
    expect(outlineOf(world, world.server)).toBe(
      "n theirs mine (your copy) c2+more of mine c3 c4 c5+more of theirs p",
    );
    expect(outlineOf(world, world.server, "trash")).toBe("c6");
    expect(plan.rolledBack).toBe(false);
    expect(itemOf(plan, id("c1")).sentence).toBe(
      "This text differs from the server's, and it is not known which part of it had been synced. Yours is in 'mine (your copy)'.",
    );
    expect(itemOf(plan, id("c3"))).toMatchObject({ outcome: "deletion-not-repeated", needsHelp: true });
    expect(itemOf(plan, id("c4")).outcome).toBe("place-not-kept");
    expect(itemOf(plan, id("n")).outcome).toBe("missing-on-server");
    expect(plan.items).toHaveLength(5);
  });

  it("an order of siblings that differs is the server's", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { on, laptop } = scene;
    on(laptop).move("c2", "root");
    expect(recoverLaptop(scene, { historyTrusted: false })).toMatchObject({ steps: [], items: [] });
  });
});

describe("what a plan costs", () => {
  const root = noteIdOf(1);
  const plain = { isRoot: false, childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  const rootNote: Note = { ...plain, id: root, text: "Notes", isRoot: true, parentId: null, orderKey: "" };

  /** A chain of 50 000 notes, and others side by side. */
  function many(wide: number): Map<NoteId, Note> {
    const notes = new Map([[root, rootNote]]);
    const add = (note: Note) => notes.set(note.id, note);
    for (let depth = 0; depth < 50_000; depth += 1) {
      const parentId = depth === 0 ? root : noteIdOf(999 + depth);
      add({ ...plain, id: noteIdOf(1_000 + depth), text: `deep ${depth}`, parentId, orderKey: "V" });
    }
    for (const [index, orderKey] of keysBetween("W", null, wide).entries()) {
      add({ ...plain, id: noteIdOf(100_000 + index), text: `wide ${index}`, parentId: root, orderKey });
    }
    return notes;
  }
  const input = (local: Map<NoteId, Note>, remote: Map<NoteId, Note>): RecoveryInput => ({
    resetId: "big",
    rootId: root,
    recoveredId: noteIdOf(2),
    local,
    remote,
    history: new Map(),
    seen: { earlier: () => false, known: () => false },
    historyTrusted: true,
  });

  it("stays small for 100 000 notes in a chain of 50 000, all of them missing", () => {
    const startedAtMs = performance.now();
    const { steps, items } = planRecovery(input(many(50_000), new Map([[root, rootNote]])));
    expect(steps).toHaveLength(100_000);
    expect(items).toHaveLength(100_000);
    expect(items[49_999]?.path).toHaveLength(32 + 1);
    expect(items[49_999]?.path.slice(0, 2)).toEqual(["…", "deep 49967"]);
    expect(performance.now() - startedAtMs).toBeLessThan(40_000);
  });

  it("stays small for a backup that is one cycle", () => {
    const local = many(10);
    const first = local.get(noteIdOf(1_000))!;
    local.set(first.id, { ...first, parentId: noteIdOf(50_999) });
    const { steps } = planRecovery(input(local, new Map([[root, rootNote]])));
    expect(steps).toHaveLength(50_011);
    expect(steps.find(({ note }) => note.id === first.id)?.note.parentId).toBe(noteIdOf(2));
  });

  it("stays small for a deletion high above a change far below", () => {
    const local = many(10);
    const top = local.get(noteIdOf(1_000))!;
    local.set(top.id, { ...top, deletedAtMs: 5 });
    const remote = many(10);
    const bottom = remote.get(noteIdOf(50_999))!;
    remote.set(bottom.id, { ...bottom, text: "news" });
    const deleted = [{ before: null, after: 5, acked: false, atMs: 0 }];
    const history = historyWith(top.id, { deletedAtMs: deleted });
    const plan = planRecovery({ ...input(local, remote), history });
    expect(plan.items.map(({ outcome }) => outcome)).toEqual(["deletion-not-repeated"]);
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
