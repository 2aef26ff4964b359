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
