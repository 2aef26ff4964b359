import { describe, expect, it } from "vitest";
import { planRecovery } from "./plan";
import { itemOf, recoverLaptop } from "./testing/laptop-recovery";
import { outlineOf, twoDevices } from "./testing/scene";
import { download, notesOf, recoveryInput, sync } from "./testing/world";

describe("texts", () => {
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

  it("in conflict name the time of this device's last change in the copy's title", () => {
    const scene = twoDevices({ root: "c1" });
    const { world, laptop, phone, on } = scene;
    on(laptop).write("c1", "mine");
    on(phone).write("c1", "theirs");
    sync(world, phone);
    const { history } = recoveryInput(world, laptop, "reset");
    const atMs = [...history.values()][0]!.text.at(-1)!.atMs;
    const input = { ...recoveryInput(world, laptop, "reset"), timeText: (at: number) => `at ${at}` };
    expect(planRecovery(input).steps.map(({ note }) => note.text)).toEqual([`mine (your copy, at ${atMs})`]);
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
});
