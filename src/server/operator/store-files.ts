/**
 * The store as a file: opening it, copying it for a backup, putting a backup in its place. Every step that replaces
 * something is one rename, and a restore that was interrupted is finished at the next start.
 */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { syncDirectory, syncFile } from "../storage/durable-file";
import { type OpenedStorage, openSqliteStorage, type SqliteStorage } from "../storage/sqlite-storage";
import { StorageTrouble } from "../storage/storage-trouble";
import { minuteOf } from "../words";

export type Outcome<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "failed"; readonly message: string };

export type BackupReport = { readonly path: string; readonly version: number; readonly objects: number };

export type RestoreReport = BackupReport & {
  /** "as in the backup" when the store that was replaced could not be read, or there was none. */
  readonly accounts: "as they were" | "as in the backup";
  readonly backupTakenAt: string;
  /** Where the store is that the backup replaced; absent when there was none. */
  readonly replacedStore?: string;
};

const takenAtSetting = "backupTakenAt";
const leftOutIdents = 1_000_000;

function storePath(dataDir: string): string {
  return join(dataDir, "store.sqlite");
}

export function hasStore(dataDir: string): boolean {
  return existsSync(storePath(dataDir)) || existsSync(restoringPath(dataDir));
}

export function openStore(dataDir: string): OpenedStorage {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  finishInterruptedRestore(dataDir);
  return openSqliteStorage(storePath(dataDir));
}

/** The copy is complete and consistent however much is written meanwhile; under its name it appears as a whole. */
export function backUpStore(storage: SqliteStorage, target: string, nowMs: number): Outcome<BackupReport> {
  const path = resolve(target);
  if (existsSync(path)) return failed(`${path} exists already; a backup never overwrites a file.`);
  const partial = `${path}.partial`;
  try {
    rmSync(partial, { force: true });
    storage.copyTo(partial);
    const copy = openSqliteStorage(partial);
    if (copy.kind !== "ok") return failed(copy.message);
    const problems = copy.storage.integrityProblems();
    if (problems.length > 0) {
      copy.storage.close();
      return failed(`The store is damaged: ${problems[0]?.where}: ${problems[0]?.what}`);
    }
    copy.storage.setSetting(takenAtSetting, new Date(nowMs).toISOString());
    const report = { path, version: copy.storage.head().version, objects: copy.storage.objectCount() };
    copy.storage.close();
    syncFile(partial);
    renameSync(partial, path);
    syncDirectory(dirname(path));
    return { kind: "ok", value: report };
  } catch (error) {
    return failed(textOf(error));
  } finally {
    rmSync(partial, { force: true });
  }
}

/**
 * Puts a backup in the place of the store. The store itself is kept beside it. Fails before anything is replaced, or
 * not at all.
 *
 * @param release closes the store if it is open; called once the backup has proved usable
 */
export function restoreStore(
  dataDir: string,
  source: string,
  nowMs: number,
  release: () => void,
): Outcome<RestoreReport> {
  const backup = resolve(source);
  if (!existsSync(backup)) return failed(`There is no file ${backup}.`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = join(dataDir, "store.draft.sqlite");
  try {
    removeDatabase(draft);
    copyFileSync(backup, draft);
    const opened = openSqliteStorage(draft);
    if (opened.kind !== "ok") return failed(`${backup} cannot be restored: ${opened.message}`);
    const { storage } = opened;
    const prepared = prepare(storage, backup, dataDir, nowMs, release);
    storage.close();
    if (prepared.kind === "failed") return prepared;
    syncFile(draft);
    renameSync(draft, restoringPath(dataDir));
    syncDirectory(dataDir);
    const replacedStore = finishInterruptedRestore(dataDir, nowMs);
    return {
      kind: "ok",
      value: { ...prepared.value, ...(replacedStore !== undefined && { replacedStore }) },
    };
  } catch (error) {
    return failed(textOf(error));
  } finally {
    removeDatabase(draft);
  }
}

function prepare(
  storage: SqliteStorage,
  backup: string,
  dataDir: string,
  nowMs: number,
  release: () => void,
): Outcome<RestoreReport> {
  const backupTakenAt = storage.setting(takenAtSetting);
  if (backupTakenAt === undefined) return failed(`${backup} was not made by the backup command.`);
  const problems = storage.integrityProblems();
  if (problems.length > 0) return failed(`${backup} is damaged: ${problems[0]?.where}: ${problems[0]?.what}`);
  release();
  const current = storePath(dataDir);
  let accounts: RestoreReport["accounts"] = "as in the backup";
  if (existsSync(current)) {
    const opened = openSqliteStorage(current);
    if (opened.kind === "locked") return failed(opened.message);
    if (opened.kind === "ok") opened.storage.close();
    accounts = opened.kind === "ok" && followOn(storage, current) ? "as they were" : accounts;
  }
  const incident = `the server was restored on ${minuteOf(nowMs)} from a backup of ${minuteOf(Date.parse(backupTakenAt))}`;
  storage.setSetting("incident", incident);
  storage.deleteSetting(takenAtSetting);
  return {
    kind: "ok",
    value: {
      path: backup,
      backupTakenAt,
      accounts,
      version: storage.head().version,
      objects: storage.objectCount(),
    },
  };
}

/**
 * A store that cannot be read any more is no reason to refuse the backup: it may be why somebody restores. Then nobody
 * knows which file idents were given since the backup, and a good many are left out.
 */
function followOn(storage: SqliteStorage, replaced: string): boolean {
  try {
    storage.followOn(replaced);
    return true;
  } catch (error) {
    if (!(error instanceof StorageTrouble) || error.kind !== "damaged") throw error;
    const next = Number(storage.setting("nextFileIdent")) + leftOutIdents;
    storage.setSetting("nextFileIdent", String(next));
    return false;
  }
}

/** From here on the restore is decided; what is left are renames that may be repeated. */
function finishInterruptedRestore(dataDir: string, nowMs = Date.now()): string | undefined {
  const restoring = restoringPath(dataDir);
  if (!existsSync(restoring)) return undefined;
  const current = storePath(dataDir);
  let replaced: string | undefined;
  if (existsSync(current)) {
    const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, "-");
    replaced = join(dataDir, `store.replaced-${stamp}.sqlite`);
    for (const suffix of ["-wal", "-shm", ""]) {
      if (existsSync(current + suffix)) renameSync(current + suffix, replaced + suffix);
    }
  }
  renameSync(restoring, current);
  syncDirectory(dataDir);
  return replaced;
}

function restoringPath(dataDir: string): string {
  return join(dataDir, "store.restoring.sqlite");
}

function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failed(message: string): { kind: "failed"; message: string } {
  return { kind: "failed", message };
}
