// What a power cut can leave behind: writes in the realm that the journal, a file of its own, has lost.

import type { NoteChange } from "../../shared/note-change";
import type { NotesRead } from "../realm/note-realm";
import type { Journal } from "./journal";
import { standingOfNote } from "./journal-codec";
import { lastWriteIn } from "./write-number";

/**
 * By their numbers that shows only until another device writes to the same notes, so it is written down now: an entry
 * that changes nothing, and before it the gap.
 */
export function noteLostEntries({ notes, revisions }: NotesRead, journal: Journal, now: () => number): void {
  const { generation } = journal.header;
  const lost = [...notes.values()].filter(
    ({ id }) => lastWriteIn([revisions.get(id) ?? ""], generation) > journal.lastSeq(),
  );
  journal.skipThrough(lastWriteIn(revisions.values(), generation));
  if (lost.length === 0) return;
  const changes = lost.map(({ id, text }): NoteChange => ({ kind: "text", id, before: text, after: text }));
  try {
    journal.append(changes, now(), {
      revisionOf: (id) => revisions.get(id) ?? "",
      standingOf: (id) => standingOfNote(notes.get(id)!),
    });
    journal.flush();
  } catch {
    // On a full disk the numbers have to do, as long as they stand.
  }
}
