import { describe, expect, it } from "vitest";
import { checkTree } from "../../tree-check";
import { type RecoveryPlan, type StrategyName, strategyNames } from "../plan-types";
import { complaints } from "../testing/oracles";
import { serverEvents, tellStory } from "../testing/random-world";
import { outlineOf, type Scene, twoDevices } from "../testing/scene";
import { loseNotes, recover, recoveryInput, sync, treeOf } from "../testing/world";
import { fieldsUpdated, updatesAfterLastSynced } from "./recorded";
import { planWith, strategies, strategyInForce } from "./strategy";
import { strategyWords } from "./words";

/** The laptop recovers with this strategy. */
function recoverWith(strategy: StrategyName, { world, laptop }: Scene, more = {}): RecoveryPlan {
  return recover(world, laptop, recoveryInput(world, laptop, "reset 1", more), strategies[strategy]);
}

/** What the server has in the end: the notes, and after a bar the trash. */
function ending({ world }: Scene): string {
  return `${outlineOf(world, world.server)} | ${outlineOf(world, world.server, "trash")}`.trim();
}

const rows: Readonly<Record<string, () => Scene>> = {
  "1 removes c2 · inserts b1": () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    scene.on(scene.laptop).trash("c2");
    scene.on(scene.phone).add("b1", "root");
    return scene;
  },
  "2 inserts a1 after c1 · inserts b1": () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    scene.on(scene.laptop).add("a1", "root", "c1");
    scene.on(scene.phone).add("b1", "root");
    return scene;
  },
  "3 edits c1, adds a1 under it · deletes c1": () => {
    const scene = twoDevices({ root: "c1 c2" });
    scene.on(scene.laptop).append("c1", "mine");
    scene.on(scene.laptop).add("a1", "c1");
    scene.on(scene.phone).trash("c1");
    return scene;
  },
  "4 reorders · inserts b1": () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    scene.on(scene.laptop).move("c3", "root");
    scene.on(scene.laptop).move("c2", "root", "c3");
    scene.on(scene.phone).add("b1", "root", "c1");
    return scene;
  },
  "5 deletes c1 · edits c1": () => {
    const scene = twoDevices({ root: "c1 c2" });
    scene.on(scene.laptop).trash("c1");
    scene.on(scene.phone).append("c1", "theirs");
    return scene;
  },
  "6 deletes c1 · adds b1 under c1": () => {
    const scene = twoDevices({ root: "c1 c2" });
    scene.on(scene.laptop).trash("c1");
    scene.on(scene.phone).add("b1", "c1");
    return scene;
  },
  "7 moves c1 under c3 · moves c1 under c2": () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    scene.on(scene.laptop).move("c1", "c3");
    scene.on(scene.phone).move("c1", "c2");
    return scene;
  },
};
/** As docs/strategies.md has it: laptop · phone, then what each strategy leaves. */
const endings: Readonly<Record<string, Partial<Record<StrategyName, string>> & { readonly others: string }>> =
  {
    "1 removes c2 · inserts b1": { others: "b1 c1 c3 | c2", discard: "b1 c1 c2 c3 |" },
    "2 inserts a1 after c1 · inserts b1": { others: "b1 c1 a1 c2 c3 |", discard: "b1 c1 c2 c3 |" },
    "3 edits c1, adds a1 under it · deletes c1": {
      merge: "c2 Recovered notes -a1 | c1+mine",
      "track-objects": "c1+mine -a1 c2 |",
      "overwrite-backend": "c1+mine -a1 c2 |",
      others: "c2 | c1+mine -a1",
      discard: "c2 | c1",
    },
    "4 reorders · inserts b1": { others: "c3 c2 c1 b1 |", discard: "c1 b1 c2 c3 |" },
    "5 deletes c1 · edits c1": {
      merge: "c1+theirs c2 |",
      "track-objects": "c2 | c1",
      "overwrite-backend": "c2 | c1",
      others: "c2 | c1+theirs",
      discard: "c1+theirs c2 |",
    },
    "6 deletes c1 · adds b1 under c1": {
      merge: "c1 -b1 c2 |",
      others: "c2 | c1 -b1",
      discard: "c1 -b1 c2 |",
    },
    "7 moves c1 under c3 · moves c1 under c2": {
      merge: "c2 -c1 c3 |",
      others: "c2 c3 -c1 |",
      discard: "c2 -c1 c3 |",
    },
  };

describe.each(strategyNames)("%s in the seven rows", (strategy) => {
  it.each(Object.keys(rows))("%s", (row) => {
    const scene = rows[row]!();
    sync(scene.world, scene.phone);
    recoverWith(strategy, scene);
    expect(ending(scene)).toBe(endings[row]![strategy] ?? endings[row]!.others);
    expect(checkTree(treeOf(scene.world, scene.world.server))).toEqual([]);
  });
});

describe("as the guides say of them", () => {
  /** One note; the laptop has its text, the phone its place changed. */
  function twoFields(): Scene {
    const scene = twoDevices({ root: "c1 c2" });
    scene.on(scene.laptop).append("c1", "mine");
    scene.on(scene.phone).move("c1", "c2");
    sync(scene.world, scene.phone);
    return scene;
  }

  it("track-objects overwrites the entire object if any field was updated, and says so", () => {
    const scene = twoFields();
    const plan = recoverWith("track-objects", scene);
    expect(ending(scene)).toBe("c1+mine c2 |");
    expect(plan.items).toMatchObject([{ outcome: "written-over", needsHelp: true }]);
    expect(plan.items[0]!.undo!.before!.parentId).toBe(scene.id("c2"));
  });

  it.each(["track-fields", "track-updates"] as const)("%s leaves others' fields alone", (strategy) => {
    const scene = twoFields();
    const plan = recoverWith(strategy, scene);
    expect(ending(scene)).toBe("c2 -c1+mine |");
    expect(plan.items).toMatchObject([{ outcome: "put-back", needsHelp: false }]);
  });

  it("track-updates writes the latest value of the backup, however often it was written", () => {
    const scene = twoDevices({ root: "c1" });
    const { laptop, on, id } = scene;
    for (const text of ["one", "two", "three"]) on(laptop).write("c1", text);
    const input = recoveryInput(scene.world, laptop, "reset 1");
    expect(updatesAfterLastSynced(input)).toEqual([{ noteId: id("c1"), field: "text" }]);
    recoverWith("track-updates", scene);
    expect(ending(scene)).toBe("three |");
  });

  it("both replace the same field of the others, as one text", () => {
    for (const strategy of ["track-objects", "track-fields", "track-updates"] as const) {
      const scene = twoDevices({ root: "c1" });
      scene.on(scene.laptop).append("c1", "mine");
      scene.on(scene.phone).append("c1", "theirs");
      sync(scene.world, scene.phone);
      const plan = recoverWith(strategy, scene);
      expect(ending(scene)).toBe("c1+mine |");
      expect(plan.items).toMatchObject([{ outcome: "written-over", theirs: "c1\ntheirs" }]);
    }
  });

  it("track-objects recovers what was inserted, updated and deleted, and leaves what was synced", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on } = scene;
    on(laptop).append("c3", "synced");
    sync(world, laptop);
    on(laptop).add("a1", "root", "c1");
    on(laptop).append("c1", "mine");
    on(laptop).trash("c2");
    on(phone).append("c3", "theirs");
    sync(world, phone);
    recoverWith("track-objects", scene);
    expect(ending(scene)).toBe("c1+mine a1 c3+theirs | c2");
  });

  it("overwrite-backend overwrites all that other clients wrote since the last sync", () => {
    const scene = twoDevices({ root: "c1 c2" });
    scene.on(scene.phone).append("c1", "theirs");
    scene.on(scene.phone).trash("c2");
    scene.on(scene.phone).add("b1", "root");
    sync(scene.world, scene.phone);
    const plan = recoverWith("overwrite-backend", scene);
    expect(ending(scene)).toBe("b1 c1 c2 |");
    expect(plan.items.map(({ outcome }) => outcome)).toEqual(["written-over", "written-over"]);
  });

  it("no strategy of theirs knows what the server lost, but overwriting brings it back", () => {
    for (const strategy of strategyNames) {
      const scene = twoDevices({ root: "c1 c2" });
      loseNotes(scene.world, [scene.id("c2")]);
      recoverWith(strategy, scene);
      const isBack = strategy === "merge" || strategy === "overwrite-backend";
      expect(ending(scene)).toBe(isBack ? "c1 c2 |" : "c1 |");
    }
  });

  it("an object deleted for good elsewhere is put back by its upsert, without the parent that is gone", () => {
    for (const strategy of ["track-objects", "track-fields", "track-updates"] as const) {
      const scene = twoDevices({ root: "c1 c2", c1: "d" });
      scene.on(scene.laptop).append("d", "mine");
      loseNotes(scene.world, [scene.id("c1"), scene.id("d")]);
      recoverWith(strategy, scene);
      expect(ending(scene)).toBe("c2 (unreached) -d+mine |");
    }
  });

  it("where LastSynced is not known, everything counts as unsynced", () => {
    for (const strategy of ["track-objects", "track-fields", "track-updates"] as const) {
      const scene = twoDevices({ root: "c1" });
      scene.on(scene.phone).append("c1", "theirs");
      sync(scene.world, scene.phone);
      const input = recoveryInput(scene.world, scene.laptop, "reset 1", { historyTrusted: false });
      expect(fieldsUpdated(input, scene.id("c1")).size).toBe(3);
      expect(planWith(strategy, input).steps).toHaveLength(1);
    }
  });
});

describe("discard", () => {
  it("writes nothing, and lists what it left out as it was", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).add("a1", "root");
    on(laptop).append("c1", "mine");
    on(laptop).move("c1", "c3");
    on(laptop).trash("c2");
    on(phone).append("c3", "theirs");
    sync(world, phone);
    const plan = recoverWith("discard", scene);
    expect(ending(scene)).toBe("c1 c2 c3+theirs |");
    expect(plan.steps).toEqual([]);
    const lines = new Map(plan.items.map((item) => [item.noteId, item]));
    expect(lines.size).toBe(3);
    expect(lines.get(id("a1"))).toMatchObject({
      outcome: "left-out",
      sentence: "Your new note was left out.",
      result: null,
      leftOut: { text: "a1" },
    });
    expect(lines.get(id("c1"))).toMatchObject({
      sentence: "Your edit and your move were left out.",
      mine: "c1\nmine",
      result: "c1",
      leftOut: { text: "c1\nmine", parentId: id("c3") },
    });
    expect(lines.get(id("c2"))!.sentence).toBe("Your deletion was left out.");
  });

  it("takes the manual road where the schema change is breaking, and only then", () => {
    expect(strategyInForce("discard", true)).toEqual({ strategy: "merge", insteadOf: "discard" });
    expect(strategyInForce("discard", false)).toEqual({ strategy: "discard", insteadOf: null });
    for (const other of strategyNames.filter((name) => name !== "discard")) {
      expect(strategyInForce(other, true)).toEqual({ strategy: other, insteadOf: null });
    }
  });
});

describe("every strategy", () => {
  const seeds = 150;

  it.each(strategyNames)("%s writes nothing the second time, and its report is true", (strategy) => {
    const planner = strategies[strategy];
    for (let seed = 1; seed <= seeds; seed += 1) {
      const event = serverEvents[seed % serverEvents.length]!;
      const found = complaints(tellStory(seed, { event, planner }), planner);
      expect({ seed, found: found.filter((each) => /^O[57]/.test(each)) }).toEqual({ seed, found: [] });
    }
  });

  it.each(strategyNames)(
    "%s does not touch what was done to the input, and plans the same twice",
    (strategy) => {
      const { runs } = tellStory(11, { event: "none", deeds: 20 });
      const [{ input }] = runs as [(typeof runs)[0]];
      const before = JSON.stringify([...input.local, ...input.remote]);
      expect(planWith(strategy, input)).toEqual(planWith(strategy, input));
      expect(JSON.stringify([...input.local, ...input.remote])).toBe(before);
      expect(planWith(strategy, input).strategy).toBe(strategy);
    },
  );

  it("by fields and by updates come to the same: they differ in where the times are kept", () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      for (const { input } of tellStory(seed).runs) {
        const byFields = planWith("track-fields", input);
        expect({ ...planWith("track-updates", input), strategy: "track-fields" }).toEqual(byFields);
      }
    }
  });

  it("has words of its own, without the engine's", () => {
    const titles = strategyNames.map((name) => strategyWords[name].title);
    expect(new Set(titles).size).toBe(strategyNames.length);
    for (const { title, text } of Object.values(strategyWords)) {
      expect(`${title} ${text}`).not.toMatch(/realm|client|reset|schema|sync session|backend/i);
    }
  });
});
