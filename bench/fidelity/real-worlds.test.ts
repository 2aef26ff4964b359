import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { judge, judgedStory, sumOf } from "../../src/shared/recovery/testing/fidelity";
import { type ServerEvent, tellStory } from "../../src/shared/recovery/testing/random-world";
import type { Deed } from "../../src/shared/recovery/testing/world";
import { playTogether, type Told } from "./real-worlds";

const programs = {
  server: resolve("out", "node", "server.cjs"),
  peer: resolve("out", "node", "fidelity-peer.cjs"),
};

function tell(event: ServerEvent, seeds: readonly number[]): Told[] {
  return seeds.map((seed, index) => {
    const deeds: Deed[] = [];
    const story = tellStory(seed, { event, worksBetween: false, onDeed: (deed) => void deeds.push(deed) });
    return { number: index + 1, story, deeds };
  });
}

// That the worlds are the ones in memory is checked by playTogether itself, before anything is recovered.
describe("Realm's own recovery of the very same worlds", () => {
  it("loses words and others' edits where sync was terminated, and merging does not", async () => {
    const told = tell("lost-notes", [4, 5, 6, 7]);
    const played = await playTogether(told, programs);
    expect(played.flatMap(({ endings }) => endings.map(({ kind }) => kind))).not.toContain("failed");
    const sum = sumOf(played.map(({ judged }) => judge(judged)));
    expect(sum.lost).toBeGreaterThan(0);
    expect(sum.overwritten).toBeGreaterThan(0);
    const ours = sumOf(told.map(({ story }) => judge(judgedStory(story))));
    expect(Object.values(ours).every((count) => count === 0)).toBe(true);
  }, 240_000);

  it("does not know what a restored server has lost", async () => {
    const played = await playTogether(tell("rolled-back", [1, 2, 3]), programs);
    expect(sumOf(played.map(({ judged }) => judge(judged))).lost).toBeGreaterThan(0);
  }, 240_000);

  it("says so where the real world is not the one in memory", async () => {
    const [world] = tell("none", [1]) as [Told];
    const deeds = world.deeds.filter(({ kind }) => kind !== "write");
    await expect(playTogether([{ ...world, deeds }], programs)).rejects.toThrow(/not the one in memory/);
  }, 240_000);
});
