// How the notes of a simulated realm stand in its file, under the schema of today or under a former one, whose fields
// have other names and types and one more that no version has a place for. Reads by the app's own table.

import { noteOfValues } from "../../../main/realm/note-objects";
import type { Note, NoteId } from "../../../shared/note";
import { chooseRules, mapValues, type Plain } from "../../../shared/recovery/field-map";

export type SchemaName = "former" | "present";

/** A note with its revision. */
export type Stored = { readonly note: Note; readonly revision: string };

const formerFields = {
  _id: "string",
  text: "string[]",
  children: "uuid[]",
  isRoot: "int",
  parent: "Note",
  orderKey: "string",
  deletedAt: "int",
  changedAt: "date",
  revision: "string",
  mood: "string",
};

const presentFields = [
  "_id",
  "text",
  "children",
  "isRoot",
  "parentId",
  "orderKey",
  "deletedAt",
  "lastUpdated",
  "revision",
];

type FormerFile = {
  readonly fields: typeof formerFields;
  readonly objects: readonly Record<string, Plain>[];
};

export function encodeNotes(notes: readonly Stored[], schema: SchemaName): string {
  if (schema === "present") return JSON.stringify(notes);
  const file: FormerFile = { fields: formerFields, objects: notes.map(asFormer) };
  return JSON.stringify(file);
}

function asFormer({ note, revision }: Stored): Record<string, Plain> {
  return {
    _id: note.id,
    text: note.text.split("\n"),
    children: note.childIds,
    isRoot: note.isRoot ? 1 : 0,
    parent: note.parentId === null ? null : { class: "Note", key: note.parentId },
    orderKey: note.orderKey,
    deletedAt: note.deletedAtMs,
    changedAt: note.lastUpdatedMs === null ? null : new Date(note.lastUpdatedMs).toISOString(),
    revision,
    mood: `calm as ${note.id.slice(0, 8)}`,
  };
}

export type Decoded = {
  readonly notes: Map<NoteId, Note>;
  readonly revisions: Map<NoteId, string>;
  readonly noteFields: readonly string[];
  /** By note: what has no place under the schema of today. */
  readonly kept: Readonly<Record<string, Readonly<Record<string, Plain>>>>;
};

export function decodeNotes(text: string): Decoded {
  const file = JSON.parse(text) as readonly Stored[] | FormerFile;
  if (!("fields" in file)) {
    return {
      notes: new Map(file.map(({ note }) => [note.id, note])),
      revisions: new Map(file.map(({ note, revision }) => [note.id, revision])),
      noteFields: presentFields,
      kept: {},
    };
  }
  const chosen = chooseRules(new Map(Object.entries(file.fields)));
  const notes = new Map<NoteId, Note>();
  const revisions = new Map<NoteId, string>();
  const kept: Record<string, Readonly<Record<string, Plain>>> = {};
  for (const object of file.objects) {
    const mapped = mapValues(object, chosen);
    const note = noteOfValues(mapped.values);
    if (note === null) continue;
    notes.set(note.id, note);
    revisions.set(note.id, String(mapped.values.revision ?? ""));
    if (Object.keys(mapped.kept).length > 0) kept[note.id] = mapped.kept;
  }
  return { notes, revisions, noteFields: Object.keys(file.fields), kept };
}
