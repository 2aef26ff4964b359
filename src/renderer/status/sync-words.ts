// What the status bar says of sync: one icon, one phrase, at most one link. Pure.

import type { ResetView, SyncStatus } from "../../shared/ipc-contract";
import type { IconName } from "../design/Icon";
import { countWords, dateAndTime, plural, relativeTime } from "../design/words";

export type SyncWords = {
  readonly icon: IconName;
  readonly text: string;
  readonly tooltip: string | null;
  /** A command that the state calls for, and its words. */
  readonly link: { readonly command: string; readonly label: string } | null;
};

export function syncWords(sync: SyncStatus, reset: ResetView, nowMs: number): SyncWords {
  const plain = (icon: IconName, text: string, link: SyncWords["link"] = null): SyncWords => ({
    icon,
    text,
    tooltip: null,
    link,
  });
  if (reset.kind === "protecting") return plain("shield", "Protecting your notes…");
  // The banner above the notes has the way on.
  if (reset.kind === "postponed") return plain("pause", "Syncing paused");
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
    case "offline": {
      const kept = sync.pending > 0 ? ` (${countWords(sync.pending)})` : "";
      return plain(
        "offline",
        `${sync.byChoice ? "Working offline" : "Offline"} · saved on this computer${kept}`,
      );
    }
    case "paused":
      return plain("pause", "Syncing paused", { command: "sync.work-offline", label: "Resume" });
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

function stoppedSince(atMs: number): string {
  return `Not syncing since ${dateAndTime(atMs)}`;
}

const syncingShownAfterMs = 1_000;

/** What is held between two looks at the status: what was shown last, and since when it has been syncing. */
export type ShownSync = { readonly shown: SyncStatus; readonly syncingSinceMs: number | null };

/** 'Syncing…' appears only when it has lasted a second: until then what was there before stays. */
export function nextShownSync(previous: ShownSync | null, sync: SyncStatus, nowMs: number): ShownSync {
  if (sync.kind !== "syncing" || previous === null) return { shown: sync, syncingSinceMs: null };
  const syncingSinceMs = previous.syncingSinceMs ?? nowMs;
  const lastsLong = previous.shown.kind === "syncing" || nowMs - syncingSinceMs >= syncingShownAfterMs;
  return { shown: lastsLong ? sync : previous.shown, syncingSinceMs };
}

/** When to look again although nothing new arrived. */
export function nextLookMs({ shown, syncingSinceMs }: ShownSync, nowMs: number): number {
  if (syncingSinceMs !== null && shown.kind !== "syncing") {
    return Math.max(1, syncingSinceMs + syncingShownAfterMs - nowMs);
  }
  return 15_000;
}

/** Changes that only this computer has. */
export function pendingOf(sync: SyncStatus): number {
  return "pending" in sync ? sync.pending : 0;
}

/** What waits, and since when: `3 changes, the oldest from 21 Nov 2026, 14:02`. */
export function pendingWords(pending: number, oldestAtMs: number | null): string {
  if (pending === 0) return "Nothing waiting";
  const count = plural(pending, "change");
  return oldestAtMs === null ? count : `${count}, the oldest from ${dateAndTime(oldestAtMs)}`;
}
