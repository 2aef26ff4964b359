// What a person decides about one line of a recovery report, days later if they like: which changes carry it out.
// Pure. 'both' needs none: both versions are there already.

import type { NoteId, NotesById } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { restoreLeftOut } from "./restore-left-out";

export type Choice = "mine" | "theirs" | "both" | "restore" | "undo";

export type Resolution =
  | { readonly kind: "ok"; readonly changes: readonly NoteChange[] }
  | { readonly kind: "refused"; readonly message: string };

export function resolveItem(item: ReportItem, choice: Choice, notes: NotesById, atMs: number): Resolution {
  if (item.leftOut !== undefined && choice === "restore") {
    return { kind: "ok", changes: restoreLeftOut(item.leftOut, notes) };
  }
  const note = notes.get(item.noteId);
  if (note === undefined) return { kind: "refused", message: "This note is not here any more." };
  switch (choice) {
    case "both":
      return { kind: "ok", changes: [] };
    case "mine":
      return withText(item, item.mine, notes, atMs);
    case "theirs":
      return withText(item, item.theirs, notes, atMs);
    case "restore":
      return {
        kind: "ok",
        changes:
          note.deletedAtMs === null
            ? []
            : [{ kind: "deleted", id: note.id, before: note.deletedAtMs, after: null }],
      };
    case "undo":
      return undoItem(item, notes, atMs);
  }
}

function withText(item: ReportItem, text: string | null, notes: NotesById, atMs: number): Resolution {
  const note = notes.get(item.noteId);
  if (note === undefined || text === null)
    return { kind: "refused", message: "That version is not in the report." };
  const changes: NoteChange[] =
    note.text === text ? [] : [{ kind: "text", id: note.id, before: note.text, after: text }];
  const copy = item.copyId === null ? undefined : notes.get(item.copyId);
  // The other version stays to be had: the copy goes to the trash, not away.
  if (copy !== undefined && copy.deletedAtMs === null && text === item.mine) {
    changes.push({ kind: "deleted", id: copy.id, before: null, after: atMs });
  }
  return { kind: "ok", changes };
}

/** Back to what the server had, unless somebody has changed the note since. */
function undoItem(item: ReportItem, notes: NotesById, atMs: number): Resolution {
  if (item.undo === null) return { kind: "refused", message: "There is nothing to undo for this note." };
  const note = notes.get(item.noteId);
  if (note === undefined || (item.result !== null && note.text !== item.result)) {
    return { kind: "refused", message: "This note was changed since, so it stays as it is." };
  }
  const { before } = item.undo;
  const changes: NoteChange[] = [];
  if (before === null) {
    if (note.deletedAtMs === null) changes.push({ kind: "deleted", id: note.id, before: null, after: atMs });
    return { kind: "ok", changes };
  }
  if (note.text !== before.text)
    changes.push({ kind: "text", id: note.id, before: note.text, after: before.text });
  if (note.parentId !== before.parentId || note.orderKey !== before.orderKey) {
    changes.push({
      kind: "place",
      id: note.id,
      before: { parentId: note.parentId, orderKey: note.orderKey },
      after: { parentId: before.parentId, orderKey: before.orderKey },
    });
  }
  if (note.deletedAtMs !== before.deletedAtMs) {
    changes.push({ kind: "deleted", id: note.id, before: note.deletedAtMs, after: before.deletedAtMs });
  }
  return { kind: "ok", changes };
}

/** The inverse of a whole recovery; notes that somebody changed since are listed and left alone. */
export function undoRecovery(
  report: RecoveryReport,
  notes: NotesById,
  atMs: number,
): { readonly changes: readonly NoteChange[]; readonly undone: number; readonly left: readonly NoteId[] } {
  const changes: NoteChange[] = [];
  const left: NoteId[] = [];
  let undone = 0;
  for (const item of report.items) {
    const copy = item.copyId === null ? undefined : notes.get(item.copyId);
    if (copy !== undefined && copy.deletedAtMs === null) {
      changes.push({ kind: "deleted", id: copy.id, before: null, after: atMs });
    }
    if (item.undo === null) continue;
    const resolution = undoItem(item, notes, atMs);
    if (resolution.kind === "refused") {
      left.push(item.noteId);
    } else if (resolution.changes.length > 0) {
      changes.push(...resolution.changes);
      undone += 1;
    }
  }
  return { changes, undone, left };
}
