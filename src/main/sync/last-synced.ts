// The LastSynced tracker: moves 'the server has everything up to here' forward, and only on proof. The sequence
// number is taken before the wait, so that what is typed during it stays unacknowledged; upload AND download AND
// complete subscriptions, on the same file generation, with no error in between. No clock decides anything.

import type { Journal } from "../notes/journal";
import type { LastSyncedRealm } from "../realm/last-synced-realm";
import type { NoteRealm } from "../realm/note-realm";

export type Tracker = {
  readonly ackedThrough: () => number;
  /** When the last round that proved everything synced ended; null before the first in this process. */
  readonly lastProvedAtMs: () => number | null;
  /** Something happened that may allow progress: a write, a connection, a transfer, a quit. */
  readonly poke: () => void;
  /** Runs a round to its end and says whether everything up to its start is synced now. */
  readonly settle: (timeoutMs: number) => Promise<boolean>;
  /** After a sync error nothing is acknowledged any more. */
  readonly stop: () => void;
};

type Dependencies = {
  readonly realm: Pick<
    NoteRealm,
    "waitForUpload" | "waitForDownload" | "subscriptionsComplete" | "connection"
  >;
  readonly journal: Pick<Journal, "lastSeq" | "flushAside">;
  readonly lastSynced: Pick<LastSyncedRealm, "read" | "record">;
  readonly key: string;
  readonly now: () => number;
  readonly onChange: () => void;
};

const roundTimeoutMs = 30_000;
const retryMs = 2_000;

export function createTracker({ realm, journal, lastSynced, key, now, onChange }: Dependencies): Tracker {
  let acked = lastSynced.read(key)?.ackedThrough ?? 0;
  let provedAtMs: number | null = null;
  let stopped = false;
  let round: Promise<boolean> | null = null;
  let again = false;
  let retry: NodeJS.Timeout | null = null;

  async function prove(timeoutMs: number): Promise<boolean> {
    const through = journal.lastSeq();
    await journal.flushAside();
    await realm.waitForUpload(timeoutMs);
    await realm.waitForDownload(timeoutMs);
    if (stopped || !realm.subscriptionsComplete()) return false;
    provedAtMs = now();
    if (through > acked) {
      lastSynced.record(key, { ackedThrough: through, atMs: provedAtMs });
      acked = through;
    }
    onChange();
    return true;
  }

  function run(timeoutMs: number): Promise<boolean> {
    if (retry !== null) clearTimeout(retry);
    retry = null;
    round ??= prove(timeoutMs)
      .catch(() => false)
      .then((proved) => {
        round = null;
        if (stopped) return false;
        if (again || !proved || journal.lastSeq() > acked) {
          again = false;
          retry ??= setTimeout(poke, proved ? 0 : retryMs).unref();
        }
        return proved;
      });
    return round;
  }

  function poke(): void {
    if (stopped) return;
    if (round !== null) {
      again = true;
      return;
    }
    if (realm.connection() !== "connected") return;
    void run(roundTimeoutMs);
  }

  return {
    ackedThrough: () => acked,
    lastProvedAtMs: () => provedAtMs,
    poke,
    async settle(timeoutMs) {
      if (stopped) return false;
      await round;
      return run(timeoutMs);
    },
    stop() {
      stopped = true;
      if (retry !== null) clearTimeout(retry);
    },
  };
}
