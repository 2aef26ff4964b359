// Sees to it that a copy made at a sign-out is marked once its person has signed in again and everything in it is on
// the server: the file it is of stayed, and syncs. Where a reset takes that file instead, the recovery's report tells.

import { join } from "node:path";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import type { Log } from "../log";
import { describeError } from "../realm/realm-errors";
import { type BackupManifest, listBackups } from "../reset/backup";
import type { Session } from "../session";
import { writeOnServerMark } from "./on-server-mark";
import { listShelf } from "./shelf";

export type SyncedCopies = {
  /** These notes are open, and may be written to. */
  readonly start: (session: TrackedSession) => void;
  /** What is synced may be more now. */
  readonly look: () => void;
  readonly stop: () => void;
};

export type TrackedSession = Pick<Session, "userId" | "generation"> & {
  readonly journal: Pick<Session["journal"], "lastSeq">;
  readonly tracker: Pick<Session["tracker"], "ackedThrough" | "lastProvedAtMs">;
};

type Dependencies = {
  readonly backups: string;
  readonly reportOf: (resetId: string) => RecoveryReport | null;
  /** A reset is under way. */
  readonly isBusy: () => boolean;
  readonly now: () => number;
  readonly log: Log;
};

type Waiting = Pick<TrackedSession, "tracker"> & {
  readonly copies: readonly string[];
  /** The last change in the file: a copy that was made of it before has none that is newer. */
  readonly through: number;
};

export function createSyncedCopies({ backups, reportOf, isBusy, now, log }: Dependencies): SyncedCopies {
  let waiting: Waiting | null = null;

  /** Copies of the very file that is open now. */
  function unsyncedOf({ userId, generation }: TrackedSession): string[] {
    const isOfFile = ({ manifest }: { readonly manifest: BackupManifest }) =>
      manifest.userId === userId && manifest.generation === generation && manifest.kind !== "daily";
    // As a rule there is none, and then no report is read.
    if (!listBackups(backups).some(isOfFile)) return [];
    return listShelf(backups, reportOf)
      .filter((copy) => isOfFile(copy) && ["not-synced", "not-recovered"].includes(copy.kept.kind))
      .map(({ name }) => name);
  }

  /** A folder of copies that cannot be read marks none as synced, which keeps them all. */
  function unsyncedIfReadable(session: TrackedSession): string[] {
    try {
      return unsyncedOf(session);
    } catch (error) {
      log("warn", "the safety copies could not be listed", { error: describeError(error) });
      return [];
    }
  }

  function mark(name: string): void {
    try {
      writeOnServerMark(join(backups, name), now());
      log("info", "everything in a safety copy is on the server", { name });
    } catch (error) {
      // Until the next start it stays as it is, which keeps it.
      log("warn", "a safety copy could not be marked as synced", { error: describeError(error) });
    }
  }

  /** A round of the tracker since the file was opened proves what is in it, told of in the journal or not. */
  function look(): void {
    if (waiting === null || isBusy()) return;
    const { tracker, copies, through } = waiting;
    if (tracker.lastProvedAtMs() === null || tracker.ackedThrough() < through) return;
    waiting = null;
    for (const name of copies) mark(name);
  }

  return {
    start(session) {
      const copies = unsyncedIfReadable(session);
      const { tracker, journal } = session;
      waiting = copies.length === 0 ? null : { tracker, copies, through: journal.lastSeq() };
      look();
    },
    look,
    stop() {
      waiting = null;
    },
  };
}
