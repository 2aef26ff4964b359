import { describe, expect, it } from "vitest";
import { itemOf, recoverLaptop } from "./testing/laptop-recovery";
import { outlineOf, twoDevices } from "./testing/scene";
import { download, sync, upload } from "./testing/world";

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
