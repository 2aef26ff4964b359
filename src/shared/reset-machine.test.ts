import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BackupRef,
  beginsDayAnew,
  countsAsReset,
  isRecovering,
  maxHalvings,
  maxResetsADay,
  next,
  type ResetEvent,
  type ResetFacts,
  type ResetState,
} from "./reset-machine";

const facts: ResetFacts = {
  resetId: "r1",
  cause: "restored",
  code: 211,
  serverMessage: "restored from a backup",
  userId: "u1",
  generation: "g1",
  originalPath: "/notes.realm",
  foundAtMs: 1,
  order: "realm",
  moved: false,
  resetsToday: 1,
  halvings: 0,
};
const copy: BackupRef = { name: "r1-1", atMs: 2, notes: 3 };
const later: BackupRef = { name: "r1-2", atMs: 4, notes: 5 };

function run(state: ResetState, ...events: ResetEvent[]): ResetState {
  return events.reduce(next, state);
}

const untilApplying: ResetEvent[] = [
  { kind: "reset-found", facts },
  { kind: "copy-made", copy },
  { kind: "restart" },
  { kind: "process-started" },
  { kind: "copy-made", copy: later },
  { kind: "file-moved" },
  { kind: "downloaded" },
  { kind: "planned", needsReview: false },
];

describe("the reset machine", () => {
  it("goes from the error to the report and back to idle", () => {
    const kinds: string[] = [];
    let state: ResetState = { kind: "idle" };
    const rest: ResetEvent[] = [
      { kind: "applied" },
      { kind: "checked" },
      { kind: "uploaded" },
      { kind: "reported" },
    ];
    for (const event of [...untilApplying, ...rest]) {
      state = next(state, event);
      kinds.push(state.kind);
    }
    expect(kinds).toEqual([
      "protecting",
      "prompting",
      "restarting",
      "securing",
      "resetting",
      "downloading",
      "planning",
      "applying",
      "checking",
      "uploading",
      "reporting",
      "idle",
    ]);
  });

  it("offers no restart before the copy is verified", () => {
    const protecting = run({ kind: "idle" }, { kind: "reset-found", facts });
    expect(run(protecting, { kind: "restart" })).toBe(protecting);
    const failed = run(protecting, { kind: "copy-failed", message: "full", bytesNeeded: 9 });
    expect(run(failed, { kind: "restart" })).toBe(failed);
    expect(run(failed, { kind: "try-again" }).kind).toBe("protecting");
  });

  it("comes back from 'not now' by the banner or by the next start", () => {
    const postponed = run(
      { kind: "idle" },
      { kind: "reset-found", facts },
      { kind: "copy-made", copy },
      { kind: "postpone" },
    );
    expect(postponed.kind).toBe("postponed");
    expect(run(postponed, { kind: "restart" }).kind).toBe("restarting");
    expect(run(postponed, { kind: "process-started" })).toMatchObject({ kind: "securing", copy });
  });

  it("plans from the copy made after the restart, which holds what was typed since the first", () => {
    const state = run({ kind: "idle" }, ...untilApplying);
    expect(state).toMatchObject({ kind: "applying", copy: later });
  });

  it("keeps the first copy as the source when another reset arrives during recovery", () => {
    const again = run({ kind: "idle" }, ...untilApplying, {
      kind: "reset-found",
      facts: { ...facts, resetId: "r2" },
    });
    expect(again).toMatchObject({ kind: "restarting", copy: later });
    expect(again).toMatchObject({ facts: { resetId: "r1", moved: true } });
  });

  it("knows from then on that the server went back in time, whichever reset says so first", () => {
    const unknown: ResetFacts = { ...facts, cause: "unknown", code: 228, serverMessage: "" };
    const first: ResetEvent[] = [{ kind: "reset-found", facts: unknown }, ...untilApplying.slice(1)];
    const { cause, code, serverMessage } = facts;
    const told = run({ kind: "idle" }, ...first, { kind: "reset-found", facts });
    expect(told).toMatchObject({ facts: { resetId: "r1", cause, code, serverMessage } });
    const after = run({ kind: "idle" }, ...untilApplying, { kind: "reset-found", facts: unknown });
    expect(after).toMatchObject({ facts: { cause, code, serverMessage } });
  });

  it("waits where the plan was cancelled, also after a start, until somebody says 'try again'", () => {
    const held = { facts: { ...facts, moved: true }, copy };
    const cancelled = run({ kind: "reviewing", ...held }, { kind: "plan-cancelled" });
    expect(cancelled).toEqual({ kind: "stopped", why: "cancelled", message: "", ...held });
    expect(run(cancelled, { kind: "process-started" })).toBe(cancelled);
    expect(run(cancelled, { kind: "try-again" }).kind).toBe("restarting");
    const applying = { kind: "applying", ...held } as const;
    expect(run(applying, { kind: "plan-cancelled" })).toBe(applying);
  });

  it("stops at the last reset of the day, before and during recovery, and starts over when asked to", () => {
    const last = { ...facts, resetsToday: maxResetsADay };
    const during = run({ kind: "idle" }, ...untilApplying, { kind: "reset-found", facts: last });
    const before = run({ kind: "idle" }, { kind: "reset-found", facts: last }, { kind: "copy-made", copy });
    const atStart = run({ kind: "securing", facts: last, copy: null }, { kind: "copy-made", copy });
    for (const state of [during, before, atStart]) {
      expect(state).toMatchObject({ kind: "stopped", why: "too-many-resets" });
      expect(run(state, { kind: "process-started" })).toBe(state);
      const tried = run(state, { kind: "try-again" }, { kind: "process-started" });
      expect(run(tried, { kind: "copy-made", copy }).kind).toBe("resetting");
    }
  });

  it("forgets the day's resets where somebody insists, not where a copy is tried once more", () => {
    const again = { kind: "try-again" } as const;
    const failed = { kind: "copy-failed", facts, message: "full", bytesNeeded: 1 } as const;
    const stopped = { kind: "stopped", why: "too-many-resets", message: "", facts, copy } as const;
    expect([beginsDayAnew(stopped, again), beginsDayAnew(failed, again)]).toEqual([true, false]);
    expect(beginsDayAnew(stopped, { kind: "process-started" })).toBe(false);
  });

  it("halves its batches when an upload is too large, which counts as no reset until it cannot", () => {
    const tooLarge = { ...facts, cause: "upload-too-large", resetsToday: maxResetsADay } as const;
    let state = run({ kind: "idle" }, ...untilApplying);
    for (let halving = 1; halving <= maxHalvings; halving += 1) {
      expect(countsAsReset(state, tooLarge)).toBe(false);
      state = run(state, { kind: "reset-found", facts: tooLarge });
      expect(state).toMatchObject({ kind: "restarting", facts: { halvings: halving } });
      state = run({ ...state, kind: "uploading" } as ResetState);
    }
    expect(countsAsReset(state, tooLarge)).toBe(true);
    expect(run(state, { kind: "reset-found", facts: tooLarge }).kind).toBe("stopped");
  });

  it("counts a reset once, however often it is told, and not what a person asked for", () => {
    expect(countsAsReset({ kind: "idle" }, facts)).toBe(true);
    expect(countsAsReset({ kind: "idle" }, { ...facts, cause: "asked-for" })).toBe(false);
    expect(countsAsReset({ kind: "prompting", facts, copy }, facts)).toBe(false);
    expect(countsAsReset({ kind: "downloading", facts, copy }, facts)).toBe(true);
  });

  it("does not ask again whoever has asked for a fresh copy", () => {
    const asked = { ...facts, cause: "asked-for", order: "own" } as const;
    const state = run({ kind: "idle" }, { kind: "reset-found", facts: asked }, { kind: "copy-made", copy });
    expect(state.kind).toBe("restarting");
  });

  it("does here what a restart would do, once every realm is proved closed", () => {
    const restarting: ResetState = { kind: "restarting", facts, copy };
    expect(run(restarting, { kind: "realms-closed" })).toEqual(run(restarting, { kind: "process-started" }));
    const prompting: ResetState = { kind: "prompting", facts, copy };
    expect(run(prompting, { kind: "realms-closed" })).toBe(prompting);
  });

  it("moves no file away twice: a download that was cut off goes on with the file it had", () => {
    const downloading = run({ kind: "idle" }, ...untilApplying.slice(0, 6));
    expect(downloading.kind).toBe("downloading");
    expect(run(downloading, { kind: "process-started" }).kind).toBe("downloading");
  });

  it("asks first where the plan changes unusually much", () => {
    const planning = run({ kind: "idle" }, ...untilApplying.slice(0, -1));
    const reviewing = run(planning, { kind: "planned", needsReview: true });
    expect(reviewing.kind).toBe("reviewing");
    expect(run(reviewing, { kind: "plan-accepted" }).kind).toBe("applying");
  });

  const anyEvent: fc.Arbitrary<ResetEvent> = fc.oneof(
    fc.constantFrom<ResetEvent>(
      { kind: "reset-found", facts },
      { kind: "copy-made", copy },
      { kind: "copy-failed", message: "full", bytesNeeded: null },
      { kind: "postpone" },
      { kind: "restart" },
      { kind: "reset-found", facts: { ...facts, resetsToday: maxResetsADay } },
      { kind: "reset-found", facts: { ...facts, cause: "upload-too-large" } },
      { kind: "reset-found", facts: { ...facts, cause: "asked-for", order: "own" } },
      { kind: "process-started" },
      { kind: "realms-closed" },
      { kind: "file-moved" },
      { kind: "downloaded" },
      { kind: "planned", needsReview: false },
      { kind: "planned", needsReview: true },
      { kind: "plan-accepted" },
      { kind: "applied" },
      { kind: "checked" },
      { kind: "uploaded" },
      { kind: "reported" },
      { kind: "failed", message: "x" },
      { kind: "try-again" },
    ),
  );

  it("never touches a file, and never forgets the copy, without a verified copy in hand", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let state: ResetState = { kind: "idle" };
        let hadCopy = false;
        for (const event of events) {
          const before = state;
          state = next(state, event);
          if (state.kind === "idle" && before.kind !== "idle") expect(before.kind).toBe("reporting");
          hadCopy = state.kind === "idle" ? false : hadCopy || event.kind === "copy-made";
          if (isRecovering(state) && state.kind !== "securing")
            expect("copy" in state && state.copy !== null).toBe(true);
          if (state.kind === "resetting") expect(hadCopy).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is where it was after a crash and a new start, or at an earlier step that is safe to repeat", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        const state = run({ kind: "idle" }, ...events);
        const started = next(state, { kind: "process-started" });
        expect(next(started, { kind: "process-started" })).toEqual(started);
        expect(started.kind === "idle").toBe(state.kind === "idle");
      }),
    );
  });
});
