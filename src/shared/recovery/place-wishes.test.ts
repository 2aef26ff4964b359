import { describe, expect, it } from "vitest";
import type { Note } from "../note";
import { historyWith, itemOf, recoverLaptop, recoverLaptopWithoutCheck } from "./testing/laptop-recovery";
import { outlineOf, type Scene, twoDevices } from "./testing/scene";
import { noteIdOf, type Realm, sync } from "./testing/world";

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
