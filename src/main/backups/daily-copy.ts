// A verified copy of the open realm once a day, so that what vanishes later can be put back with everybody's words in
// it, and the clearing of the shelf. Does nothing while a reset is under way.

import type { AppState } from "../../shared/ipc-contract";
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
  /** What stood in the way of the last try, where no copy is left that is younger than two days. */
  readonly overdue: () => AppState["copyOverdue"];
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
  /** What `overdue` says may be otherwise now. */
  readonly onChange: () => void;
};

/** The start of the app is busy enough. */
const firstLookMs = 60_000;
const lookAgainMs = 60 * 60 * 1_000;
const dayMs = 24 * 60 * 60 * 1_000;
const overdueMs = 2 * dayMs;

export function createDailyCopies({
  backups,
  sealing,
  appVersion,
  reportOf,
  inUse,
  now,
  log,
  onChange,
}: Dependencies): DailyCopies {
  let timer: NodeJS.Timeout | null = null;
  let overdue: AppState["copyOverdue"] = null;

  const newestOf = (userId: string) =>
    listBackups(backups).find(({ manifest }) => manifest.userId === userId)?.manifest.createdAtMs ?? null;

  function noteOutcome(made: BackupResult, userId: string, atMs: number): void {
    const newestAtMs = made.kind === "ok" ? atMs : newestOf(userId);
    const isOverdue = newestAtMs === null || atMs - newestAtMs > overdueMs;
    overdue = made.kind === "failed" && isOverdue ? { message: made.message, newestAtMs } : null;
    onChange();
  }

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
    noteOutcome(made, userId, atMs);
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
    const newestAtMs = newestOf(session.userId);
    const isDue = newestAtMs === null || Math.abs(now() - newestAtMs) > dayMs;
    if (isDue) await makeNow(session);
    else clear();
  }

  function stop(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    overdue = null;
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
    overdue: () => overdue,
    stop,
  };
}
