// Opens a copy of a realm for reading only, without a schema of ours, so that a file of any version can be read
// and no side files appear beside it. Never opens a copy for writing.

import type { Note, NoteId } from "../../shared/note";
import type { Fields } from "../../shared/recovery/strategies/schema-break";
import { countNotes, readNotes } from "./note-objects";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

export type Unreadable = { readonly kind: "unreadable"; readonly message: string };

export type BackupContent =
  | { readonly kind: "ok"; readonly notes: Map<NoteId, Note>; readonly revisions: Map<NoteId, string> }
  | Unreadable;

export function readBackupRealm(path: string): BackupContent {
  return openForReading(path, (realm) => {
    const missing = missingField(realm.schema);
    // Notes without it would be taken for empty ones, and their emptiness for somebody's edit.
    if (missing !== null) return { kind: "unreadable", message: `its notes have no field '${missing}'` };
    return { kind: "ok", ...readNotes(realm) };
  });
}

function missingField(schema: readonly Realm.ObjectSchema[]): string | null {
  const fields = fieldsOf(schema);
  if (fields === null) return null;
  return ["_id", "text"].find((name) => !fields.has(name)) ?? null;
}

/** What is worth knowing of a file without reading its notes. */
export type BackupSummary = {
  readonly kind: "ok";
  readonly notes: number;
  readonly schemaVersion: number;
  readonly noteFields: readonly string[];
};

export function summarizeBackup(path: string): BackupSummary | Unreadable {
  return openForReading(path, (realm) => ({
    kind: "ok",
    notes: countNotes(realm),
    schemaVersion: realm.schemaVersion,
    noteFields: [...(fieldsOf(realm.schema)?.keys() ?? [])],
  }));
}

/** The fields that the file's notes have, and null where it has none or cannot be read. */
export function readBackupFields(path: string): Fields | null {
  const read = openForReading(path, (realm) => ({ kind: "ok" as const, fields: fieldsOf(realm.schema) }));
  return read.kind === "ok" ? read.fields : null;
}

function fieldsOf(schema: readonly Realm.ObjectSchema[]): Fields | null {
  const note = schema.find(({ name }) => name === noteSchema.name);
  if (note === undefined) return null;
  return new Map(Object.entries(note.properties).map(([name, property]) => [name, typeOf(property)]));
}

function typeOf(property: Realm.ObjectSchemaProperty | string): string {
  if (typeof property === "string") return property;
  const { type, objectType = "", optional } = property;
  const marks: Readonly<Record<string, string>> = { list: "[]", set: "<>", dictionary: "{}" };
  const mark = marks[type];
  if (mark !== undefined) return `${objectType}${mark}`;
  return `${type === "object" ? objectType : type}${optional === true && type !== "object" ? "?" : ""}`;
}

/** Answers what `read` answers of the file, or why it could not be read. */
export function openForReading<Result>(path: string, read: (realm: Realm) => Result): Result | Unreadable {
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path, readOnly: true });
    return read(realm);
  } catch (error) {
    return { kind: "unreadable", message: error instanceof Error ? error.message : String(error) };
  } finally {
    realm?.close();
  }
}
