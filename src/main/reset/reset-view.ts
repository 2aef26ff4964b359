// From the machine's state to what the window shows of it. Pure.

import type { RecoveryProgress, ResetDetails, ResetView } from "../../shared/ipc-contract";
import { causeText } from "../../shared/recovery/report";
import type { ResetFacts, ResetState } from "../../shared/reset-machine";

export type ViewContext = {
  readonly backupsFolder: string;
  /** Notes with changes that have not been synced; null while they are not counted. */
  readonly pending: number | null;
  /** The fresh copy has been fetched already. */
  readonly isCopyHere: boolean;
  readonly progress: RecoveryProgress;
  readonly preview: Extract<ResetView, { kind: "review" }>["preview"] | null;
  /** What the last recovery of this process came to; shown once there is nothing else to show. */
  readonly finished: Extract<ResetView, { kind: "finished" }> | null;
};

export function resetView(state: ResetState, context: ViewContext): ResetView {
  const { pending, progress, preview } = context;
  switch (state.kind) {
    case "idle":
      return context.finished ?? { kind: "none" };
    case "protecting":
    case "restarting":
      return { kind: state.kind };
    case "copy-failed":
      return { kind: "copy-failed", message: state.message, bytesNeeded: state.bytesNeeded };
  }
  const details = detailsOf(state.facts, state.copy, context.backupsFolder);
  switch (state.kind) {
    case "prompting":
      return { kind: "prompt", pending, isCopyHere: context.isCopyHere, details };
    case "postponed":
      return { kind: "postponed", pending, details };
    case "reviewing":
      return preview === null
        ? { kind: "recovering", progress, details }
        : { kind: "review", preview, details };
    case "stopped":
      return { kind: "stopped", why: state.why, message: stopMessage(state), details };
    case "securing":
    case "resetting":
    case "downloading":
    case "planning":
    case "applying":
    case "checking":
    case "uploading":
    case "reporting":
      return { kind: "recovering", progress, details };
  }
}

/** Never empty: whoever stands before it needs a reason, and a command or a test prints nothing else. */
function stopMessage({ why, message }: Extract<ResetState, { kind: "stopped" }>): string {
  if (message !== "") return message;
  switch (why) {
    case "too-many-resets":
      return "The server has asked this computer to start anew three times in a day, so something may be wrong there. You can read and export your notes meanwhile.";
    case "cancelled":
      return "You cancelled it. Nothing was changed.";
    case "failed":
      return "No reason was given. You can read and export your notes meanwhile, and try again.";
  }
}

function detailsOf(
  facts: ResetFacts,
  copy: { readonly atMs: number; readonly name: string } | null,
  backupsFolder: string,
): ResetDetails {
  return {
    cause: facts.cause,
    causeText: causeText(facts.cause),
    referenceCode: `${facts.code}-${facts.resetId.slice(0, 8)}`,
    serverMessage: facts.serverMessage,
    backupPlace: copy === null ? backupsFolder : `${backupsFolder}/${copy.name}`,
    copyAtMs: copy?.atMs ?? facts.foundAtMs,
  };
}

/** How far each step is, from the state alone; counts come from the step that runs. */
export function progressOf(
  state: ResetState,
  counts: { readonly done: number; readonly total: number } | null,
  offline: boolean,
  slow: boolean,
): RecoveryProgress {
  const running = runningStep(state);
  return {
    steps: (["copy", "download", "apply", "check", "sync"] as const).map((name, index) => ({
      name,
      state: index < running ? "done" : index === running ? "running" : "waiting",
      done: index === running ? (counts?.done ?? null) : null,
      total: index === running ? (counts?.total ?? null) : null,
    })),
    offline,
    slow,
  };
}

function runningStep(state: ResetState): number {
  switch (state.kind) {
    case "securing":
      return 0;
    case "resetting":
    case "downloading":
      return 1;
    case "planning":
    case "reviewing":
    case "applying":
      return 2;
    case "checking":
      return 3;
    case "uploading":
    case "reporting":
      return 4;
    default:
      return 0;
  }
}
