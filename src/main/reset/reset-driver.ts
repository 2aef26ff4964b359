// Owns the state of the reset machine and its record: every event goes through `dispatch`, which has the next state
// on the disk before anybody acts upon it. Sets nothing off by itself: `onEntered` is told.

import {
  beginsDayAnew,
  countsAsReset,
  next,
  type ResetEvent,
  type ResetFacts,
  type ResetState,
} from "../../shared/reset-machine";
import type { Log } from "../log";
import type { DataPaths } from "../paths";
import type { FileGenerations } from "../realm/file-generation";
import { describeError, explainFailure, isDiskFull } from "../realm/realm-errors";
import type { ReportStore } from "../recovery/report-store";
import { readStoredPlan } from "../recovery/stored-plan";
import { resumeFromCopies } from "./find-reset";
import { openResetCount } from "./reset-count";
import { readResetRecord, writeResetRecord } from "./reset-record";

export type ResetDriver = {
  readonly state: () => ResetState;
  /** An event that means nothing in the present state changes nothing and tells nobody. */
  readonly dispatch: (event: ResetEvent) => void;
  /**
   * A reset that was found at the start of the process. The record is written, and nobody told: the start goes on from
   * there. Throws what the file system throws.
   */
  readonly adoptAtStart: (facts: ResetFacts) => void;
};

type Dependencies = {
  readonly paths: DataPaths;
  readonly generations: FileGenerations;
  readonly reports: ReportStore;
  readonly now: () => number;
  readonly log: Log;
  readonly onEntered: (state: ResetState) => void;
};

export function createResetDriver(dependencies: Dependencies): ResetDriver {
  const { paths, log, onEntered } = dependencies;
  const count = openResetCount(paths.resetCount, dependencies.now);
  let state = loadState(dependencies);

  function counted(facts: ResetFacts): Extract<ResetEvent, { kind: "reset-found" }> {
    const more = countsAsReset(state, facts) ? 1 : 0;
    return { kind: "reset-found", facts: { ...facts, resetsToday: count.today(facts.userId) + more } };
  }

  /** Without its count a reset is one like the first; that must not keep it from being recovered from. */
  function keepCount(before: ResetState, event: ResetEvent): void {
    try {
      if (event.kind === "reset-found" && countsAsReset(before, event.facts)) count.add(event.facts.userId);
      if (beginsDayAnew(before, event) && "facts" in before) count.clear(before.facts.userId);
    } catch (error) {
      log("error", "the count of resets cannot be written", { error: describeError(error) });
    }
  }

  function dispatch(told: ResetEvent): void {
    const event = told.kind === "reset-found" ? counted(told.facts) : told;
    const after = next(state, event);
    if (after === state) return;
    try {
      writeResetRecord(paths.resetRecord, after);
      keepCount(state, event);
    } catch (error) {
      const message = isDiskFull(error)
        ? explainFailure(error)
        : `The state of the reset could not be written: ${describeError(error)}`;
      log("error", "the reset record cannot be written", { state: after.kind, error: describeError(error) });
      const instead = withoutRecord(event, message);
      if (instead !== null) {
        dispatch(instead);
        return;
      }
    }
    state = after;
    log("info", "reset state", { state: after.kind, event: event.kind });
    onEntered(after);
  }

  return {
    state: () => state,
    dispatch,
    adoptAtStart(facts) {
      const event = counted(facts);
      const before = state;
      state = next(next(before, event), { kind: "process-started" });
      writeResetRecord(paths.resetRecord, state);
      keepCount(before, event);
    },
  };
}

/** The record of the last process, moved on by the fact that a new one has started. */
function loadState({ paths, generations, reports, log }: Dependencies): ResetState {
  const record = readResetRecord(paths.resetRecord);
  if (record.kind === "damaged") {
    log("error", "the reset record was damaged and set aside", {
      file: record.setAside,
      error: record.message,
    });
    const reported = new Set(reports.backupNames());
    const resumed = resumeFromCopies(paths.backups, (name) => reported.has(name), generations.of);
    if (resumed === null) return { kind: "idle" };
    writeResetRecord(paths.resetRecord, resumed);
    return resumed;
  }
  const { state } = record;
  const needsPlan = ["applying", "checking", "uploading", "reporting"].includes(state.kind);
  // The plan goes after the report is written, so with a report it is not missing.
  const lacksPlan = (resetId: string) =>
    readStoredPlan(paths.plan, resetId, paths.sealing) === null && !reports.has(resetId);
  if (needsPlan && "copy" in state && state.copy !== null && lacksPlan(state.facts.resetId)) {
    log("error", "the plan of the recovery is missing or damaged; it is made anew");
    return next({ kind: "planning", facts: state.facts, copy: state.copy }, { kind: "process-started" });
  }
  return next(state, { kind: "process-started" });
}

/** What to do instead where a state cannot be written down that must be on the disk before its work begins. */
function withoutRecord(event: ResetEvent, message: string): ResetEvent | null {
  switch (event.kind) {
    case "copy-made":
      return { kind: "copy-failed", message, bytesNeeded: null };
    case "file-moved":
    case "downloaded":
    case "planned":
    case "plan-accepted":
    case "applied":
    case "checked":
    case "uploaded":
      return { kind: "failed", message };
    default:
      // What the disk still says leads to the same place at the next start.
      return null;
  }
}
