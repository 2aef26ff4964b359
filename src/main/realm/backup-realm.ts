// Opens a copy of a realm for reading only, without a schema of ours, so that a file of any version can be read
// and no side files appear beside it. Never opens a copy for writing.

import type { Note, NoteId } from "../../shared/note";
import { countNotes, readNotes } from "./note-objects";
import { Realm } from "./realm";

export type Unreadable = { readonly kind: "unreadable"; readonly message: string };

export type BackupContent =
  | { readonly kind: "ok"; readonly notes: Map<NoteId, Note>; readonly revisions: Map<NoteId, string> }
  | Unreadable;

export function readBackupRealm(path: string): BackupContent {
  return open(path, (realm) => ({ kind: "ok", ...readNotes(realm) }));
}

export function countBackupNotes(path: string): { readonly kind: "ok"; readonly notes: number } | Unreadable {
  return open(path, (realm) => ({ kind: "ok", notes: countNotes(realm) }));
}

function open<Result>(path: string, read: (realm: Realm) => Result): Result | Unreadable {
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
