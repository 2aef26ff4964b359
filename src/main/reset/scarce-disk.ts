// What only saves time must not take the room of what saves notes: whether a disk has any to spare.

import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** For a second safety copy, the fresh realm and what is made ahead there is to be room. */
const roomInRealms = 4;

/** Throws what the file system throws. */
export async function isDiskScarce(realmFile: string): Promise<boolean> {
  const [{ bavail, bsize }, { size }] = await Promise.all([statfs(dirname(realmFile)), stat(realmFile)]);
  return bavail * bsize < roomInRealms * size;
}
