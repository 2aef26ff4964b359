import { describe, expect, it } from "vitest";
import { allBugs, createLiteralRecipe, literalRecipe } from "./literal-recipe";
import { complaints } from "./oracles";
import { tellStory } from "./random-world";

/** The oracles that complain within so many seeds. */
function noticedBy(planner: typeof literalRecipe, seeds: number): Set<string> {
  const noticed = new Set<string>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const complaint of complaints(tellStory(seed, { planner }), planner)) {
      noticed.add(complaint.split(":")[0] ?? "");
    }
  }
  return noticed;
}

describe("the recipe as it was published", () => {
  it("loses words, breaks trees and harms what nobody here touched within 100 seeds", () => {
    const noticed = noticedBy(literalRecipe, 100);
    for (const oracle of ["O1", "O3", "O4"]) expect([...noticed]).toContain(oracle);
  });

  it("loses all that was not synced where its time was never written", () => {
    const nothingFound = createLiteralRecipe({
      isTimestampNull: true,
      isSubtreeOverwritten: false,
      isAbsenceDeletion: false,
    });
    expect([...noticedBy(nothingFound, 20)]).toContain("O1");
  });

  it.each(["isSubtreeOverwritten", "isAbsenceDeletion"] as const)("does harm by %s alone", (bug) => {
    const others = { ...allBugs, isSubtreeOverwritten: false, isAbsenceDeletion: false };
    const planner = createLiteralRecipe({ ...others, [bug]: true });
    expect([...noticedBy(planner, 100)]).toContain("O4");
    expect([...noticedBy(createLiteralRecipe(others), 100)]).not.toContain("O4");
  });
});
