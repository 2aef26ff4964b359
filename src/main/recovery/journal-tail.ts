// What a device wrote after its safety copy was made: the notes of the copy, and on top of them the entries that only
// the journal has. So an older copy leads to the same notes as a newer one, and what was written while there was no
// realm to write to is not left out.

import type { Note, NoteId, NotesById } from "../../shared/note";
import { applyChange } from "../../shared/note-change";
import { readJournals, type StoredJournal } from "../notes/journal";
import { changedId, type JournalEntry } from "../notes/journal-codec";
import type { Sealing } from "../sealed-file";

/**
 * `copied`: the journal as it lies beside the copy; null where none does, and then only notes that the copy does not
 * have at all are taken from the journal: what else is newer cannot be told.
 */
export function withJournalTail(
  notes: NotesById,
  journal: Pick<StoredJournal, "entries"> | undefined,
  copied: Pick<StoredJournal, "entries"> | null,
): NotesById {
  if (journal === undefined) return notes;
  const tail = copied === null ? entriesOfNewNotes(journal.entries, notes) : entriesAfter(journal, copied);
  if (tail.length === 0) return notes;
  const all = new Map<NoteId, Note>(notes);
  for (const { change } of tail) {
    const id = changedId(change);
    const changed = applyChange(all.get(id), change);
    if (changed !== undefined) all.set(id, changed);
  }
  return all;
}

/** The journal of this generation that was copied along with the realm. */
export function copiedJournal(
  copyFolder: string,
  userId: string,
  generation: string,
  sealing: Sealing,
): Pick<StoredJournal, "entries"> | null {
  return (
    readJournals(copyFolder, userId, sealing).journals.find(
      ({ header }) => header.generation === generation,
    ) ?? null
  );
}

function entriesAfter(
  { entries }: Pick<StoredJournal, "entries">,
  copied: Pick<StoredJournal, "entries">,
): JournalEntry[] {
  const last = copied.entries.at(-1)?.seq ?? 0;
  return entries.filter(({ seq }) => seq > last);
}

function entriesOfNewNotes(entries: readonly JournalEntry[], notes: NotesById): JournalEntry[] {
  const created = new Set<NoteId>();
  for (const { change } of entries) {
    if (change.kind === "create" && !notes.has(change.note.id)) created.add(change.note.id);
  }
  return entries.filter(({ change }) => created.has(changedId(change)));
}
