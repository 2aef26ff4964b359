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
  otherServer: null,
  copyOverdue: null,
  viewedCopy: null,
  readOnly: false,
  importing: null,
  canUndo: null,
  canRedo: null,
  ...changes,
});
const prompt: ResetView = { kind: "prompt", pending: 3, isCopyHere: false, details };
const stopped: ResetView = { kind: "stopped", why: "failed", message: "", details };
const recovering: ResetView = {
  kind: "recovering",
  progress: { steps: [], offline: true, slow: false },
  details,
};
const looking = { readingMeanwhile: false, hasNotes: true };
const reading = { ...looking, readingMeanwhile: true };

describe("screenOf", () => {
  it("shows the notes under the prompt and after 'Not now'", () => {
    expect(screenOf(appWith(prompt), looking).kind).toBe("notes");
    expect(screenOf(appWith({ kind: "postponed", pending: null, details }), looking).kind).toBe("notes");
  });

  it("shows the notes of a recovery as soon as there are any, whether or not they can be written to", () => {
    const without = { ...looking, hasNotes: false };
    for (const readOnly of [false, true]) {
      const app = appWith(recovering, { readOnly });
      expect(screenOf(app, without).kind).toBe("recovering");
      expect(screenOf(app, looking).kind).toBe("notes");
    }
  });

  it("puts a recovery that waits for somebody in front of the notes until they are opened read-only", () => {
    expect(screenOf(appWith(stopped), looking).kind).toBe("waiting");
    expect(screenOf(appWith(stopped), reading).kind).toBe("notes");
  });

  it("asks for an account where a recovery cannot go on without one", () => {
    const account = { kind: "signed-out", server: "", embedded: false } as const;
    const signedOut = { account, sync: { kind: "signed-out" } } as const;
    expect(screenOf(appWith(recovering, signedOut), looking).kind).toBe("sign-in");
  });

  it("keeps the notes of whom the server has signed out, and asks for an account over them", () => {
    const account = { kind: "signed-out", server: "", embedded: false } as const;
    const sync = { kind: "ended", email: "gardener@example.com", message: "", pending: 1 } as const;
    const app = appWith({ kind: "none" }, { account, sync });
    expect(screenOf(app, looking).kind).toBe("notes");
    const overlay = { kind: "sign-in" } as const;
    expect(questionOf(app, { ...looking, overlay })).toEqual({ kind: "overlay", overlay });
  });

  it("asks for an account only when no reset is under way", () => {
    const account = { kind: "signed-out", server: "", embedded: true } as const;
    const signedOut = { account, sync: { kind: "signed-out" } } as const;
    expect(screenOf(appWith({ kind: "none" }, signedOut), looking).kind).toBe("sign-in");
    expect(screenOf(appWith({ kind: "none" }, { account, sync: { kind: "starting" } }), looking).kind).toBe(
      "starting",
    );
    expect(screenOf(appWith({ kind: "protecting" }, { account }), looking).kind).toBe("notes");
  });
});

describe("questionOf", () => {
  it("lets an open dialog finish before the prompt", () => {
    const overlay = { kind: "palette" } as const;
    expect(questionOf(appWith(prompt), { ...looking, overlay })?.kind).toBe("overlay");
    expect(questionOf(appWith(prompt), { ...looking, overlay: null })?.kind).toBe("prompt");
  });

  it("asks nothing while notes are being protected, or read meanwhile", () => {
    expect(questionOf(appWith({ kind: "protecting" }), { ...looking, overlay: null })).toBeNull();
    expect(questionOf(appWith(stopped), { ...reading, overlay: null })).toBeNull();
  });

  it("does not hide a stopped recovery behind a dialog of the notes", () => {
    const overlay = { kind: "palette" } as const;
    expect(questionOf(appWith(stopped), { ...looking, overlay })?.kind).toBe("stopped");
  });

  it("asks about a safety copy before a log-in, where no other dialog has anything to be about", () => {
    const account = { kind: "signed-out", server: "", embedded: false } as const;
    const app = appWith({ kind: "none" }, { account, sync: { kind: "signed-out" } });
    const copy = { name: "copy", why: "", createdAtMs: 0, notes: 1, sizeBytes: 1, resetId: null } as const;
    const deletion = { kind: "delete-copy", copy: { ...copy, kept: { kind: "not-synced" } } } as const;
    expect(questionOf(app, { ...looking, overlay: deletion })).toEqual({
      kind: "overlay",
      overlay: deletion,
    });
    expect(questionOf(app, { ...looking, overlay: { kind: "palette" } })).toBeNull();
  });
});
