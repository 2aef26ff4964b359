// The newest safety copies of a user that can be read, with their notes: what is known of notes that are gone.

import type { NotesCopy } from "../audit/last-known";
import { listBackups, readBackup } from "../reset/backup";
import type { Sealing } from "../sealed-file";

/** Newest first. Copies that are damaged are passed over. Each is read whole, so few should be asked for. */
export async function readRecentCopies(
  backups: string,
  userId: string,
  count: number,
  sealing: Sealing,
): Promise<(NotesCopy & { readonly name: string })[]> {
  const found: (NotesCopy & { readonly name: string })[] = [];
  for (const { name, manifest } of listBackups(backups)) {
    if (found.length === count) break;
    if (manifest.userId !== userId) continue;
    const read = await readBackup(backups, name, sealing);
    if (read.kind === "ok") found.push({ name, notes: read.notes, revisions: read.revisions });
  }
  return found;
}
