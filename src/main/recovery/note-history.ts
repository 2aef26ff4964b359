// From the journals on disk to what the planner wants to know of each note. Pure.

import type { Note, NoteId, Place } from "../../shared/note";
import { changedId } from "../../shared/note-change";
import type { FieldChange, NoteHistory } from "../../shared/recovery/plan-types";
import type { StoredJournal } from "../notes/journal";

type Growing = {
  created: NoteHistory["created"];
  born?: Note;
  text: FieldChange<string>[];
  place: FieldChange<Place>[];
  deletedAtMs: FieldChange<number | null>[];
};

/**
 * `journals` oldest first. Entries of `generation` are acknowledged up to `ackedThrough`; those of other
 * generations were carried over by the recovery that ended them, so they count as acknowledged.
 */
export function noteHistories(
  journals: readonly StoredJournal[],
  generation: string,
  ackedThrough: number,
): Map<NoteId, NoteHistory> {
  const histories = new Map<NoteId, Growing>();
  for (const { header, entries } of journals) {
    for (const { seq, atMs, change } of entries) {
      const noteId = changedId(change);
      const acked = header.generation !== generation || seq <= ackedThrough;
      let history = histories.get(noteId);
      if (history === undefined) {
        history = { created: "elsewhere", text: [], place: [], deletedAtMs: [] };
        histories.set(noteId, history);
      }
      switch (change.kind) {
        case "create":
          history.created = acked ? "acked" : "unacked";
          history.born = change.note;
          break;
        case "text":
          history.text.push({ before: change.before, after: change.after, acked, atMs });
          break;
        case "place":
          history.place.push({ before: change.before, after: change.after, acked, atMs });
          break;
        case "deleted":
          history.deletedAtMs.push({ before: change.before, after: change.after, acked, atMs });
          break;
      }
    }
  }
  return histories;
}
