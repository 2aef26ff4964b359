import { describe, expect, it } from "vitest";
import { tellStory } from "../../shared/recovery/testing/random-world";
import { packPlan, unpackPlan } from "./packed-plan";

const plans = Array.from({ length: 100 }, (_, seed) => tellStory(seed + 1, { deeds: 25 }).runs)
  .flat()
  .map(({ plan }) => plan);

describe("a packed plan", () => {
  it("is the same when it is unpacked, to the last field", () => {
    for (const plan of plans) {
      const written = JSON.stringify(packPlan(plan));
      expect(unpackPlan(JSON.parse(written))).toEqual(plan);
    }
    expect(plans.some(({ steps }) => steps.length > 2)).toBe(true);
    expect(plans.some(({ items }) => items.some(({ copyId }) => copyId !== null))).toBe(true);
    expect(plans.some(({ steps }) => steps.some(({ expect: before }) => before === null))).toBe(true);
  });

  it("holds each text once", () => {
    for (const plan of plans) {
      const { texts } = packPlan(plan);
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts).toEqual(expect.arrayContaining(plan.steps.map(({ note }) => note.text)));
    }
  });

  it("that names what it does not have is refused", () => {
    const plan = plans.find(({ items }) => items.length > 0)!;
    const packed = packPlan(plan);
    for (const lacking of [
      { ...packed, texts: packed.texts.slice(0, -1) },
      { ...packed, notes: packed.notes.slice(0, -1) },
    ]) {
      expect(() => unpackPlan(lacking)).toThrow("does not have");
    }
  });
});
