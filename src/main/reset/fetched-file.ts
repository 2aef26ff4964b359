// The file that a fresh copy of the notes is fetched into while the prompt stands, beside the notes' own, and how it
// goes into their place after the restart. It is a cache: used only with the marker that says that it is complete,
// for one reset and once; whatever is uncertain of it is removed, and the fresh copy is fetched as ever. Opens no realm.

import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import type { ResetFacts } from "../../shared/reset-machine";
import { readJson, removeDurably, renameDurably, writeDurably } from "../durable-file";
import type { DataPaths } from "../paths";
import type { FileGenerations } from "../realm/file-generation";
import { removeSideFiles } from "../realm/side-files";
import { listRecovered } from "./find-reset";

const markerSchema = z.strictObject({
  version: z.literal(1),
  resetId: z.string(),
  userId: z.string(),
  /** The one that the reset leaves behind. */
  generation: z.string(),
  completeAtMs: z.number(),
  sizeBytes: z.number(),
  /** Null where it is not encrypted. */
  keyId: z.string().nullable(),
});
type Marker = z.infer<typeof markerSchema>;

/** One that is older has so much to catch up on, and may be so unknown to the server, that a new one is no slower. */
const usableForMs = 24 * 60 * 60 * 1_000;

const fetchedName = /^fetched-.+\.realm/;

/** Named after the reset, so that nothing which Realm remembers of one file is ever meant for another. */
export function fetchedPathOf({ originalPath, resetId }: ResetFacts): string {
  return join(dirname(originalPath), `fetched-${resetId}.realm`);
}

export function isFetchedPath(path: string): boolean {
  return fetchedName.test(basename(path));
}

type Folders = Pick<DataPaths, "fetchedAhead" | "sealing">;

/** Its realm is closed. Throws what the file system throws. Answers how large it is. */
export function markFetched(
  facts: ResetFacts,
  completeAtMs: number,
  { fetchedAhead, sealing }: Folders,
): number {
  const path = fetchedPathOf(facts);
  removeSideFiles(path);
  const { size } = statSync(path);
  const { resetId, userId, generation } = facts;
  const marker = {
    version: 1,
    resetId,
    userId,
    generation,
    completeAtMs,
    sizeBytes: size,
  } satisfies Partial<Marker>;
  writeDurably(fetchedAhead, `${JSON.stringify({ ...marker, keyId: sealing.keyId })}\n`);
  return size;
}

function readMarker(file: string): Marker | null {
  const read = readJson(file);
  const parsed = read.kind === "ok" ? markerSchema.safeParse(read.value) : null;
  return parsed?.success ? parsed.data : null;
}

/**
 * Everything of this kind in the user's folder, whatever it is of. The marker goes first: without it nobody uses the
 * file. Throws what the file system throws. Answers whether anything was there.
 */
export function removeFetched(userFolder: string, marker: string): boolean {
  const names = existsSync(userFolder)
    ? readdirSync(userFolder).filter((name) => fetchedName.test(name))
    : [];
  if (!existsSync(marker) && names.length === 0) return false;
  removeDurably(marker);
  for (const name of names) rmSync(join(userFolder, name), { recursive: true, force: true });
  return true;
}

export type Adoption = { readonly kind: "adopted" } | { readonly kind: "not-used"; readonly why: string };

type Adopting = {
  readonly paths: Folders & Pick<DataPaths, "recoveredRealms">;
  readonly generations: FileGenerations;
  readonly now: () => number;
  /** This process may have the file open. */
  readonly isOpen: boolean;
};

/**
 * Puts the file into the empty place of the notes, where it is complete and of this very reset. It has a generation of
 * its own before it has the place: whenever the process ends, a file in the notes' place has another than the one left
 * behind, and so is copied before anything else takes it away again; and no second one is ever adopted. Throws what the
 * file system throws; then the place is empty, or the file is in it.
 */
export function adoptFetched(facts: ResetFacts, { paths, generations, now, isOpen }: Adopting): Adoption {
  const { fetchedAhead, recoveredRealms } = paths;
  const path = fetchedPathOf(facts);
  const why = isOpen ? "it may still be open" : whyNot(facts, path, paths, generations, now());
  if (why !== null) {
    removeFetched(dirname(path), fetchedAhead);
    return { kind: "not-used", why };
  }
  removeSideFiles(path);
  removeSideFiles(facts.originalPath);
  generations.mint(facts.userId, facts.originalPath, listRecovered(recoveredRealms));
  renameDurably(path, facts.originalPath);
  removeFetched(dirname(path), fetchedAhead);
  return { kind: "adopted" };
}

/** Why it cannot be used, or null. */
function whyNot(
  facts: ResetFacts,
  path: string,
  { fetchedAhead, sealing }: Folders,
  generations: FileGenerations,
  atMs: number,
): string | null {
  const marker = readMarker(fetchedAhead);
  if (marker === null) return "there is none that is complete";
  const { resetId, userId, generation } = facts;
  const isOf = marker.resetId === resetId && marker.userId === userId && marker.generation === generation;
  if (!isOf) return "it is of another reset";
  if (generations.of(userId)?.generation !== generation) return "a fresh copy has been opened before";
  if (marker.keyId !== sealing.keyId) return "it is of another key";
  const ageMs = atMs - marker.completeAtMs;
  if (ageMs < 0 || ageMs > usableForMs) return "it is too old";
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? null;
  if (size === null) return "it is gone";
  return size === marker.sizeBytes ? null : "it was changed since";
}
