// The words of the reset flow, stage by stage: what is safe, what happens, what is needed. Pure view models; no
// word of the sync engine appears in them.

import type { RecoveryProgress, ResetDetails, ResetView } from "../../shared/ipc-contract";
import { clockTime, countWords, dateAndTime, plural, sizeWords } from "../design/words";

type View<K extends ResetView["kind"]> = Extract<ResetView, { kind: K }>;

/** The second paragraph of the prompt. `emphasis` is set in bold; a number is only told when it was counted. */
export function safeWords(pending: number | null): { before: string; emphasis: string; after: string } {
  if (pending === 0) {
    return { before: "Everything on this computer is already synced.", emphasis: "", after: "" };
  }
  return {
    before: "Everything on this computer is saved, including ",
    emphasis: pending === null ? "changes" : plural(pending, "change"),
    after: ` that ${pending === 1 ? "has" : "have"} not been synced yet.`,
  };
}

export function copyFailedWords(view: View<"copy-failed">): string {
  if (view.bytesNeeded === null) {
    return `Syncing is paused, and nothing is touched. ${view.message} Try again, or export the notes as they are now.`;
  }
  return `Syncing is paused. Your notes are still here. Free ${sizeWords(view.bytesNeeded)} on this disk, then try again.`;
}

/** `readOnly`: the notes are those of a file that this version cannot open, and can only be looked at. */
export function postponedWords(readOnly: boolean): string {
  const meanwhile = readOnly
    ? "You can read your notes."
    : "You can keep writing; changes stay on this computer.";
  return `Syncing is paused. ${meanwhile} Recovery starts the next time Perennial opens.`;
}

/** What has begun it, for somebody who asks what is happening. */
export function whyFreshCopy(cause: ResetDetails["cause"]): string {
  switch (cause) {
    case "asked-for":
      return "Syncing had stopped, and you asked for a fresh copy of your notes.";
    case "cannot-open":
      return "Your notes on this computer are kept in a form that this version of Perennial cannot open, so it starts from a fresh copy.";
    case "upload-too-large":
      return "A change was too large for the server in one piece, so this computer starts from a fresh copy and puts the change back in smaller ones.";
    default:
      return "The server and this computer no longer agree on the history of your notes, so the server asks this computer to start from a fresh copy.";
  }
}

/** The facts behind the fold, as pairs for a list and for the clipboard. */
export function detailRows(details: ResetDetails): readonly (readonly [term: string, text: string])[] {
  // Realm appends where a log can be read, and here there is none.
  const said = details.serverMessage.replace(/\s*Logs:\s*$/, "");
  return [
    ["Why", details.causeText],
    ["Safety copy", `${details.backupPlace}, made ${dateAndTime(details.copyAtMs)}`],
    ["Reference", details.referenceCode],
    ...(said === "" ? [] : [["The server said", said] as const]),
  ];
}

type Step = RecoveryProgress["steps"][number];

export function stepWords(step: Step): string {
  switch (step.name) {
    case "copy":
      return step.state === "done" ? "Safety copy checked" : "Checking the safety copy";
    case "download":
      return `Getting a fresh copy${progressCount(step)}`;
    case "apply":
      return `Putting your changes back${progressCount(step)}`;
    case "check":
      return "Checking the tree";
    case "sync":
      return `Syncing${progressCount(step)}`;
  }
}

function progressCount({ done, total }: Step): string {
  if (done === null) return "";
  return total === null ? ` (${countWords(done)})` : ` (${countWords(done)} of ${countWords(total)})`;
}

export function stepStateWords(state: Step["state"]): string {
  return { waiting: "Waiting", running: "Running", done: "Done" }[state];
}

/** How much of the whole is done, 0 to 1: every step counts the same, a counted step by its count. */
export function progressShare(progress: RecoveryProgress): number {
  if (progress.steps.length === 0) return 0;
  const shares = progress.steps.map((step) => {
    if (step.state === "done") return 1;
    if (step.state === "waiting" || step.done === null || step.total === null || step.total === 0) return 0;
    return Math.min(1, step.done / step.total);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** The one line that is spoken: without counts, so that it changes only with the step. */
export function spokenProgress(progress: RecoveryProgress, readOnly = true): string {
  const steps = progress.steps.map((step) => ({ ...step, done: null, total: null }));
  return meanwhileWords({ ...progress, steps }, readOnly);
}

/** What goes on, and what a person can do meanwhile. */
export function meanwhileWords(progress: RecoveryProgress, readOnly: boolean): string {
  return [progressNotice(progress) ?? runningWords(progress), ...(readOnly ? [] : [keepWriting])].join(" ");
}

const keepWriting = "You can keep writing.";

/** The plan is made, so that what is written now is not saved before the recovery is over. */
export function waitsForRecovery(reset: ResetView): boolean {
  if (reset.kind !== "recovering") return false;
  const running = reset.progress.steps.find(({ state }) => state === "running");
  return running !== undefined && running.name !== "copy" && running.name !== "download";
}

function runningWords({ steps }: RecoveryProgress): string {
  const running = steps.find(({ state }) => state === "running");
  return running === undefined ? "Recovering your notes." : `${stepWords(running)}.`;
}

/** What there is to say besides the step. */
export function progressNotice(progress: RecoveryProgress): string | null {
  if (progress.offline) return "Waiting for the internet.";
  if (progress.slow) return "This is taking longer than usual. Your safety copy is safe.";
  return null;
}

/** As long as nothing went wrong it does not sound as if something had. */
export function stoppedTitle({ why }: View<"stopped">): string {
  return why === "failed" ? "Recovery could not finish." : "Recovery is waiting for you.";
}

export function stoppedWords(details: ResetDetails): string {
  return `Your notes are safe in the copy from ${clockTime(details.copyAtMs)}. Nothing was deleted.`;
}

/** What a finished recovery says when it does not open its report. */
export function finishedWords(changesRestored: number, needsHelp = 0): string {
  if (changesRestored === 0 && needsHelp === 0) return "Your notes are back. Everything was already synced.";
  const restored = `Your notes are back. ${plural(changesRestored, "change")} restored.`;
  return needsHelp === 0
    ? restored
    : `${restored} ${plural(needsHelp, "note needs", "notes need")} your help.`;
}

/** What the audit has to say; of notes that it left away there is nothing put back. */
export function mendedWords(notes: number): string {
  if (notes === 0) return "A note vanished again after it had been put back.";
  return `${plural(notes, "note")} had vanished from the server and ${notes === 1 ? "was" : "were"} put back.`;
}

/**
 * The report opens unasked when it needs a person, and once, so that people know where it is; but never in front of
 * somebody who has been writing meanwhile.
 */
export function opensReport(finished: View<"finished">, introduced: boolean, isWriting: boolean): boolean {
  if (isWriting) return false;
  return finished.needsHelp > 0 || (finished.changesRestored > 0 && !introduced);
}
