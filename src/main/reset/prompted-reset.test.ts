import { expect, it } from "vitest";
import type { ResetFacts, ResetState } from "../../shared/reset-machine";
import { promptedReset } from "./prompted-reset";

const facts: ResetFacts = {
  resetId: "reset 1",
  cause: "restored",
  code: 209,
  serverMessage: "",
  userId: "somebody",
  generation: "the old file",
  originalPath: "/realm",
  foundAtMs: 1,
  order: "realm",
  moved: false,
  resetsToday: 1,
  halvings: 0,
};
const copy = { name: "copy", atMs: 1, notes: 1 };
const open = { userId: "somebody", generation: "the old file" };

it("is the reset whose prompt stands or was put off, while the notes that it leaves behind are open", () => {
  for (const kind of ["prompting", "postponed"] as const) {
    expect(promptedReset({ kind, facts, copy }, open)).toBe(facts);
    expect(promptedReset({ kind, facts, copy }, null)).toBeNull();
    expect(promptedReset({ kind, facts, copy }, { ...open, generation: "another file" })).toBeNull();
    expect(promptedReset({ kind, facts, copy }, { ...open, userId: "somebody else" })).toBeNull();
  }
});

it("is none once somebody has said that it may begin, or before there is a copy", () => {
  const others: ResetState[] = [
    { kind: "idle" },
    { kind: "protecting", facts },
    { kind: "restarting", facts, copy },
    { kind: "downloading", facts, copy },
  ];
  for (const state of others) expect(promptedReset(state, open)).toBeNull();
});
