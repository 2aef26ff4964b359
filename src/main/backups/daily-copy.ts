// A verified copy of the open realm once a day, so that what vanishes later can be put back with everybody's words in
// it, and the clearing of the shelf. Does nothing while a reset is under way.

import type { RecoveryReport } from "../../shared/recovery/plan-types";
import type { Log } from "../log";
import { type BackupResult, listBackups, makeBackup } from "../reset/backup";
import { factsOf } from "../reset/find-reset";
import type { Sealing } from "../sealed-file";
import type { Session } from "../session";
import { clearShelf, listShelf } from "./shelf";

export type DailyCopies = {
  /** From now on, for this session. */
  readonly start: (session: Session) => void;
  readonly makeNow: (session: Session) => Promise<BackupResult>;
  readonly stop: () => void;
};

type Dependencies = {
  readonly backups: string;
  readonly sealing: Sealing;
  readonly appVersion: string;
  readonly reportOf: (resetId: string) => RecoveryReport | null;
  /** The copy that a reset under way lives by, and whether one is. */
  readonly inUse: () => { readonly isBusy: boolean; readonly name: string | null };
  readonly now: () => number;
  readonly log: Log;
};

/** The start of the app is busy enough. */
const firstLookMs = 60_000;
const lookAgainMs = 60 * 60 * 1_000;
const dayMs = 24 * 60 * 60 * 1_000;

export function createDailyCopies({
  backups,
  sealing,
  appVersion,
  reportOf,
  inUse,
  now,
  log,
}: Dependencies): DailyCopies {
  let timer: NodeJS.Timeout | null = null;

  async function makeNow({ userId, generation, realm }: Session): Promise<BackupResult> {
    const atMs = now();
    const file = { userId, generation, path: realm.path, earlierRecovered: [] };
    const resetId = `daily-${new Date(atMs).toISOString().slice(0, 10)}`;
    const facts = factsOf(file, { resetId, atMs }, { cause: "unknown" });
    const source = { kind: "open-realm", path: realm.path, writeCopyTo: realm.writeCopyTo } as const;
    const made = await makeBackup(backups, source, facts, [], { appVersion, sealing, atMs, kind: "daily" });
    if (made.kind === "failed") log("error", "the daily copy could not be made", { error: made.message });
    else log("info", "a safety copy was made", { name: made.copy.name, notes: made.copy.notes });
    clear();
    return made;
  }

  function clear(): void {
    try {
      const gone = clearShelf(backups, listShelf(backups, reportOf), inUse().name, now());
      if (gone.length > 0) log("info", "safety copies were removed by rule", { names: gone.join(", ") });
    } catch (error) {
      log("error", "the shelf of safety copies could not be cleared", { error: (error as Error).message });
    }
  }

  async function look(session: Session): Promise<void> {
    if (inUse().isBusy) return;
    const newest = listBackups(backups).find(({ manifest }) => manifest.userId === session.userId);
    const isDue = newest === undefined || Math.abs(now() - newest.manifest.createdAtMs) > dayMs;
    if (isDue) await makeNow(session);
    else clear();
  }

  function stop(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function lookAfter(ms: number, session: Session): void {
    timer = setTimeout(() => {
      void look(session)
        .catch((error) => log("error", "the daily copy failed", { error: String(error) }))
        .finally(() => {
          if (timer !== null) lookAfter(lookAgainMs, session);
        });
    }, ms).unref();
  }

  return {
    start(session) {
      stop();
      lookAfter(firstLookMs, session);
    },
    makeNow,
    stop,
  };
}
