// What the status bar says of sync: one icon, one phrase, at most one link. Pure.

import type { AppState, ResetView, SyncStatus } from "../../shared/ipc-contract";
import type { IconName } from "../design/Icon";
import { countWords, dateAndTime, plural, relativeTime } from "../design/words";

export type SyncWords = {
  readonly icon: IconName;
  readonly text: string;
  readonly tooltip: string | null;
  /** A command that the state calls for, and its words. */
  readonly link: { readonly command: string; readonly label: string } | null;
};

export function syncWords(
  sync: SyncStatus,
  reset: ResetView,
  nowMs: number,
  copyOverdue: AppState["copyOverdue"] = null,
): SyncWords {
  const plain = (icon: IconName, text: string, link: SyncWords["link"] = null): SyncWords => ({
    icon,
    text,
    tooltip: null,
    link,
  });
  if (reset.kind === "protecting") return plain("shield", "Protecting your notes…");
  // The banner above the notes has the way on.
  if (reset.kind === "postponed") return plain("pause", "Syncing paused");
  const mayRun = sync.kind !== "problem" && sync.kind !== "signed-out" && sync.kind !== "ended";
  if (mayRun && isWaitingForSomebody(reset)) return plain("pause", "Syncing paused");
  if (mayRun && sync.kind !== "offline" && reset.kind === "recovering") {
    return plain("shield", "Recovering your notes…");
  }
  if (copyOverdue !== null && mayRun) {
    return {
      icon: "warning",
      text:
        copyOverdue.newestAtMs === null
          ? "There is no safety copy"
          : `Newest safety copy: ${relativeTime(copyOverdue.newestAtMs, nowMs)}`,
      tooltip: copyOverdue.message,
      link: { command: "help.safety-copies", label: "Safety copies" },
    };
  }
  switch (sync.kind) {
    case "starting":
      return plain("sync", "Starting…");
    case "signed-out":
      return plain("key", "Sign in to sync");
    case "synced":
      return {
        ...plain("check", `Synced ${relativeTime(sync.atMs, nowMs)}`),
        tooltip: `Synced ${dateAndTime(sync.atMs)}`,
      };
    case "syncing":
      return plain("sync", sync.pending > 0 ? `Syncing ${plural(sync.pending, "change")}` : "Syncing…");
    case "waiting":
      return plain("dot", `${plural(sync.pending, "change")} to sync`);
    case "connecting":
      return plain("sync", `Connecting… · ${savedWords(sync.pending)}`);
    case "offline":
      return plain(
        "offline",
        `${sync.byChoice ? "Working offline" : "Offline"} · ${savedWords(sync.pending)}`,
      );
    case "paused":
      return plain("pause", "Syncing paused", { command: "sync.work-offline", label: "Resume" });
    case "ended":
      return {
        ...plain("key", "Signed out by the server", { command: "account.sign-in", label: "Sign in…" }),
        tooltip: sync.message,
      };
    case "problem":
      return {
        ...plain(
          "warning",
          sync.stoppedAtMs === null ? "Syncing has a problem" : stoppedSince(sync.stoppedAtMs),
        ),
        tooltip: sync.message,
      };
  }
}

/** Nothing goes on before a person has answered. */
function isWaitingForSomebody({ kind }: ResetView): boolean {
  return kind === "prompt" || kind === "copy-failed" || kind === "review" || kind === "stopped";
}

function savedWords(pending: number): string {
  return `saved on this computer${pending > 0 ? ` (${countWords(pending)})` : ""}`;
}

function stoppedSince(atMs: number): string {
  return `Not syncing since ${dateAndTime(atMs)}`;
}

const passingShownAfterMs = 1_000;

/** What is held between two looks at the status: what was shown last, and since when there has been what passes. */
export type ShownSync = {
  readonly shown: SyncStatus;
  readonly passing: { readonly kind: SyncStatus["kind"]; readonly sinceMs: number } | null;
};

/** 'Syncing…' and 'Connecting…' appear only when they have lasted a second: until then what was there before stays. */
export function nextShownSync(previous: ShownSync | null, sync: SyncStatus, nowMs: number): ShownSync {
  if (previous === null || !isPassing(sync)) return { shown: sync, passing: null };
  const { kind } = sync;
  const passing = previous.passing?.kind === kind ? previous.passing : { kind, sinceMs: nowMs };
  const lastsLong = previous.shown.kind === kind || nowMs - passing.sinceMs >= passingShownAfterMs;
  return { shown: lastsLong ? sync : previous.shown, passing };
}

function isPassing({ kind }: SyncStatus): boolean {
  return kind === "syncing" || kind === "connecting";
}

/** When to look again although nothing new arrived. */
export function nextLookMs({ shown, passing }: ShownSync, nowMs: number): number {
  if (passing !== null && shown.kind !== passing.kind) {
    return Math.max(1, passing.sinceMs + passingShownAfterMs - nowMs);
  }
  return 15_000;
}

/** Changes that only this computer has. */
export function pendingOf(sync: SyncStatus): number {
  return "pending" in sync ? sync.pending : 0;
}

/** What waits, and since when: `3 changes, the oldest from 21 Nov 2026, 14:02`. */
export function pendingWords(pending: number, oldestAtMs: number | null, reset: ResetView): string {
  // What had not been synced is counted again when the recovery has put it back.
  if (isBeforePutBack(reset)) return "Your changes, out of your safety copy";
  if (pending === 0) return "Nothing waiting";
  const count = plural(pending, "change");
  return oldestAtMs === null ? count : `${count}, the oldest from ${dateAndTime(oldestAtMs)}`;
}

function isBeforePutBack({ kind }: ResetView): boolean {
  return kind === "recovering" || kind === "review" || kind === "stopped";
}
