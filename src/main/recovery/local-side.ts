// What this device brings to a recovery: the notes of the safety copy with what was written since, and what the
// journals say of each. Read once, while the fresh copy is still on its way, because both take their time in a large
// tree; the journals again where something was written meanwhile.

import { statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Note, NoteId } from "../../shared/note";
import type { NoteHistory } from "../../shared/recovery/plan-types";
import type { BackupRef, ResetFacts } from "../../shared/reset-machine";
import { journalFile, readJournals } from "../notes/journal";
import { lacksEntries, lastWriteIn } from "../notes/write-number";
import { appId } from "../paths";
import { type LastSyncedRealm, lastSyncedKey } from "../realm/last-synced-realm";
import { type ReadBackup, readBackup } from "../reset/backup";
import type { Sealing } from "../sealed-file";
import { type InterimAttempt, type InterimCopy, interimCopies, readInterim } from "./interim-copies";
import { copiedJournal, type TailEnd, tailEnd, withJournalTail } from "./journal-tail";
import { noteHistories } from "./note-history";

export type LocalSide =
  | {
      readonly kind: "ok";
      readonly notes: ReadonlyMap<NoteId, Note>;
      readonly revisions: ReadonlyMap<NoteId, string>;
      readonly history: ReadonlyMap<NoteId, NoteHistory>;
      /** False: journals are missing, damaged or behind the notes, and nothing may be deleted on their word. */
      readonly historyTrusted: boolean;
      /** Of earlier attempts of this recovery, oldest first: what the server had then. */
      readonly interim: readonly InterimAttempt[];
      /** Where the journal goes on with what is written on top of these notes; null: nothing of that would be read. */
      readonly tail: TailEnd | null;
    }
  | { readonly kind: "unusable"; readonly message: string };

export type LocalSideReader = {
  readonly read: (facts: ResetFacts, copy: BackupRef) => Promise<LocalSide>;
  /** The recovery is over: in a large tree what was read takes much memory. */
  readonly forget: () => void;
};

type Side = Omit<Extract<LocalSide, { kind: "ok" }>, "interim">;

type Dependencies = {
  readonly lastSynced: LastSyncedRealm;
  readonly folders: { readonly journals: string; readonly backups: string; readonly sealing: Sealing };
};

type Reading = {
  readonly copyName: string;
  readonly interimNames: string;
  readonly backup: Promise<ReadBackup>;
  readonly journalBytes: number;
  readonly side: Promise<LocalSide>;
};

/** Answers the same reading again for the same copy and journal; one that failed is tried anew. */
export function createLocalSideReader(dependencies: Dependencies): LocalSideReader {
  const { folders } = dependencies;
  let last: Reading | null = null;

  async function read(facts: ResetFacts, copy: BackupRef): Promise<LocalSide> {
    const file = journalFile(folders.journals, facts.userId, facts.generation);
    const journalBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const interim = interimCopies(facts, folders.backups);
    const interimNames = interim.map(({ name }) => name).join(" ");
    const isSame = last?.copyName === copy.name && last.interimNames === interimNames;
    if (last === null || !isSame || last.journalBytes !== journalBytes) {
      const backup =
        last?.copyName === copy.name ? last.backup : readBackup(folders.backups, copy.name, folders.sealing);
      const side = backup.then((read) =>
        read.kind === "unusable" ? read : withInterim(withJournals(read, facts, copy, dependencies), interim),
      );
      last = { copyName: copy.name, interimNames, backup, journalBytes, side };
    }
    const side = await last.side;
    if (side.kind === "unusable") last = null;
    return side;
  }

  async function withInterim(side: Side, copies: readonly InterimCopy[]): Promise<LocalSide> {
    const interim: InterimAttempt[] = [];
    for (const each of copies) {
      const found = await readInterim(each, folders);
      if (found !== null) interim.push(found);
    }
    return { ...side, interim };
  }

  return {
    read,
    forget() {
      last = null;
    },
  };
}

function withJournals(
  backup: Extract<ReadBackup, { kind: "ok" }>,
  { userId, generation }: ResetFacts,
  copy: BackupRef,
  { lastSynced, folders }: Dependencies,
): Side {
  const file = journalFile(folders.journals, userId, generation);
  const { journals, unreadable } = readJournals(folders.journals, userId, folders.sealing);
  const acked = lastSynced.read(lastSyncedKey(appId, userId, generation))?.ackedThrough ?? 0;
  const own = journals.find(({ header }) => header.generation === generation);
  const copied = copiedJournal(join(folders.backups, copy.name), userId, generation, folders.sealing);
  const written = lastWriteIn(backup.revisions.values(), generation);
  return {
    kind: "ok",
    notes: withJournalTail(backup.notes, own, copied),
    tail: unreadable.includes(basename(file)) ? null : tailEnd(copied, acked, written),
    revisions: backup.revisions,
    history: noteHistories(
      journals.filter(({ header }) => header.ordinal <= (own?.header.ordinal ?? 0)),
      generation,
      acked,
    ),
    historyTrusted:
      own !== undefined &&
      unreadable.length === 0 &&
      journals.every(({ trusted }) => trusted) &&
      !lacksEntries(own, acked, backup.revisions.values()),
  };
}
