// Opens a copy of a realm for reading only, without a schema of ours, so that a file of any version can be read
// and no side files appear beside it. Never opens a copy for writing.

import type { Note, NoteId } from "../../shared/note";
import {
  chooseRules,
  type FieldRule,
  isPresentSchema,
  mapValues,
  type NoteField,
} from "../../shared/recovery/field-map";
import type { Fields } from "../../shared/recovery/strategies/schema-break";
import type { Sealing } from "../sealed-file";
import { noteFieldsOf } from "./note-fields";
import { countNotes, type NoteObject, noteOfValues, readNotes } from "./note-objects";
import { plainFields } from "./plain-values";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

export type Unreadable = { readonly kind: "unreadable"; readonly message: string };

export type BackupContent =
  | { readonly kind: "ok"; readonly notes: Map<NoteId, Note>; readonly revisions: Map<NoteId, string> }
  | Unreadable;

/** Notes of another version's schema are read by the table of field-map.ts. */
export function readBackupRealm(path: string, sealing: Sealing): BackupContent {
  return openForReading(path, sealing, (realm) => {
    const fields = noteFieldsOf(realm.schema);
    if (fields === null) return { kind: "ok", ...readNotes(realm) };
    const chosen = chooseRules(fields);
    // Notes without it would be taken for empty ones, and their emptiness for somebody's edit.
    const missing = (["_id", "text"] as const).find((name) => !chosen.has(name));
    if (missing !== undefined) return { kind: "unreadable", message: `its notes have no field '${missing}'` };
    return { kind: "ok", ...(isPresentSchema(chosen) ? readNotes(realm) : readMapped(realm, chosen)) };
  });
}

function readMapped(realm: Realm, chosen: ReadonlyMap<NoteField, FieldRule>) {
  const notes = new Map<NoteId, Note>();
  const revisions = new Map<NoteId, string>();
  const names = [...chosen.values()].map(({ from }) => from);
  for (const object of realm.objects<NoteObject>(noteSchema.name)) {
    const { values } = mapValues(plainFields(object, names), chosen);
    const note = noteOfValues(values);
    if (note === null) continue;
    notes.set(note.id, note);
    revisions.set(note.id, String(values.revision ?? ""));
  }
  return { notes, revisions };
}

/** What is worth knowing of a file without reading its notes. */
export type BackupSummary = {
  readonly kind: "ok";
  readonly notes: number;
  readonly schemaVersion: number;
  readonly noteFields: readonly string[];
};

export function summarizeBackup(path: string, sealing: Sealing): BackupSummary | Unreadable {
  return openForReading(path, sealing, (realm) => ({
    kind: "ok",
    notes: countNotes(realm),
    schemaVersion: realm.schemaVersion,
    noteFields: [...(noteFieldsOf(realm.schema)?.keys() ?? [])],
  }));
}

/** The fields that the file's notes have, and null where it has none or cannot be read. */
export function readBackupFields(path: string, sealing: Sealing): Fields | null {
  const read = openForReading(path, sealing, (realm) => ({
    kind: "ok" as const,
    fields: noteFieldsOf(realm.schema),
  }));
  return read.kind === "ok" ? read.fields : null;
}

/** Answers what `read` answers of the file, or why it could not be read. */
export function openForReading<Result>(
  path: string,
  sealing: Sealing,
  read: (realm: Realm) => Result,
): Result | Unreadable {
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path, readOnly: true, ...sealing.realm });
    return read(realm);
  } catch (error) {
    return { kind: "unreadable", message: error instanceof Error ? error.message : String(error) };
  } finally {
    realm?.close();
  }
}
