import { describe, expect, it } from "vitest";
import type { AppState, ResetDetails, ResetView } from "../shared/ipc-contract";
import { questionOf, screenOf } from "./screen";

const details: ResetDetails = {
  cause: "restored",
  causeText: "",
  referenceCode: "",
  serverMessage: "",
  backupPlace: "",
  copyAtMs: 0,
};
const appWith = (reset: ResetView, changes: Partial<AppState> = {}): AppState => ({
  version: "1",
  runtime: "test",
  account: { kind: "signed-in", server: "", embedded: true, email: null },
  sync: { kind: "paused", pending: 0 },
  reset,
  oldestPendingAtMs: null,
  audit: { asks: null, mended: null },
  viewedCopy: null,
  readOnly: false,
  importing: null,
  canUndo: null,
  canRedo: null,
  ...changes,
});
const prompt: ResetView = { kind: "prompt", pending: 3, details };
const stopped: ResetView = { kind: "stopped", why: "failed", message: "", details };

describe("screenOf", () => {
  it("shows the notes under the prompt and after 'Not now'", () => {
    expect(screenOf(appWith(prompt), false).kind).toBe("notes");
    expect(screenOf(appWith({ kind: "postponed", pending: null, details }), false).kind).toBe("notes");
  });

  it("shows the notes instead of a recovery that waits for the network, as soon as they can be written to", () => {
    const progress = { steps: [], offline: true, slow: false };
    const recovering: ResetView = { kind: "recovering", progress, details };
    expect(screenOf(appWith(recovering, { readOnly: true }), false).kind).toBe("recovering");
    expect(screenOf(appWith(recovering), false).kind).toBe("notes");
  });

  it("puts recovery in front of the notes until they are opened read-only", () => {
    expect(screenOf(appWith(stopped), false).kind).toBe("waiting");
    expect(screenOf(appWith(stopped), true).kind).toBe("notes");
  });

  it("asks for an account where a recovery cannot go on without one", () => {
    const progress = { steps: [], offline: true, slow: false };
    const recovering: ResetView = { kind: "recovering", progress, details };
    const account = { kind: "signed-out", server: "", embedded: false } as const;
    const signedOut = { account, sync: { kind: "signed-out" }, readOnly: true } as const;
    expect(screenOf(appWith(recovering, signedOut), false).kind).toBe("sign-in");
    expect(screenOf(appWith(recovering, signedOut), true).kind).toBe("notes");
  });

  it("asks for an account only when no reset is under way", () => {
    const account = { kind: "signed-out", server: "", embedded: true } as const;
    const signedOut = { account, sync: { kind: "signed-out" } } as const;
    expect(screenOf(appWith({ kind: "none" }, signedOut), false).kind).toBe("sign-in");
    expect(screenOf(appWith({ kind: "none" }, { account, sync: { kind: "starting" } }), false).kind).toBe(
      "starting",
    );
    expect(screenOf(appWith({ kind: "protecting" }, { account }), false).kind).toBe("notes");
  });
});

describe("questionOf", () => {
  it("lets an open dialog finish before the prompt", () => {
    const overlay = { kind: "palette" } as const;
    expect(questionOf(appWith(prompt), { overlay, readingMeanwhile: false })?.kind).toBe("overlay");
    expect(questionOf(appWith(prompt), { overlay: null, readingMeanwhile: false })?.kind).toBe("prompt");
  });

  it("asks nothing while notes are being protected, or read meanwhile", () => {
    expect(
      questionOf(appWith({ kind: "protecting" }), { overlay: null, readingMeanwhile: false }),
    ).toBeNull();
    expect(questionOf(appWith(stopped), { overlay: null, readingMeanwhile: true })).toBeNull();
  });

  it("does not hide a stopped recovery behind a dialog of the notes", () => {
    const overlay = { kind: "palette" } as const;
    expect(questionOf(appWith(stopped), { overlay, readingMeanwhile: false })?.kind).toBe("stopped");
  });
});
