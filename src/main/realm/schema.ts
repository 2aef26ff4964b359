// The Realm schemas. `Note` is synced: the five published fields of a tree of notes, then what safety needs.
// `LastSynced` lives in a realm of its own and is never synced.

export const noteSchema: Realm.ObjectSchema = {
  name: "Note",
  primaryKey: "_id",
  properties: {
    _id: "uuid",
    text: "string",
    children: "Note[]",
    isRoot: "bool",
    owner_id: "string",
    lastUpdated: "date?",
    parentId: "uuid?",
    orderKey: "string?",
    deletedAt: "date?",
    // New at every write, so that a value which comes back by rollback is told from one typed again.
    revision: "string?",
  },
};

export const lastSyncedSchema: Realm.ObjectSchema = {
  name: "LastSynced",
  primaryKey: "key",
  properties: {
    // <app id>/<user id>/<file generation>/<class>
    key: "string",
    // The journal's sequence number up to which the server was seen to have everything.
    ackedThrough: "int",
    at: "date",
  },
};

/** Schemas of `Note` as other versions of Perennial might have them: tests open the notes with these. */
export const noteSchemas = {
  current: noteSchema,
  /** Before anything but the published fields was there. */
  published: withProperties((all) =>
    Object.fromEntries(
      ["_id", "text", "children", "isRoot", "owner_id"].map((name) => [name, all[name] ?? ""]),
    ),
  ),
  /** A property of its own: once as a number, once as a word that every new note has. Neither opens the other's file. */
  "mood-number": withProperties((properties) => ({ ...properties, mood: "int?" })),
  "mood-word": withProperties((properties) => ({
    ...properties,
    mood: { type: "string", optional: true, default: "calm" },
  })),
} as const satisfies Record<string, Realm.ObjectSchema>;

type Properties = Readonly<Record<string, string | Realm.ObjectSchemaProperty>>;

export type NoteSchemaName = keyof typeof noteSchemas;

function withProperties(change: (properties: Properties) => Properties): Realm.ObjectSchema {
  return { ...noteSchema, properties: change(noteSchema.properties as Properties) };
}
