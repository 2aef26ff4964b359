// Moves a realm file out of the notes' place where Realm has no order to do so, to where Realm itself puts such files
// and with a name like Realm's, so that whoever looks for a file left behind finds it. Nothing is deleted but side
// files that Realm makes anew.

import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { renameDurably } from "../durable-file";
import { removeSideFiles } from "../realm/side-files";

/** The file must be open nowhere. Throws what the file system throws, and then the file is where it was. */
export function moveAway(path: string, recoveredRealms: string, atMs: number): string {
  mkdirSync(recoveredRealms, { recursive: true });
  const [day, time] = new Date(atMs).toISOString().replace(/[-:]/g, "").split(/[T.]/);
  const to = join(recoveredRealms, `recovered_realm-${day}-${time}-${randomBytes(4).toString("hex")}`);
  renameDurably(path, to);
  removeSideFiles(path);
  return to;
}
