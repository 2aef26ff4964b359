// One user's open realm with everything that belongs to it: journal, tracker, what was seen, the store. Opens and
// closes them together; knows nothing of resets but the hook that is told of one.

import { statSync } from "node:fs";
import { join } from "node:path";
import type { NotesChange, SyncStatus } from "../shared/ipc-contract";
import type { NoteId } from "../shared/note";
import { type Audit, createAudit } from "./audit/audit";
import { readRecentCopies } from "./backups/recent-copies";
import type { Log } from "./log";
import { ackedFile, type DecodeOnce, type Journal, openJournal, readJournals } from "./notes/journal";
import { compactJournals, isWorthCompacting } from "./notes/journal-retention";
import { recoveredIdOf, rootIdOf } from "./notes/known-notes";
import { createNoteStore, type NoteStore } from "./notes/note-store";
import { openSeenStates, type SeenStates } from "./notes/seen";
import { appId, type DataPaths } from "./paths";
import type { FileGenerations } from "./realm/file-generation";
import { type LastSyncedRealm, lastSyncedKey } from "./realm/last-synced-realm";
import { type NoteRealm, openNoteRealm } from "./realm/note-realm";
import type { SyncUser } from "./realm/realm-app";
import { describeError, type SyncProblem } from "./realm/realm-errors";
import { type NoteSchemaName, noteSchemas } from "./realm/schema";
import type { ReportStore } from "./recovery/report-store";
import { listRecovered } from "./reset/find-reset";
import { type KeptProblem, openProblemKeeper } from "./sync/kept-problem";
import { createTracker, type Tracker } from "./sync/last-synced";
import { syncStatus } from "./sync/sync-status";

export type Session = {
  readonly userId: string;
  readonly generation: string;
  readonly realm: NoteRealm;
  readonly store: NoteStore;
  readonly journal: Journal;
  readonly seen: SeenStates;
  readonly tracker: Tracker;
  readonly audit: Audit;
  readonly status: () => SyncStatus;
  readonly pending: () => number;
  /** When the oldest change was made that is not synced yet. */
  readonly oldestPendingAtMs: () => number | null;
  readonly workOffline: (offline: boolean) => void;
  readonly noteProblem: (message: string) => void;
  /** Syncing has stopped for good: said from now on, across restarts, until the server is seen to have everything. */
  readonly noteSyncStopped: (problem: { readonly code: number; readonly message: string }) => void;
  /** What syncing stopped for, with the time of its beginning; null while it goes on. */
  readonly syncStopped: () => KeptProblem | null;
  /** Tries to sync again after it has stopped. */
  readonly retry: () => void;
  /** From now on nothing is acknowledged and the status says paused. */
  readonly markReset: () => void;
  readonly close: () => void;
};

export type SessionOptions = {
  readonly user: SyncUser;
  readonly schema: NoteSchemaName;
  readonly paths: DataPaths;
  readonly generations: FileGenerations;
  /** The generation that a reset leaves behind: a file that still carries it gets a new one. */
  readonly leavingGeneration: string | null;
  /** The file is a fresh copy that was fetched ahead, and is opened as the notes for the first time. */
  readonly isAdopted: boolean;
  readonly lastSynced: LastSyncedRealm;
  /** In a recovery the journals are read by others as well. */
  readonly decodeOnce: DecodeOnce;
  readonly reports: ReportStore;
  /** Nothing else is under way, so that what vanished may be put back. */
  readonly mayMend: () => boolean;
  readonly now: () => number;
  readonly log: Log;
  readonly onProblem: (problem: SyncProblem) => void;
  readonly onNotes: (change: NotesChange) => void;
  readonly onForeignText: (id: NoteId, text: string) => void;
  readonly onStatus: () => void;
  /** Tries now to reach the server. */
  readonly reconnect: () => void;
};

export type SessionResult =
  | { readonly kind: "ok"; readonly session: Session }
  | { readonly kind: "cannot-open"; readonly message: string };

const firstSyncMs = 20_000;
/** A note that is in none of the newest copies has been gone for long. */
const readCopies = 3;

export function openSession(options: SessionOptions): SessionResult {
  const { user, paths, generations, leavingGeneration, lastSynced, now, log, onStatus } = options;
  const opened = openNoteRealm(user, noteSchemas[options.schema], paths.sealing, options.onProblem);
  if (opened.kind === "cannot-open") return opened;
  const { realm } = opened;
  const userId = user.id;
  const known = generations.of(userId);
  const isNewGeneration = known === null || realm.isNewFile || known.generation === leavingGeneration;
  const { generation } = isNewGeneration
    ? generations.mint(userId, realm.path, listRecovered(paths.recoveredRealms))
    : known;

  const decodeOnce = leavingGeneration === null ? undefined : options.decodeOnce;
  const { journals, unreadable } = readJournals(paths.journals, userId, paths.sealing, decodeOnce);
  const damaged = journals.filter(({ trusted }) => !trusted).map(({ header }) => header.generation);
  for (const which of [...unreadable, ...damaged]) {
    log("error", "an edit journal is damaged; nothing will be deleted on its word", { journal: which });
  }
  const key = lastSyncedKey(appId, userId, generation);
  const acked = lastSynced.read(key)?.ackedThrough ?? 0;
  // Numbers that were once acknowledged must not be given again, even where nothing of them is left.
  const lastSeq = Math.max(acked, ...journals.map(({ entries }) => entries.at(-1)?.seq ?? 0));
  const compacted =
    leavingGeneration === null
      ? compactJournals(paths.journals, journals, generation, acked, now(), paths.sealing)
      : { rewritten: [], removed: [] };
  const own = journals.find(({ header }) => header.generation === generation);
  const decoded = compacted.rewritten.includes(generation) ? undefined : own?.decoded;
  const ordinal = 1 + Math.max(0, ...journals.map((each) => each.header.ordinal));
  const header = { version: 1, userId, generation, ordinal, createdAtMs: now() } as const;
  const onFlushError = (error: Error) => {
    log("error", "the journal could not be forced to the disk", { error: error.message });
  };
  const journal = openJournal(paths.journals, header, lastSeq + 1, onFlushError, paths.sealing, decoded);
  const seen = openSeenStates(join(paths.seen, `${userId}.log`), paths.sealing, (error) => {
    log("error", "a seen state could not be written down", { error: error.message });
  });
  const stoppedFor = openProblemKeeper(paths.syncProblem, generation, now, (error) => {
    log("error", "a sync problem could not be written down", { error: error.message });
  });
  const tracker = createTracker({
    realm,
    journal,
    lastSynced,
    key,
    now,
    onChange() {
      // Told only after a round that proved everything synced.
      stoppedFor.clear();
      onStatus();
    },
  });
  const store = createNoteStore({
    remember: leavingGeneration === null,
    isUntouched: options.isAdopted,
    realm,
    journal,
    seen,
    rootId: rootIdOf(userId),
    now,
    onChange: options.onNotes,
    onForeignText: options.onForeignText,
    onCommit() {
      tracker.poke();
      onStatus();
    },
    onLoss: () => audit.poke(),
  });
  const audit = createAudit({
    store,
    seen,
    tracker,
    reports: options.reports,
    journals: () => readJournals(paths.journals, userId, paths.sealing).journals,
    recoveredId: recoveredIdOf(userId),
    copies: () => readRecentCopies(paths.backups, userId, readCopies, paths.sealing),
    mayWrite: options.mayMend,
    now,
    log,
    onChange: onStatus,
  });

  let offlineByChoice = false;
  let problem: string | null = null;
  let resetFound = false;
  let transferring = false;
  let transferTimer: NodeJS.Timeout | null = null;

  realm.onConnection(() => {
    tracker.poke();
    onStatus();
  });
  realm.onTransfer((_direction, done, total) => {
    const moving = done < total;
    if (moving !== transferring) {
      transferring = moving;
      onStatus();
    }
    if (!moving) tracker.poke();
  });
  const heartbeat = setInterval(() => {
    if (!offlineByChoice && !resetFound && realm.connection() === "disconnected") options.reconnect();
    tracker.poke();
    audit.retry();
    compactIfLarge();
  }, 5_000).unref();
  tracker.poke();
  // The first connection of a process may be up before its notification was asked for.
  transferTimer = setTimeout(() => tracker.poke(), 300).unref();

  let compactedAtBytes = journal.sizeBytes();

  /** An app that is left open for weeks keeps its journal as small as one that is started every day. */
  function compactIfLarge(): void {
    const ackedThrough = tracker.ackedThrough();
    if (!options.mayMend() || ackedThrough < journal.lastSeq()) return;
    const sizes = {
      grownBytes: journal.sizeBytes() - compactedAtBytes,
      packedBytes: sizeOf(ackedFile(paths.journals, userId, generation)),
      realmBytes: sizeOf(realm.path),
    };
    if (!isWorthCompacting(sizes)) return;
    try {
      const { journals: all } = readJournals(paths.journals, userId, paths.sealing);
      const current = all.filter(({ header: { generation: each } }) => each === generation);
      try {
        compactJournals(paths.journals, current, generation, ackedThrough, now(), paths.sealing);
      } finally {
        // It may be another file now even where that failed, and nothing may go on into the one that is gone.
        journal.reopen();
      }
    } catch (error) {
      log("warn", "the journal could not be made smaller", { error: describeError(error) });
    }
    compactedAtBytes = journal.sizeBytes();
  }

  const pending = () => journal.pendingSince(tracker.ackedThrough()).notes;

  return {
    kind: "ok",
    session: {
      userId,
      generation,
      realm,
      store,
      journal,
      seen,
      tracker,
      audit,
      pending,
      oldestPendingAtMs: () => journal.pendingSince(tracker.ackedThrough()).oldestAtMs,
      status: () =>
        syncStatus({
          signedIn: true,
          opened: true,
          connection: realm.connection(),
          offlineByChoice,
          resetFound,
          problem: problem ?? stoppedFor.now()?.message ?? null,
          stoppedAtMs: stoppedFor.now()?.sinceMs ?? null,
          pending: pending(),
          transferring,
          provedAtMs: tracker.lastProvedAtMs(),
        }),
      workOffline(offline) {
        offlineByChoice = offline;
        if (offline) realm.pause();
        else realm.resume();
        tracker.poke();
        onStatus();
      },
      noteProblem(message) {
        problem = message;
        onStatus();
      },
      noteSyncStopped(stopped) {
        stoppedFor.keep(stopped);
        onStatus();
      },
      syncStopped: stoppedFor.now,
      retry() {
        realm.pause();
        realm.resume();
        tracker.poke();
      },
      markReset() {
        resetFound = true;
        tracker.stop();
        audit.stop();
        onStatus();
      },
      close() {
        clearInterval(heartbeat);
        if (transferTimer !== null) clearTimeout(transferTimer);
        tracker.stop();
        audit.stop();
        journal.close();
        realm.close();
        seen.close();
      },
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Waits until the realm has the user's notes, as far as the server can be reached; false: not yet. */
export async function awaitFirstSync({ realm }: Session): Promise<boolean> {
  if (realm.subscriptionsComplete()) return true;
  try {
    await realm.waitForSubscriptions(firstSyncMs);
    return realm.subscriptionsComplete();
  } catch {
    return false;
  }
}
