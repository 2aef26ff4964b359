import { describe, expect, it } from "vitest";
import { ownText } from "./own-text";
import type { FieldChange } from "./plan-types";

function changes(...texts: [before: string, after: string][]): FieldChange<string>[] {
  return texts.map(
    ([before, after], index) => ({ before, after, acked: false, atMs: index }) as FieldChange<string>,
  );
}

const base = "milk\nbread";

describe("the text of a note that this device means", () => {
  it("is the one it has, where its own changes led to it or there are none", () => {
    expect(ownText(base, [])).toBe(base);
    expect(ownText("milk\nrolls", changes([base, "milk"], ["milk", "milk\nrolls"]))).toBe("milk\nrolls");
  });

  it("holds both, where another hand's text came over it", () => {
    const pending = changes([base, "milk\nbread\nmine"]);
    const text = ownText("milk\nbread\ntheirs", pending);
    expect(text.split("\n").sort()).toEqual(["bread", "milk", "mine", "theirs"]);
  });

  it("holds both even where they cannot be merged", () => {
    const text = ownText("rolls for all", changes(["bread", "bread for two"], ["bread for two", "no bread"]));
    expect(text.split("\n").sort()).toEqual(["no bread", "rolls for all"]);
  });

  it("holds what was replaced before it went on with the other's text", () => {
    const pending = changes(
      [base, "milk\nbread\nmine"],
      ["milk\nbread\ntheirs", "milk\nbread\ntheirs\nmore"],
    );
    const text = ownText("milk\nbread\ntheirs\nmore", pending);
    expect(text.split("\n").sort()).toEqual(["bread", "milk", "mine", "more", "theirs"]);
  });

  it("does not bring back lines that it deleted itself", () => {
    const pending = changes([base, "bread\nmine"]);
    expect(ownText("milk\nbread\ntheirs", pending).split("\n")).not.toContain("milk");
  });
});
