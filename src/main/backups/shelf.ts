// The shelf of safety copies: what is there, what may go, and getting notes out of one without the app's own realm,
// a log-in or a server. Removes copies whole, and never changes one.

import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  type CopyKind,
  expiredCopies,
  expiryOf,
  type Kept,
  keptFor,
  type ReportOfCopy,
  type ShelvedCopy,
  type SignOut,
} from "../../shared/backup-rules";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { countNeedsHelp } from "../../shared/recovery/report";
import { fsyncFolder, removeDurably } from "../durable-file";
import { rootIdOf } from "../notes/known-notes";
import { readLeftovers } from "../realm/leftovers";
import { visitRawObjects } from "../realm/raw-objects";
import { type BackupManifest, backupRealmPath, listBackups, manifestName, readBackup } from "../reset/backup";
import type { Sealing } from "../sealed-file";
import { exportLeftovers, exportNotes } from "../transfer/export-folder";
import { readOnServerMark } from "./on-server-mark";

export type CopyOnShelf = ShelvedCopy & {
  readonly manifest: BackupManifest;
  readonly resetId: string | null;
  readonly kept: Kept;
  readonly expiresAtMs: number | null;
};

/** Every user's copies, newest first. `reportOf` answers any user's report. */
export function listShelf(
  backups: string,
  reportOf: (resetId: string) => RecoveryReport | null,
): CopyOnShelf[] {
  const all = listBackups(backups);
  // Reports may be large, and several copies have the same.
  const reports = new Map<string, RecoveryReport | null>();
  const reportOfFile = new Map<string, RecoveryReport>();
  for (const { manifest } of all) {
    const { kind, resetId, generation } = manifest;
    if (kind === "daily") continue;
    if (!reports.has(resetId)) reports.set(resetId, reportOf(resetId));
    const report = reports.get(resetId) ?? null;
    if (report !== null) reportOfFile.set(generation, report);
  }
  return all.map(({ name, manifest }) => {
    const { userId, createdAtMs } = manifest;
    const kind: CopyKind = manifest.kind ?? "reset";
    // No reset came of this copy, but one of the same file has: what it recovered, it recovered of the file's last state.
    const report =
      kind === "daily"
        ? null
        : (reports.get(manifest.resetId) ?? reportOfFile.get(manifest.generation) ?? null);
    const signOut = signOutOf(manifest);
    const onServerAtMs = report === null && kind !== "daily" ? readOnServerMark(join(backups, name)) : null;
    const copy = { name, userId, kind, createdAtMs, report: stateOf(report), signOut, onServerAtMs };
    const resetId = report?.resetId ?? null;
    return { ...copy, manifest, resetId, kept: keptFor(copy), expiresAtMs: expiryOf(copy) };
  });
}

function signOutOf({ cause }: BackupManifest): SignOut {
  if (cause === "signed-out-for-good") return "for-good";
  return cause === "signed-out" ? "from-account" : "none";
}

function stateOf(report: RecoveryReport | null): ReportOfCopy {
  if (report === null) return { kind: "none" };
  const needsHelp = countNeedsHelp(report);
  if (!report.confirmed) return { kind: "open", needsHelp };
  return { kind: "confirmed", atMs: report.confirmedAtMs ?? report.finishedAtMs, needsHelp };
}

/** Removes what may go, but nothing that `inUse` names. Answers the names of what went. */
export function clearShelf(
  backups: string,
  shelf: readonly CopyOnShelf[],
  inUse: string | null,
  nowMs: number,
): string[] {
  const gone = expiredCopies(shelf, nowMs).filter((name) => name !== inUse);
  for (const name of gone) removeCopy(backups, name);
  return gone;
}

/** A process that ends in the midst leaves no half of a copy that counts as one. Throws what the file system throws. */
export function removeCopy(backups: string, name: string): void {
  removeDurably(join(backups, name, manifestName));
  rmSync(join(backups, name), { recursive: true, force: true });
  fsyncFolder(backups);
}

export type ShelfAnswer<T> =
  | ({ readonly kind: "ok" } & T)
  | { readonly kind: "failed"; readonly message: string };

/** A folder of Markdown files, and one of JSON for what is no text. Answers how many notes were written. */
export async function exportCopyAsMarkdown(
  backups: string,
  name: string,
  folder: string,
  sealing: Sealing,
): Promise<ShelfAnswer<{ readonly notes: number }>> {
  const read = await readBackup(backups, name, sealing);
  if (read.kind === "unusable") return { kind: "failed", message: read.message };
  try {
    const files = await exportNotes(read.notes, rootIdOf(read.manifest.userId), folder);
    const leftovers = readLeftovers(backupRealmPath(backups, name), sealing);
    if (leftovers !== null) await exportLeftovers(leftovers, read.notes, files, folder);
    return { kind: "ok", notes: files.size };
  } catch (error) {
    return { kind: "failed", message: `The notes could not be written: ${(error as Error).message}` };
  }
}

/** One JSON file with every object and every field of the copy, those unknown to this version included. */
export async function exportCopyAsJson(
  backups: string,
  name: string,
  file: string,
  sealing: Sealing,
): Promise<ShelfAnswer<{ readonly notes: number }>> {
  const read = await readBackup(backups, name, sealing);
  if (read.kind === "unusable") return { kind: "failed", message: read.message };
  if (existsSync(file)) return { kind: "failed", message: `${file} is there already.` };
  try {
    const handle = openSync(file, "wx", 0o600);
    let notes = 0;
    let isWhole = false;
    try {
      writeSync(handle, `{"version":1,"manifest":${JSON.stringify(read.manifest)},"objects":[`);
      const visited = visitRawObjects(backupRealmPath(backups, name), sealing, (className, fields) => {
        writeSync(handle, `${notes === 0 ? "" : ","}\n${JSON.stringify({ class: className, fields })}`);
        notes += 1;
      });
      writeSync(handle, "\n]}\n");
      if (visited.kind === "unreadable") return { kind: "failed", message: visited.message };
      isWhole = true;
    } finally {
      closeSync(handle);
      // A part of the notes must not look like all of them, nor stand in the way of the next try.
      if (!isWhole) rmSync(file, { force: true });
    }
    return { kind: "ok", notes };
  } catch (error) {
    return { kind: "failed", message: `The notes could not be written: ${(error as Error).message}` };
  }
}

/** Hash, readability and count of one copy. */
export async function checkCopy(
  backups: string,
  name: string,
  sealing: Sealing,
): Promise<ShelfAnswer<{ readonly notes: number }>> {
  const read = await readBackup(backups, name, sealing);
  if (read.kind === "unusable") return { kind: "failed", message: read.message };
  if (read.notes.size !== read.manifest.notes) {
    const message = `it holds ${read.notes.size} notes, and its manifest says ${read.manifest.notes}`;
    return { kind: "failed", message };
  }
  return { kind: "ok", notes: read.notes.size };
}
