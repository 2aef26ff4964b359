// Carries a recovery from the fresh, empty realm to the report: one step of the state machine at a time (steps/), each of
// them repeatable, so that a crash anywhere goes on from the last recorded state. Decides nothing about notes:
// that is the strategy in force; writes only through the note store.

import type { ResetEvent, ResetState } from "../../shared/reset-machine";
import { describeError, explainFailure } from "../realm/realm-errors";
import { applyPlan } from "./steps/apply";
import { checkReach } from "./steps/check";
import { downloadFreshCopy } from "./steps/download";
import { makePlan } from "./steps/plan";
import { writeReport } from "./steps/report";
import type { RecoveryDependencies } from "./steps/step";
import { uploadWritten } from "./steps/upload";

/** Runs until the machine is idle or waits for somebody. Everything that can be expected ends in an event. */
export async function recover(dependencies: RecoveryDependencies): Promise<void> {
  const { state, dispatch, log } = dependencies;
  for (;;) {
    const before = state();
    let event: ResetEvent | null;
    try {
      event = await runState(before, dependencies);
    } catch (error) {
      log("error", "a recovery step failed", { state: before.kind, error: describeError(error) });
      event = { kind: "failed", message: explainFailure(error) };
    }
    // A second reset may have changed the state while the step ran; its result then means nothing any more.
    if (state() !== before) continue;
    if (event === null) return;
    dispatch(event);
  }
}

async function runState(state: ResetState, dependencies: RecoveryDependencies): Promise<ResetEvent | null> {
  switch (state.kind) {
    case "downloading":
      return downloadFreshCopy(state, dependencies);
    case "planning":
      return makePlan(state, dependencies);
    case "applying":
      return applyPlan(state, dependencies);
    case "checking":
      return checkReach(state, dependencies);
    case "uploading":
      return uploadWritten(state, dependencies);
    case "reporting":
      return writeReport(state, dependencies);
    default:
      return null;
  }
}
