// What the guides have an app record while it runs (`lastUpdated` of each object or field, an Updates log, and when
// everything had last been uploaded), read from the edit journal instead. A field was updated after LastSynced
// exactly where the journal has a change of it that the server was not seen to have: the tracker acknowledges up to
// a sequence number taken before its wait, so none of it depends on a clock. Nothing more has to be synced for it.

import type { Note, NoteId } from "../../note";
import type { FieldChange, NoteHistory, RecoveryInput } from "../plan-types";

/** The units that are written together: parent and order key change in one write, always. */
export const recordedFields = ["text", "place", "deletedAtMs"] as const;
export type RecordedField = (typeof recordedFields)[number];

/** One entry of the Updates log: that a field was written, not what was written. */
export type Update = { readonly noteId: NoteId; readonly field: RecordedField };

const everyField: ReadonlySet<RecordedField> = new Set(recordedFields);
const noField: ReadonlySet<RecordedField> = new Set();

/** The fields with `lastUpdated` after LastSynced. Where that is not known, all of them may be unsynced. */
export function fieldsUpdated(
  { history, historyTrusted }: RecoveryInput,
  id: NoteId,
): ReadonlySet<RecordedField> {
  if (!historyTrusted) return everyField;
  const known = history.get(id);
  if (known === undefined) return noField;
  // A creation writes every field.
  if (known.created === "unacked") return everyField;
  return new Set(recordedFields.filter((field) => hasUnacked(known[field])));
}

/** The object's own `lastUpdated` is that of the field written last. */
export function isObjectUpdated(input: RecoveryInput, id: NoteId): boolean {
  return fieldsUpdated(input, id).size > 0;
}

/** The entries of the Updates log after LastSynced, those of one note together in the order of the first. */
export function updatesAfterLastSynced(input: RecoveryInput): readonly Update[] {
  const ids = input.historyTrusted ? [...input.history.keys()] : [...input.local.keys()];
  return ids.flatMap((noteId) => [...fieldsUpdated(input, noteId)].map((field) => ({ noteId, field })));
}

export function withField(note: Note, field: RecordedField, from: Note): Note {
  const { text, parentId, orderKey, deletedAtMs, lastUpdatedMs } = from;
  switch (field) {
    case "text":
      return { ...note, text, lastUpdatedMs };
    case "place":
      return { ...note, parentId, orderKey, lastUpdatedMs };
    case "deletedAtMs":
      return { ...note, deletedAtMs, lastUpdatedMs };
  }
}

function hasUnacked(changes: NoteHistory[RecordedField]): boolean {
  return (changes as readonly FieldChange<unknown>[]).some(({ acked }) => !acked);
}
