// What each state of a reset sets going: the copy, the restart or what takes its place, the recovery, and what is shown
// meanwhile. Each state is on the disk before its work begins; what follows from what is the machine's to say.

import { existsSync } from "node:fs";
import { type InState, isRecovering, type ResetState } from "../shared/reset-machine";
import type { Log } from "./log";
import type { OpenNotes } from "./open-notes";
import { isProvedClosed } from "./realm/open-files";
import { describeError } from "./realm/realm-errors";
import type { LocalSideReader } from "./recovery/local-side";
import type { RecoveryRun } from "./recovery/recovery-run";
import type { ResetDriver } from "./reset/reset-driver";
import type { SafetyCopies } from "./reset/safety-copies";
import type { Session } from "./session";
import type { Settings } from "./settings";
import type { ShownNotes } from "./shown-notes";
import type { StartOrder } from "./start-order";

export type ResetWork = {
  readonly onEntered: (entered: ResetState) => void;
  /** The notes have been opened in the midst of a reset. */
  readonly onOpened: (session: Session) => void;
  /** Realm must not act: shows what there is to be read. */
  readonly onHeldBack: () => Promise<void>;
  readonly showBackup: () => Promise<void>;
  readonly close: () => void;
};

type Dependencies = {
  readonly driver: ResetDriver;
  readonly copies: SafetyCopies;
  readonly run: RecoveryRun;
  readonly notes: OpenNotes;
  readonly start: Pick<StartOrder, "start" | "isAppOpen">;
  readonly shown: ShownNotes;
  readonly localSide: Pick<LocalSideReader, "forget">;
  readonly resetWay: Settings["resetWay"];
  readonly relaunch: () => void;
  readonly onResetState: (state: ResetState) => void;
  readonly onChange: () => void;
  readonly log: Log;
};

export function createResetWork(dependencies: Dependencies): ResetWork {
  const { driver, copies, run, notes, start, shown, relaunch, onChange, log } = dependencies;
  let closed = false;

  /** The recovering states are run by `recover`. */
  function onEntered(entered: ResetState): void {
    run.stepEntered();
    // Before anybody plans with what was written.
    if (entered.kind !== "downloading") shown.endWriting();
    dependencies.onResetState(entered);
    onChange();
    const session = notes.session();
    if (entered.kind === "protecting") void protect(entered, session);
    if (entered.kind === "restarting") {
      void restart(entered).catch((error) => {
        log("error", "the reset is left to a restart", { reason: describeError(error) });
        relaunch();
      });
    }
    // Whoever waits for the fresh copy reads and writes meanwhile.
    const isWaiting = entered.kind === "downloading" || (entered.kind === "stopped" && !run.isRunning());
    if (isWaiting) void showBackup();
    if (entered.kind === "applying" && session !== null) void runRecovery(session);
  }

  async function protect({ facts }: InState<"protecting">, session: Session | null): Promise<void> {
    if (session !== null) return driver.dispatch(await copies.ofOpenRealm(session.realm, facts));
    // Once the file left behind is away, another one is in its place or none, and a copy has to do.
    const { originalPath, moved } = facts;
    if (start.isAppOpen() && !moved && existsSync(originalPath)) {
      shown.showFile({ kind: "file", path: originalPath });
      return driver.dispatch(await copies.ofFile(facts));
    }
    driver.dispatch({ kind: "process-started" });
    await start.start();
  }

  /** The old file gets out of the way: here, where that is wanted and can be proved safe, or by a restart. */
  async function restart(entered: InState<"restarting">): Promise<void> {
    if (dependencies.resetWay() === "restart" || !start.isAppOpen() || run.isRunning()) return relaunch();
    await shown.showRecovering(entered);
    notes.closeSession();
    if (!(await isProvedClosed(entered.facts.originalPath))) {
      log("warn", "the reset is left to a restart", { reason: "the file may still be open" });
      return relaunch();
    }
    driver.dispatch({ kind: "realms-closed" });
    await start.start();
  }

  async function runRecovery(session: Session): Promise<void> {
    if (run.isRunning()) return;
    await run.start(session);
    if (closed) return;
    if (driver.state().kind === "stopped") await showBackup();
    const open = notes.session();
    if (driver.state().kind === "idle" && open !== null) {
      shown.showRealm();
      dependencies.localSide.forget();
      notes.becomeWritable(open);
    }
    onChange();
  }

  async function showBackup(): Promise<void> {
    const reset = driver.state();
    if ("copy" in reset) await shown.showRecovering(reset);
    onChange();
  }

  function showSource(): void {
    const reset = driver.state();
    if ("facts" in reset) shown.showFile(copies.sourceOf(reset.facts, null));
    onChange();
  }

  return {
    onEntered,
    onOpened(session) {
      if (isRecovering(driver.state())) void runRecovery(session);
      else void showBackup();
    },
    async onHeldBack() {
      if (driver.state().kind === "stopped") await showBackup();
      else showSource();
    },
    showBackup,
    close() {
      closed = true;
    },
  };
}
