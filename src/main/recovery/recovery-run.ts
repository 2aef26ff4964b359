// Runs the recovery over the open session, one run at a time, and keeps what is to be told of it: how far it is,
// whether it has stood still, what the last one of this process came to.

import type { RecoveryProgress, ResetView } from "../../shared/ipc-contract";
import type { RecoveryReport, StrategyName } from "../../shared/recovery/plan-types";
import { countNeedsHelp, countOutcomes } from "../../shared/recovery/report";
import type { DiscardHooks } from "../../shared/recovery/strategies/discard";
import { isRecovering } from "../../shared/reset-machine";
import type { Log } from "../log";
import { readJournals } from "../notes/journal";
import { recoveredIdOf } from "../notes/known-notes";
import type { DataPaths } from "../paths";
import type { ResetDriver } from "../reset/reset-driver";
import { progressOf } from "../reset/reset-view";
import type { Session } from "../session";
import type { LocalSideReader } from "./local-side";
import { noteHistories } from "./note-history";
import { recover } from "./recover";
import type { ReportStore } from "./report-store";
import { openPlanStore } from "./stored-plan";

type Finished = Extract<ResetView, { kind: "finished" }>;

export type RecoveryRun = {
  /** Does nothing while a run is under way. Resolves when the machine is idle or waits for somebody. */
  readonly start: (session: Session) => Promise<void>;
  readonly isRunning: () => boolean;
  /** The machine has another state: what was counted in the last one means nothing any more. */
  readonly stepEntered: () => void;
  readonly progress: (offline: boolean) => RecoveryProgress;
  readonly finished: () => Finished | null;
  readonly forget: () => void;
  readonly close: () => void;
};

type Dependencies = {
  readonly paths: DataPaths;
  readonly localSide: LocalSideReader;
  readonly driver: ResetDriver;
  readonly reports: ReportStore;
  readonly strategy: () => StrategyName;
  readonly reviewFirst: () => boolean;
  readonly discardHooks: DiscardHooks;
  readonly now: () => number;
  readonly log: Log;
  readonly onChange: () => void;
};

/** After so long without progress the person is told that it takes long. */
const slowAfterMs = 10_000;

export function createRecoveryRun(dependencies: Dependencies): RecoveryRun {
  const { paths, driver, reports, now, log, onChange } = dependencies;
  const plans = openPlanStore(paths.plan, paths.sealing);
  let running = false;
  let counts: { done: number; total: number } | null = null;
  let slow = false;
  let slowTimer: NodeJS.Timeout | null = null;
  let finished: Finished | null = null;

  function watch(): void {
    slow = false;
    if (slowTimer !== null) clearTimeout(slowTimer);
    slowTimer = isRecovering(driver.state())
      ? setTimeout(() => {
          slow = true;
          onChange();
        }, slowAfterMs).unref()
      : null;
  }

  return {
    async start({ realm, store, seen, userId, generation }) {
      if (running) return;
      running = true;
      await recover({
        realm,
        store,
        seen,
        localSide: dependencies.localSide,
        reports,
        plans,
        folders: { backups: paths.backups, planFile: paths.plan, sealing: paths.sealing },
        recoveredId: recoveredIdOf(userId),
        writtenHere() {
          const { journals } = readJournals(paths.journals, userId, paths.sealing);
          const own = journals.filter(({ header }) => header.generation === generation);
          return noteHistories(own, generation, 0);
        },
        strategy: dependencies.strategy,
        reviewFirst: dependencies.reviewFirst,
        discardHooks: dependencies.discardHooks,
        state: driver.state,
        onReport(report) {
          finished = finishedView(report);
        },
        dispatch(event) {
          const state = driver.state();
          if (event.kind === "reported" && state.kind === "reporting") {
            const { resetId } = state.facts;
            // Written by a process that ended before it could say so.
            if (finished?.resetId !== resetId) finished = finishedView(reports.read(resetId));
          }
          driver.dispatch(event);
        },
        onProgress(progress) {
          counts = progress;
          watch();
          onChange();
        },
        now,
        log,
      });
      running = false;
    },
    isRunning: () => running,
    stepEntered() {
      counts = null;
      watch();
    },
    progress: (offline) => progressOf(driver.state(), counts, offline, slow),
    finished: () => finished,
    forget() {
      finished = null;
    },
    close() {
      if (slowTimer !== null) clearTimeout(slowTimer);
    },
  };
}

function finishedView(report: RecoveryReport | null): Finished | null {
  if (report === null) return null;
  return {
    kind: "finished",
    resetId: report.resetId,
    counts: countOutcomes(report.items),
    needsHelp: countNeedsHelp(report),
    changesRestored: report.changesRestored,
  };
}
