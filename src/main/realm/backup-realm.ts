// Opens a copy of a realm for reading only, without a schema of ours, so that a file of any version can be read
// and no side files appear beside it. Never opens a copy for writing.

import type { Note, NoteId } from "../../shared/note";
import { readNotes } from "./note-objects";
import { Realm } from "./realm";

export type BackupContent =
  | { readonly kind: "ok"; readonly notes: Map<NoteId, Note>; readonly revisions: Map<NoteId, string> }
  | { readonly kind: "unreadable"; readonly message: string };

export function readBackupRealm(path: string): BackupContent {
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path, readOnly: true });
    return { kind: "ok", ...readNotes(realm) };
  } catch (error) {
    return { kind: "unreadable", message: error instanceof Error ? error.message : String(error) };
  } finally {
    realm?.close();
  }
}
