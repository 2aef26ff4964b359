import { describe, expect, it } from "vitest";
import { itemOf, recoverLaptop } from "./testing/laptop-recovery";
import { outlineOf, twoDevices } from "./testing/scene";
import { download, loseNotes, notesOf, rollBack, sync } from "./testing/world";

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
