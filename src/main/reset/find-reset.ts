// At the start of a process, before Realm may touch anything: is there a reset to recover from that no callback told
// of? Either Realm has stored an order, or the file is simply gone. And where are the notes of a file that is left
// behind: in its place, among the files Realm moved away, or in a copy of ours.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ResetCause, resetCauses } from "../../shared/recovery/plan-types";
import type { BackupRef, ResetFacts, ResetState } from "../../shared/reset-machine";
import { rootIdOf } from "../notes/known-notes";
import { readBackupRealm } from "../realm/backup-realm";
import type { FileGeneration } from "../realm/file-generation";
import type { SyncProblem } from "../realm/realm-errors";
import type { StoredOrder } from "../realm/stored-orders";
import type { Sealing } from "../sealed-file";
import { type BackupManifest, listBackups } from "./backup";

export type KnownFile = FileGeneration & { readonly userId: string };
export type Mint = { readonly resetId: string; readonly atMs: number };

/** Realm's own names for the files it moves away; side files of an opened one have other endings. */
const recoveredName = /^recovered_realm-\d{8}-\d{6}-.{8}$/;

/** A reset of this file that nobody was told of, or null. */
export function findResetAtStart(
  file: KnownFile,
  orders: readonly StoredOrder[],
  mint: Mint,
): ResetFacts | null {
  const isOrdered = orders.some(({ originalPath }) => originalPath === file.path);
  return isOrdered || !existsSync(file.path) ? factsOf(file, mint) : null;
}

/** What is known of a reset at its beginning. How many there were today is for the driver to say. */
export function factsOf(
  { userId, generation, path }: KnownFile,
  mint: Mint,
  about: Partial<Pick<ResetFacts, "cause" | "code" | "serverMessage" | "order">> = {},
): ResetFacts {
  return {
    resetId: mint.resetId,
    cause: about.cause ?? "found-at-start",
    code: about.code ?? 0,
    serverMessage: about.serverMessage ?? "",
    userId,
    generation,
    originalPath: path,
    foundAtMs: mint.atMs,
    order: about.order ?? "realm",
    moved: false,
    resetsToday: 0,
    halvings: 0,
  };
}

/**
 * The file that the recovery has been writing to is gone, or the file that it downloads to or writes to is about to
 * go: a second reset that nobody was told of.
 */
export function isResetAgain(state: ResetState, orders: readonly StoredOrder[]): boolean {
  switch (state.kind) {
    case "downloading":
      return orders.some((order) => order.originalPath === state.facts.originalPath);
    case "applying":
    case "checking":
    case "uploading":
    case "reporting": {
      const { originalPath } = state.facts;
      return orders.some((order) => order.originalPath === originalPath) || !existsSync(originalPath);
    }
    default:
      return false;
  }
}

export type NotesSource =
  | { readonly kind: "file"; readonly path: string }
  /** Nothing is left to be copied; this copy was made when there was. */
  | { readonly kind: "copy"; readonly copy: BackupRef }
  | { readonly kind: "none" };

/** Where the notes of the file left behind are now. Once Realm has moved it, the live file is another one. */
export function findSource(
  facts: ResetFacts,
  copy: BackupRef | null,
  folders: { readonly recoveredRealms: string; readonly backups: string; readonly sealing: Sealing },
  earlierRecovered: readonly string[],
): NotesSource {
  if (facts.moved && copy !== null) return { kind: "copy", copy };
  if (!facts.moved && existsSync(facts.originalPath)) return { kind: "file", path: facts.originalPath };
  const made = copy ?? newestCopyOf(facts, folders.backups, "reset");
  if (facts.moved && made !== null) return { kind: "copy", copy: made };
  const moved = newestRecoveredOf(facts.userId, folders.recoveredRealms, earlierRecovered, folders.sealing);
  if (moved !== null) return { kind: "file", path: moved };
  const last = made ?? newestCopyOf(facts, folders.backups, "daily");
  return last === null ? { kind: "none" } : { kind: "copy", copy: last };
}

function newestCopyOf(
  { userId, generation }: ResetFacts,
  backups: string,
  kind: "reset" | "daily",
): BackupRef | null {
  const found = listBackups(backups).find(
    ({ manifest }) =>
      manifest.userId === userId && manifest.generation === generation && (manifest.kind ?? "reset") === kind,
  );
  return found === undefined ? null : refOf(found);
}

export function refOf({ name, manifest }: { name: string; manifest: BackupManifest }): BackupRef {
  return { name, atMs: manifest.createdAtMs, notes: manifest.notes };
}

/**
 * The record of a reset was damaged: the copies tell what it was about. The newest one leads on, unless some report
 * says that what it holds has been recovered.
 */
export function resumeFromCopies(
  backups: string,
  isReported: (backupName: string) => boolean,
  fileOf: (userId: string) => FileGeneration | null,
): ResetState | null {
  const all = listBackups(backups).filter(({ manifest }) => (manifest.kind ?? "reset") === "reset");
  const [newest] = all;
  if (newest === undefined) return null;
  const { manifest } = newest;
  const sameFile = all.filter(({ manifest: each }) => each.generation === manifest.generation);
  const file = fileOf(manifest.userId);
  if (file === null || sameFile.some(({ name }) => isReported(name))) return null;
  const { resetId, createdAtMs: atMs, userId, generation, code, serverMessage } = manifest;
  const cause = resetCauses.find((each) => each === manifest.cause) ?? "unknown";
  // A copy made at a sign-out is of a file that stayed.
  if (cause === "signed-out" || cause === "signed-out-for-good") return null;
  const facts = factsOf({ ...file, userId, generation }, { resetId, atMs }, { cause, code, serverMessage });
  const moved = file.generation !== generation;
  return { kind: "securing", facts: { ...facts, moved }, copy: refOf(newest) };
}

/** Names of the files that Realm has moved away; a name says nothing of where its file came from. */
export function listRecovered(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => recoveredName.test(name)) : [];
}

/** The newest file of this user that Realm moved away, but for those that were there before. The root note tells whose. */
function newestRecoveredOf(
  userId: string,
  folder: string,
  earlier: readonly string[],
  sealing: Sealing,
): string | null {
  const rootId = rootIdOf(userId);
  const paths = listRecovered(folder)
    .filter((name) => !earlier.includes(name))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of paths) {
    const content = readBackupRealm(path, sealing);
    if (content.kind === "ok" && content.notes.has(rootId)) return path;
  }
  return null;
}

/** What the server's words and code say about the cause. Codes: sync protocol errors of core 12.12. */
export function causeOf({ kind, code, message }: Pick<SyncProblem, "kind" | "code" | "message">): ResetCause {
  if (kind === "delete-realm") return "delete-ordered";
  if (/restor/i.test(message)) return "restored";
  if (/terminat|re-?enabled/i.test(message)) return "terminated";
  if (/schema/i.test(message)) return "schema";
  if (/expired|offline|too long/i.test(message)) return "offline-too-long";
  switch (code) {
    case 104:
      return "upload-too-large";
    case 132:
      return "automatic-recovery-failed";
    case 211:
    case 209:
      return "restored";
    case 208:
      return "terminated";
    case 222:
      return "offline-too-long";
    case 225:
      return "schema";
    case 228:
      return "rights-changed";
    default:
      return "unknown";
  }
}
