import { describe, expect, it } from "vitest";
import { findBest, markWords } from "./find-titles";

const titles = ["Winter milk", "Milk", "Camilla", "Milk and eggs", "Shopping"];
const find = (query: string, limit = 10) => findBest(titles, (title) => title, query, limit);

describe("findBest", () => {
  it("puts the title itself first, then what begins so, then words that begin so, then the rest", () => {
    expect(find("milk")).toEqual(["Milk", "Milk and eggs", "Winter milk"]);
    expect(find("mil")).toEqual(["Milk", "Milk and eggs", "Winter milk", "Camilla"]);
  });

  it("wants every word, in any order", () => {
    expect(find("eggs milk")).toEqual(["Milk and eggs"]);
  });

  it("keeps the order where nothing is typed, and the limit", () => {
    expect(find("", 2)).toEqual(["Winter milk", "Milk"]);
  });
});

describe("markWords", () => {
  it("marks the words of the query wherever they stand", () => {
    expect(markWords("Buy milk. Milk!", "milk")).toEqual([
      { text: "Buy ", hit: false },
      { text: "milk", hit: true },
      { text: ". ", hit: false },
      { text: "Milk", hit: true },
      { text: "!", hit: false },
    ]);
  });

  it("takes signs as signs", () => {
    expect(markWords("a.b axb", "a.b").filter(({ hit }) => hit)).toEqual([{ text: "a.b", hit: true }]);
  });
});
