// What this device brings to a recovery: the notes of the safety copy and what the journals say of each. Read once,
// while the fresh copy is still on its way, because both take their time in a large tree.

import type { Note, NoteId } from "../../shared/note";
import type { NoteHistory } from "../../shared/recovery/plan-types";
import type { BackupRef, ResetFacts } from "../../shared/reset-machine";
import { readJournals } from "../notes/journal";
import { appId } from "../paths";
import { type LastSyncedRealm, lastSyncedKey } from "../realm/last-synced-realm";
import { readBackup } from "../reset/backup";
import { noteHistories } from "./note-history";

export type LocalSide =
  | {
      readonly kind: "ok";
      readonly notes: ReadonlyMap<NoteId, Note>;
      readonly revisions: ReadonlyMap<NoteId, string>;
      readonly history: ReadonlyMap<NoteId, NoteHistory>;
      /** False: journals are missing or damaged, and nothing may be deleted on their word. */
      readonly historyTrusted: boolean;
    }
  | { readonly kind: "unusable"; readonly message: string };

export type LocalSideReader = (facts: ResetFacts, copy: BackupRef) => Promise<LocalSide>;

type Dependencies = {
  readonly lastSynced: LastSyncedRealm;
  readonly folders: { readonly journals: string; readonly backups: string };
};

/** Answers the same reading again for the same copy; one that failed is tried anew. */
export function createLocalSideReader(dependencies: Dependencies): LocalSideReader {
  let last: { readonly copyName: string; readonly read: Promise<LocalSide> } | null = null;
  return async (facts, copy) => {
    if (last?.copyName !== copy.name)
      last = { copyName: copy.name, read: readLocalSide(facts, copy, dependencies) };
    const read = await last.read;
    if (read.kind === "unusable") last = null;
    return read;
  };
}

async function readLocalSide(
  { userId, generation }: ResetFacts,
  copy: BackupRef,
  { lastSynced, folders }: Dependencies,
): Promise<LocalSide> {
  const backup = await readBackup(folders.backups, copy.name);
  if (backup.kind === "unusable") return backup;
  const { journals, unreadable } = readJournals(folders.journals, userId);
  const acked = lastSynced.read(lastSyncedKey(appId, userId, generation))?.ackedThrough ?? 0;
  const own = journals.find(({ header }) => header.generation === generation);
  return {
    kind: "ok",
    notes: backup.notes,
    revisions: backup.revisions,
    history: noteHistories(
      journals.filter(({ header }) => header.ordinal <= (own?.header.ordinal ?? 0)),
      generation,
      acked,
    ),
    historyTrusted: own !== undefined && unreadable.length === 0 && journals.every(({ trusted }) => trusted),
  };
}
