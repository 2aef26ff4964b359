import { describe, expect, it } from "vitest";
import type { ResetState } from "../../shared/reset-machine";
import { progressOf, resetView } from "./reset-view";

type Stopped = Extract<ResetState, { kind: "stopped" }>;

const state: Stopped = {
  kind: "stopped",
  why: "failed",
  message: "The plan is missing.",
  facts: {
    resetId: "reset-1",
    cause: "schema",
    code: 225,
    serverMessage: "",
    userId: "u",
    generation: "g",
    originalPath: "/notes.realm",
    foundAtMs: 1,
    order: "realm",
    moved: false,
    resetsToday: 3,
    halvings: 0,
  },
  copy: { name: "copy-1", atMs: 2, notes: 3 },
};

function messageOf(more: Partial<Stopped>): string {
  const stopped = { ...state, ...more };
  const view = resetView(stopped, {
    backupsFolder: "/backups",
    pending: null,
    isCopyHere: false,
    progress: progressOf(stopped, null, false, false),
    preview: null,
    finished: null,
  });
  if (view.kind !== "stopped") throw new Error(`it shows ${view.kind}`);
  return view.message;
}

describe("a recovery that stopped", () => {
  it("says why: what went wrong, or that the server asked too often", () => {
    expect(messageOf({})).toBe("The plan is missing.");
    const tooMany = messageOf({ why: "too-many-resets", message: "" });
    expect(tooMany).toMatch(/three times in a day.*read and export your notes/);
    expect(tooMany).not.toMatch(/client reset|session|realm/i);
  });

  it("says that it was cancelled, where it was", () => {
    expect(messageOf({ why: "cancelled", message: "" })).toBe("You cancelled it. Nothing was changed.");
  });

  it("never says nothing, whatever failed without a word", () => {
    expect(messageOf({ message: "" })).toMatch(/try again/);
  });
});
