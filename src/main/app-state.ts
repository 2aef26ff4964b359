// What the window is told of the whole app, from what its parts say. Changes nothing.

import type { Account, AppState, PlanPreview, SyncStatus } from "../shared/ipc-contract";
import { isRecovering, type ResetState } from "../shared/reset-machine";
import type { EndedLogIn } from "./ended-log-in";
import type { DataPaths } from "./paths";
import { needsReview } from "./recovery/mass-change";
import type { RecoveryRun } from "./recovery/recovery-run";
import { readStoredPlan } from "./recovery/stored-plan";
import type { ResetDriver } from "./reset/reset-driver";
import { resetView } from "./reset/reset-view";
import type { OtherServer } from "./server-address";
import type { Session } from "./session";
import type { ViewedCopy } from "./shown-notes";
import type { StartOrder } from "./start-order";

export type AppExtra = Pick<AppState, "canUndo" | "canRedo" | "importing">;

export type AppParts = {
  readonly options: {
    readonly serverUrl: string;
    readonly embeddedServer: boolean;
    readonly otherServer?: OtherServer | null;
    readonly version: string;
    readonly runtime: string;
  };
  readonly paths: DataPaths;
  readonly driver: ResetDriver;
  readonly start: StartOrder;
  /** The open notes. */
  readonly session: Session | null;
  readonly endedLogIn: EndedLogIn;
  readonly run: RecoveryRun;
  readonly viewed: ViewedCopy | null;
  readonly copyOverdue: AppState["copyOverdue"];
  readonly readOnly: boolean;
  /** What is shown are still the notes that a recovery went out from. */
  readonly isCopyShown: boolean;
  /** The fresh copy has been fetched while the prompt stands. */
  readonly isCopyHere: boolean;
  readonly extra: AppExtra;
};

export function describeApp({
  options,
  paths,
  driver,
  start,
  session,
  endedLogIn,
  run,
  viewed,
  copyOverdue,
  readOnly,
  isCopyShown,
  isCopyHere,
  extra,
}: AppParts): AppState {
  const { version, runtime } = options;
  const account = describeAccount(options, start);
  const problem = start.problem();
  const offline = session?.realm.connection() === "disconnected";
  return {
    version,
    runtime,
    account,
    otherServer: options.otherServer?.message ?? null,
    sync:
      // A reset has its own way of asking for a sign-in.
      (driver.state().kind === "idle" ? endedLogIn.status() : null) ??
      syncNow(session, driver.state(), isCopyShown) ??
      (problem !== null
        ? { kind: "problem", message: problem, stoppedAtMs: null, pending: 0 }
        : start.isAppOpen() && account.kind === "signed-out"
          ? { kind: "signed-out" }
          : { kind: "starting" }),
    reset: resetView(driver.state(), {
      backupsFolder: paths.backups,
      pending: session?.pending() ?? null,
      isCopyHere,
      progress: run.progress(offline),
      preview: previewOf(driver.state(), paths),
      // Told with the notes, not before them.
      finished: isCopyShown ? null : run.finished(),
    }),
    oldestPendingAtMs: session?.oldestPendingAtMs() ?? null,
    audit: { asks: session?.audit.asks() ?? null, mended: session?.audit.mended() ?? null },
    copyOverdue,
    viewedCopy: viewed === null ? null : { name: viewed.name, createdAtMs: viewed.createdAtMs },
    readOnly,
    ...extra,
  };
}

/** The fresh file may be as the server's while what was written here is not in it yet. */
function syncNow(session: Session | null, { kind }: ResetState, isCopyShown: boolean): SyncStatus | null {
  const status = session?.status() ?? null;
  const isYetToCome = isCopyShown && kind !== "stopped";
  return status?.kind === "synced" && isYetToCome ? { kind: "syncing", pending: 0 } : status;
}

function describeAccount(
  { serverUrl, embeddedServer, otherServer }: AppParts["options"],
  start: StartOrder,
): Account {
  const { url: server, embedded } = otherServer?.used ?? { url: serverUrl, embedded: embeddedServer };
  const signedIn = start.signedIn();
  if (signedIn === null) return { kind: "signed-out", server, embedded };
  return { kind: "signed-in", server, embedded, email: signedIn.email };
}

function previewOf(state: ResetState, { plan, sealing }: DataPaths): PlanPreview | null {
  if (state.kind !== "reviewing") return null;
  const stored = readStoredPlan(plan, state.facts.resetId, sealing);
  if (stored === null) return null;
  const { local, remote, created, changed, trashed } = stored.plan.counts;
  return {
    reason: needsReview(stored.plan.counts) ?? "You wanted to see it first.",
    notesOnServer: remote,
    notesHere: local,
    toCreate: created,
    toChange: changed,
    toTrash: trashed,
  };
}

/** Whether the open notes may be changed in this state. */
export function mayWriteNotes(state: ResetState, isFirstSyncDone: boolean): boolean {
  if (isRecovering(state)) return false;
  if (state.kind === "protecting" || state.kind === "restarting" || state.kind === "stopped") return false;
  return isFirstSyncDone;
}

/** The fresh copy is being got or worked on: until the end the notes of the safety copy are shown. */
export function isShownFromCopy({ kind }: ResetState): boolean {
  return kind === "downloading" || kind === "reviewing" || kind === "stopped" || isBeingWritten(kind);
}

/** Whoever wants to write need not do without: it is a matter of moments. Without a network the end is not in sight. */
export function endsSoon({ kind }: ResetState, isOffline: boolean): boolean {
  // After the report there is a last look at the notes before they are the realm's again.
  if (kind === "idle" || kind === "reporting") return true;
  return isBeingWritten(kind) && !(kind === "uploading" && isOffline);
}

function isBeingWritten(kind: ResetState["kind"]): boolean {
  return ["planning", "applying", "checking", "uploading", "reporting"].includes(kind);
}
