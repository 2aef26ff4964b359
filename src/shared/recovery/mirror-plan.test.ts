import { describe, expect, it } from "vitest";
import { planRecovery } from "./plan";
import { twoDevices } from "./testing/scene";
import { recoveryInput } from "./testing/world";

describe("places", () => {
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
