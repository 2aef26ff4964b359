import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BackupRef,
  isRecovering,
  maxResetsDuringRecovery,
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
  moved: false,
  resetsDuring: 0,
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
    expect(again).toMatchObject({ facts: { resetId: "r1", moved: true, resetsDuring: 1 } });
  });

  it("stops after too many resets during one recovery and starts over when asked to", () => {
    let state = run({ kind: "idle" }, ...untilApplying);
    for (let reset = 0; reset < maxResetsDuringRecovery; reset += 1) {
      state = run({ ...state, kind: "applying" } as ResetState, { kind: "reset-found", facts });
    }
    expect(state.kind).toBe("stopped");
    expect(run(state, { kind: "process-started" }).kind).toBe("stopped");
    expect(run(state, { kind: "try-again" })).toMatchObject({
      kind: "restarting",
      facts: { resetsDuring: 0 },
    });
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
      { kind: "process-started" },
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
