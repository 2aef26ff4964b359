// The verified safety copy: copied, forced to the disk, hashed, opened for reading and counted, described by a
// manifest. Until all of that is done the folder has another name, so a copy that exists is a copy that is whole.

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, renameSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import type { BackupRef, ResetFacts } from "../../shared/reset-machine";
import { fsyncFile, fsyncFolder, readJson, writeDurably } from "../durable-file";
import { type BackupContent, readBackupRealm, summarizeBackup } from "../realm/backup-realm";
import { isDiskFull } from "../realm/realm-errors";
import type { Sealing } from "../sealed-file";

export type BackupSource =
  /** The open realm, which can write a consistent copy of itself. */
  | { readonly kind: "open-realm"; readonly writeCopyTo: (path: string) => void; readonly path: string }
  /** A file that nobody has open. */
  | { readonly kind: "file"; readonly path: string };

export type BackupResult =
  | { readonly kind: "ok"; readonly copy: BackupRef }
  | { readonly kind: "failed"; readonly message: string; readonly bytesNeeded: number | null };

const manifestSchema = z.strictObject({
  version: z.literal(1),
  resetId: z.string(),
  cause: z.string(),
  code: z.number(),
  serverMessage: z.string(),
  userId: z.string(),
  generation: z.string(),
  appVersion: z.string(),
  createdAtMs: z.number(),
  /**
   * `interim`: of the fresh file of a recovery that another reset ended. Absent in copies of before there were daily
   * ones.
   */
  kind: z.enum(["reset", "interim", "daily"]).optional(),
  /** Of the realm file, and which fields its notes have: what a reader of another version has to expect. */
  schemaVersion: z.number().optional(),
  noteFields: z.array(z.string()).optional(),
  /** Absent where the copy is not encrypted. */
  encrypted: z.literal(true).optional(),
  /** Tells keys from each other, and nothing else of them. */
  keyId: z.string().optional(),
  notes: z.number(),
  sizeBytes: z.number(),
  sha256: z.string(),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

/** A copy of the day has no reset: its facts say only whose file it is. */
export type AboutCopy = {
  readonly appVersion: string;
  /** Of the file that is copied, and so of the copy. */
  readonly sealing: Sealing;
  readonly atMs: number;
  readonly kind?: BackupManifest["kind"];
};

const realmName = "notes.realm";
export const manifestName = "manifest.json";
const readBytes = 1024 * 1024;
/** Left free beside the copy, so that the journal and the record can still be written. */
const headroomBytes = 16 * 1024 * 1024;

export function backupRealmPath(backups: string, name: string): string {
  return join(backups, name, realmName);
}

export async function makeBackup(
  backups: string,
  source: BackupSource,
  facts: ResetFacts,
  journalFiles: readonly string[],
  about: AboutCopy,
): Promise<BackupResult> {
  const name = freeName(backups, facts.resetId);
  const unfinished = join(backups, `${name}.unfinished`);
  const made = await copyAndVerify(unfinished, source, facts, journalFiles, about)
    .then((copied) => {
      if (copied.kind === "ok") {
        renameSync(unfinished, join(backups, name));
        fsyncFolder(backups);
      }
      return copied;
    })
    .catch((error) => failureOf(error, backups, source.path));
  if (made.kind === "failed") {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    return made;
  }
  return { kind: "ok", copy: { name, atMs: about.atMs, notes: made.notes } };
}

type Failed = Extract<BackupResult, { kind: "failed" }>;

async function copyAndVerify(
  folder: string,
  source: BackupSource,
  facts: ResetFacts,
  journalFiles: readonly string[],
  about: AboutCopy,
): Promise<{ readonly kind: "ok"; readonly notes: number } | Failed> {
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  const missing = await bytesMissing(dirname(folder), source.path);
  if (missing > 0) {
    return failed("There is not enough room on this disk for a safety copy.", missing);
  }
  await mkdir(folder);
  const copied = join(folder, realmName);
  if (source.kind === "open-realm") source.writeCopyTo(copied);
  // While the disk works on the copy the file that nobody has open is read for itself.
  const [sha256, wanted] = await Promise.all([
    copyToDisk(source, copied, journalFiles),
    source.kind === "file" ? hashFile(source.path) : null,
  ]);
  if (wanted !== null && sha256 !== wanted) {
    return failed("The safety copy is not the same as the notes' file.", null);
  }
  const counted = summarizeBackup(copied, about.sealing);
  if (counted.kind === "unreadable")
    return failed(`The safety copy cannot be read: ${counted.message}`, null);
  const manifest: BackupManifest = {
    version: 1,
    resetId: facts.resetId,
    cause: facts.cause,
    kind: about.kind ?? "reset",
    schemaVersion: counted.schemaVersion,
    noteFields: [...counted.noteFields],
    code: facts.code,
    serverMessage: facts.serverMessage,
    userId: facts.userId,
    generation: facts.generation,
    appVersion: about.appVersion,
    createdAtMs: about.atMs,
    ...(about.sealing.keyId === null ? {} : { encrypted: true, keyId: about.sealing.keyId }),
    notes: counted.notes,
    sizeBytes: (await stat(copied)).size,
    sha256,
  };
  writeDurably(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  return { kind: "ok", notes: manifest.notes };
}

/** Answers the hash of the realm's copy as it is read back. */
async function copyToDisk(
  source: BackupSource,
  copied: string,
  journalFiles: readonly string[],
): Promise<string> {
  const folder = dirname(copied);
  if (source.kind === "file") await copyFile(source.path, copied);
  for (const file of journalFiles) await copyFile(file, join(folder, basename(file)));
  for (const file of readdirSync(folder)) await fsyncFile(join(folder, file));
  return hashFile(copied);
}

function failed(message: string, bytesNeeded: number | null): Failed {
  return { kind: "failed", message, bytesNeeded };
}

async function failureOf(error: NodeJS.ErrnoException, backups: string, sourcePath: string): Promise<Failed> {
  if (isDiskFull(error)) {
    const missing = await bytesMissing(backups, sourcePath).catch(() => 0);
    return failed("The disk is full.", Math.max(missing, headroomBytes));
  }
  return failed(`The safety copy could not be written: ${error.message}`, null);
}

export type ReadBackup =
  | ({ readonly kind: "ok"; readonly manifest: BackupManifest } & Omit<
      Extract<BackupContent, { kind: "ok" }>,
      "kind"
    >)
  | { readonly kind: "unusable"; readonly message: string };

/** Throws where it is missing or cannot be understood. */
export async function readManifest(backups: string, name: string): Promise<BackupManifest> {
  return manifestSchema.parse(JSON.parse(await readFile(join(backups, name, manifestName), "utf8")));
}

/** Why the copy is not what it was when it was made, or null where it is. Reads it once, without opening it. */
export async function damageOf(backups: string, name: string): Promise<string | null> {
  const file = backupRealmPath(backups, name);
  try {
    const manifest = await readManifest(backups, name);
    return (await hashFile(file)) === manifest.sha256 ? null : `${file} was changed since it was made`;
  } catch (error) {
    return `${file}: ${(error as Error).message}`;
  }
}

/** Reads a copy back, but only after its hash is what the manifest says. */
export async function readBackup(backups: string, name: string, sealing: Sealing): Promise<ReadBackup> {
  const file = backupRealmPath(backups, name);
  const damage = await damageOf(backups, name);
  if (damage !== null) return { kind: "unusable", message: damage };
  try {
    const manifest = await readManifest(backups, name);
    const content = readBackupRealm(file, sealing);
    if (content.kind === "unreadable") return { kind: "unusable", message: `${file}: ${content.message}` };
    return { ...content, manifest };
  } catch (error) {
    return { kind: "unusable", message: `${file}: ${(error as Error).message}` };
  }
}

/** All finished copies with a manifest that can be read, newest first. */
export function listBackups(backups: string): { readonly name: string; readonly manifest: BackupManifest }[] {
  if (!existsSync(backups)) return [];
  return readdirSync(backups)
    .filter((name) => !name.endsWith(".unfinished"))
    .flatMap((name) => {
      const read = readJson(join(backups, name, manifestName));
      const parsed = read.kind === "ok" ? manifestSchema.safeParse(read.value) : null;
      return parsed?.success ? [{ name, manifest: parsed.data }] : [];
    })
    .sort((a, b) => b.manifest.createdAtMs - a.manifest.createdAtMs);
}

function freeName(backups: string, resetId: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${resetId}-${number}`;
    if (!existsSync(join(backups, name))) return name;
  }
}

/** How many bytes have to be freed for a copy to fit; 0 or less: it fits. */
async function bytesMissing(backups: string, sourcePath: string): Promise<number> {
  const [space, source] = await Promise.all([statfs(backups), stat(sourcePath)]);
  return source.size + headroomBytes - space.bavail * space.bsize;
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  // Few large pieces: of many small ones the stream costs as much as the hash.
  for await (const chunk of createReadStream(file, { highWaterMark: readBytes })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}
