import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { keysBetween } from "../order-key";
import { planRecovery } from "./plan";
import type { RecoveryInput } from "./plan-types";
import { historyWith, itemOf, recoverLaptop } from "./testing/laptop-recovery";
import { outlineOf, twoDevices } from "./testing/scene";
import { download, noteIdOf, sync, upload } from "./testing/world";

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

  it("are without the heading that was taken out here, though a blank line was put back in its place", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    on(phone).write("c1", "# c1\n");
    sync(world, phone);
    download(world, laptop);
    on(laptop).write("c1", "");
    on(laptop).write("c1", "\nmine");
    on(phone).write("c1", "# c1\ntheirs");
    sync(world, phone);
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("theirs+mine");
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

  it("that are the same by two hands are no change, and no line in the report", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    on(laptop).append("c1", "same");
    on(phone).append("c1", "same");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(plan).toMatchObject({ steps: [], items: [], rolledBack: false });
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
