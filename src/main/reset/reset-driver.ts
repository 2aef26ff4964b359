// Owns the state of the reset machine and its record: every event goes through `dispatch`, which has the next state
// on the disk before anybody acts upon it. Sets nothing off by itself: `onEntered` is told.

import { next, type ResetEvent, type ResetState } from "../../shared/reset-machine";
import type { Log } from "../log";
import type { DataPaths } from "../paths";
import type { FileGenerations } from "../realm/file-generation";
import { describeError } from "../realm/realm-errors";
import type { ReportStore } from "../recovery/report-store";
import { readStoredPlan } from "../recovery/stored-plan";
import { resumeFromCopies } from "./find-reset";
import { readResetRecord, writeResetRecord } from "./reset-record";

export type ResetDriver = {
  readonly state: () => ResetState;
  /** An event that means nothing in the present state changes nothing and tells nobody. */
  readonly dispatch: (event: ResetEvent) => void;
  /** A state that was found on the disk, not come to by an event. Throws what the file system throws. */
  readonly adopt: (found: ResetState) => void;
};

type Dependencies = {
  readonly paths: DataPaths;
  readonly generations: FileGenerations;
  readonly reports: ReportStore;
  readonly log: Log;
  readonly onEntered: (state: ResetState) => void;
};

export function createResetDriver(dependencies: Dependencies): ResetDriver {
  const { paths, log, onEntered } = dependencies;
  let state = loadState(dependencies);

  function dispatch(event: ResetEvent): void {
    const after = next(state, event);
    if (after === state) return;
    try {
      writeResetRecord(paths.resetRecord, after);
    } catch (error) {
      const message = `The state of the reset could not be written: ${describeError(error)}`;
      log("error", "the reset record cannot be written", { state: after.kind, error: message });
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
    adopt(found) {
      state = found;
      writeResetRecord(paths.resetRecord, found);
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
    readStoredPlan(paths.plan, resetId) === null && !reports.has(resetId);
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
