// What stands in for a safety copy that was damaged after it was made: the very file that it was a copy of, where
// Realm has moved that away, or another whole copy of the same file. The journal brings what an older copy lacks.

import { join } from "node:path";
import type { ResetFacts } from "../../shared/reset-machine";
import { damageOf, hashFile, listBackups, readManifest } from "./backup";
import { listRecovered, type NotesSource, refOf } from "./find-reset";

export async function findReplacement(
  { userId, generation }: ResetFacts,
  damagedName: string,
  { backups, recoveredRealms }: { readonly backups: string; readonly recoveredRealms: string },
): Promise<NotesSource> {
  const manifest = await readManifest(backups, damagedName).catch(() => null);
  for (const name of manifest === null ? [] : listRecovered(recoveredRealms)) {
    const path = join(recoveredRealms, name);
    if ((await hashFile(path)) === manifest?.sha256) return { kind: "file", path };
  }
  const others = listBackups(backups).filter(
    ({ name, manifest: each }) =>
      name !== damagedName && each.userId === userId && each.generation === generation,
  );
  // Those of a reset have the journal beside them.
  const inOrder = [
    ...others.filter(({ manifest: each }) => each.kind !== "daily"),
    ...others.filter(({ manifest: each }) => each.kind === "daily"),
  ];
  for (const other of inOrder) {
    if ((await damageOf(backups, other.name)) === null) return { kind: "copy", copy: refOf(other) };
  }
  return { kind: "none" };
}
