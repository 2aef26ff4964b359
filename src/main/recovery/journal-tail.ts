// What a device wrote after its safety copy was made: the notes of the copy, and on top of them the entries that only
// the journal has. So an older copy leads to the same notes as a newer one, and what was written while there was no
// realm to write to is not left out.

import { existsSync } from "node:fs";
import type { Note, NoteId, NotesById } from "../../shared/note";
import { applyChange, changedId } from "../../shared/note-change";
import type { ResetFacts } from "../../shared/reset-machine";
import type { Log } from "../log";
import {
  type DecodeOnce,
  type Journal,
  journalFile,
  openJournal,
  readJournals,
  type StoredJournal,
} from "../notes/journal";
import type { JournalEntry, JournalHeader } from "../notes/journal-codec";
import { revisionOfWrite } from "../notes/write-number";
import type { DataPaths } from "../paths";
import type { Sealing } from "../sealed-file";

/** No entry up to this number may be given again: some were acknowledged, or are in the realm or beside its copy. */
export type TailEnd = { readonly lastSeq: number };

/**
 * `copied`: the journal as it lies beside the copy; null where none does, and then only notes that the copy does not
 * have at all are taken from the journal: what else is newer cannot be told.
 */
export function withJournalTail(
  backup: NotesAndRevisions,
  journal: TailSource | undefined,
  copied: CopiedJournal | null,
): NotesAndRevisions {
  if (journal === undefined) return backup;
  const { entries, header } = journal;
  const tail = copied === null ? entriesOfNewNotes(entries, backup.notes) : entriesAfter(entries, copied);
  if (tail.length === 0) return backup;
  const notes = new Map<NoteId, Note>(backup.notes);
  const revisions = new Map<NoteId, string>(backup.revisions);
  for (const { seq, revision, change } of tail) {
    const id = changedId(change);
    const changed = applyChange(notes.get(id), change);
    if (changed === undefined) continue;
    notes.set(id, changed);
    // It is another version than the copy has, and must not go by that one's name.
    revisions.set(id, revision ?? revisionOfWrite(header.generation, seq));
  }
  return { notes, revisions };
}

type NotesAndRevisions = { readonly notes: NotesById; readonly revisions: ReadonlyMap<NoteId, string> };

type TailSource = Pick<StoredJournal, "entries"> & { readonly header: Pick<JournalHeader, "generation"> };

export type CopiedJournal = Pick<StoredJournal, "entries"> & {
  readonly header: Pick<JournalHeader, "droppedThrough">;
};

/** The journal of this generation that was copied along with the realm. */
export function copiedJournal(
  copyFolder: string,
  userId: string,
  generation: string,
  sealing: Sealing,
  decodeOnce?: DecodeOnce,
): CopiedJournal | null {
  return (
    readJournals(copyFolder, userId, sealing, decodeOnce).journals.find(
      ({ header }) => header.generation === generation,
    ) ?? null
  );
}

function entriesAfter(entries: readonly JournalEntry[], copied: CopiedJournal): JournalEntry[] {
  const last = lastSeqOf(copied);
  return entries.filter(({ seq }) => seq > last);
}

/** What was acknowledged is packed into a file that is not copied along; the realm had it long before. */
function lastSeqOf({ entries, header }: CopiedJournal): number {
  return entries.at(-1)?.seq ?? header.droppedThrough ?? 0;
}

function entriesOfNewNotes(entries: readonly JournalEntry[], notes: NotesById): JournalEntry[] {
  const created = new Set<NoteId>();
  for (const { change } of entries) {
    if (change.kind === "create" && !notes.has(change.note.id)) created.add(change.note.id);
  }
  return entries.filter(({ change }) => created.has(changedId(change)));
}

/** Null where the copy has no journal beside it: of what is written then only new notes would be recovered. */
export function tailEnd(copied: CopiedJournal | null, acked: number, written: number): TailEnd | null {
  return copied === null ? null : { lastSeq: Math.max(acked, written, lastSeqOf(copied)) };
}

type OpenTail = {
  readonly paths: Pick<DataPaths, "journals" | "sealing">;
  readonly decodeOnce: DecodeOnce;
  readonly now: () => number;
  readonly log: Log;
};

/**
 * The journal of the file that is left behind, opened to be gone on with. Entries that a power cut took stay missing,
 * as a gap, so that nothing is deleted on its word. Throws what the file system throws.
 */
export function openTail(
  { userId, generation }: Pick<ResetFacts, "userId" | "generation">,
  { lastSeq }: TailEnd,
  { paths, decodeOnce, now, log }: OpenTail,
): Journal {
  const { journals } = readJournals(paths.journals, userId, paths.sealing, decodeOnce);
  const own = journals.find(({ header }) => header.generation === generation);
  const ordinal = 1 + Math.max(0, ...journals.map(({ header }) => header.ordinal));
  const header = { version: 1, userId, generation, ordinal, createdAtMs: now() } as const;
  const isGone = !existsSync(journalFile(paths.journals, userId, generation));
  if (isGone) {
    log("warn", "the journal of the file left behind is gone; a new one takes its place", { generation });
  }
  const onFlushError = (error: Error) => {
    log("error", "the journal could not be forced to the disk", { error: error.message });
  };
  const journal = openJournal(paths.journals, header, 1, onFlushError, paths.sealing, own?.decoded);
  journal.skipThrough(isGone ? Math.max(1, lastSeq) : lastSeq);
  return journal;
}
