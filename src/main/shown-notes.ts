// Which notes are shown: those of the open realm or, while that one is being recovered or cannot be touched, those of
// a safety copy. Reads only.

import type { NotesChange } from "../shared/ipc-contract";
import { isTombstone, type Note, type NoteId } from "../shared/note";
import type { BackupRef } from "../shared/reset-machine";
import type { Log } from "./log";
import { rootIdOf } from "./notes/known-notes";
import { type NoteStore, rowOf } from "./notes/note-store";
import { readBackupRealm } from "./realm/backup-realm";
import { readBackup } from "./reset/backup";
import type { NotesSource } from "./reset/find-reset";

export type NotesShown = { readonly rootId: NoteId; readonly rows: ReturnType<NoteStore["rows"]> };

export type ViewedCopy = { readonly name: string; readonly userId: string; readonly createdAtMs: number };

export type ShownNotes = {
  readonly isCopy: () => boolean;
  readonly showCopy: (copy: BackupRef) => Promise<void>;
  /** The notes as they are in a file that could not be copied. */
  readonly showFile: (source: NotesSource) => void;
  /** A copy that a person wants to read; answers why it cannot be read, or null. */
  readonly viewCopy: (copy: ViewedCopy) => Promise<string | null>;
  readonly viewed: () => ViewedCopy | null;
  /** Back to the open realm. */
  readonly showRealm: () => void;
  readonly notes: () => NotesShown | null;
  readonly read: (id: NoteId) => Note | null;
  /** Tells the window everything anew. */
  readonly announceAll: () => void;
};

type Dependencies = {
  readonly backups: string;
  /** Whose notes these are. */
  readonly userId: () => string | null;
  /** The store of the open realm. */
  readonly store: () => NoteStore | null;
  readonly onNotes: (change: NotesChange) => void;
  readonly log: Log;
};

export function createShownNotes({ backups, userId, store, onNotes, log }: Dependencies): ShownNotes {
  let copied: ReadonlyMap<NoteId, Note> | null = null;
  let viewed: ViewedCopy | null = null;

  function notes(): NotesShown | null {
    const owner = viewed?.userId ?? userId();
    if (owner === null) return null;
    if (copied !== null) {
      const rows = [...copied.values()].filter((note) => !isTombstone(note)).map(rowOf);
      return { rootId: rootIdOf(owner), rows: new Map(rows.map((row) => [row.id, row])) };
    }
    const open = store();
    return open === null ? null : { rootId: open.rootId, rows: open.rows() };
  }

  function announceAll(): void {
    const all = notes();
    if (all !== null) onNotes({ kind: "all", rootId: all.rootId, rows: [...all.rows.values()] });
  }

  return {
    isCopy: () => copied !== null,
    async showCopy(copy) {
      const read = await readBackup(backups, copy.name);
      if (read.kind === "unusable") {
        log("error", "the safety copy cannot be shown", { error: read.message });
        return;
      }
      copied = read.notes;
      viewed = null;
      announceAll();
    },
    showFile(source) {
      const content = source.kind === "file" ? readBackupRealm(source.path) : null;
      if (content?.kind !== "ok") return;
      copied = content.notes;
      announceAll();
    },
    async viewCopy(copy) {
      const read = await readBackup(backups, copy.name);
      if (read.kind === "unusable") return read.message;
      copied = read.notes;
      viewed = copy;
      announceAll();
      return null;
    },
    viewed: () => viewed,
    showRealm() {
      copied = null;
      viewed = null;
    },
    notes,
    read: (id) => copied?.get(id) ?? store()?.read(id) ?? null,
    announceAll,
  };
}
