// How much room a disk has to spare. What only saves time must not take that of what saves notes, and Realm, which ends
// the process where a disk is full while it downloads, must not begin without any.

import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { ResetState } from "../../shared/reset-machine";
import { backupRealmPath } from "./backup";

/** For a second safety copy, the fresh realm and what is made ahead there is to be room. */
const roomInRealms = 4;

/** Throws what the file system throws. */
export async function isDiskScarce(realmFile: string): Promise<boolean> {
  const [{ bavail, bsize }, { size }] = await Promise.all([statfs(dirname(realmFile)), stat(realmFile)]);
  return bavail * bsize < roomInRealms * size;
}

/** For the journal, the record and the plan beside the fresh file. */
const besideFreshBytes = 4 * 1024 * 1024;

/** Why no fresh copy can be got now, in words for a person; null: nothing stands in the way, or nobody wants one. */
export async function obstacleToFresh(state: ResetState, backups: string): Promise<string | null> {
  if (state.kind !== "downloading") return null;
  const copy = backupRealmPath(backups, state.copy.name);
  const missing = await bytesMissing(copy, state.facts.originalPath).catch(() => 0);
  if (missing <= 0) return null;
  const room = `${Math.ceil(missing / 1_000_000)} MB`;
  return `There is not enough room on this disk for a fresh copy. Free ${room}, then try again.`;
}

/** For the fresh file, which may be there in part or not at all, to become as large as the copy. */
async function bytesMissing(copyFile: string, freshFile: string): Promise<number> {
  const [{ bavail, bsize }, copy, fresh] = await Promise.all([
    statfs(dirname(copyFile)),
    stat(copyFile),
    stat(freshFile).catch(() => null),
  ]);
  return copy.size - (fresh?.size ?? 0) + besideFreshBytes - bavail * bsize;
}
