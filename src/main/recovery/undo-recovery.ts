// Takes back what a recovery did, one note or all of it, days later if they like: back to what the server had. Pure,
// and done twice it changes nothing the second time. What somebody changed since stays, and so does what it hangs under.

import type { Note, NoteId, NotesById } from "../../shared/note";
import { applyChanges, changedId, type NoteChange } from "../../shared/note-change";
import { isMarkedCopyOf } from "../../shared/recovery/copy-text";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { buildTree, isWithin, type Tree } from "../../shared/tree";
import { changesBetween } from "../notes/note-changes";
import { trashEmptiedHome } from "./emptied-home";

export type Resolution =
  | { readonly kind: "ok"; readonly changes: readonly NoteChange[] }
  | { readonly kind: "refused"; readonly message: string };

const changedSince = "This note was changed since, so it stays as it is.";
const underItself = "The note it was under hangs under it now, so it stays where it is. Move that one first.";
const refused = (message: string): Resolution => ({ kind: "refused", message });

/** One line of a report. `atMs`: the time to write into the trash. */
export function undoOne(item: ReportItem, notes: NotesById, atMs: number): Resolution {
  const resolution = undoItem(item, notes, atMs);
  const parentId = item.undo?.before?.parentId ?? null;
  const isMoved = resolution.kind === "ok" && resolution.changes.some(({ kind }) => kind === "place");
  if (!isMoved || parentId === null) return resolution;
  return isWithin(buildTree(notes.values()), parentId, item.noteId) ? refused(underItself) : resolution;
}

function undoItem(item: ReportItem, notes: NotesById, atMs: number): Resolution {
  if (item.undo === null) return refused("There is nothing to undo for this note.");
  const note = notes.get(item.noteId);
  const { before } = item.undo;
  if (note === undefined) return refused(changedSince);
  if (isUndone(note, before)) return { kind: "ok", changes: [] };
  if (!isAsLeft(note, item)) return refused(changedSince);
  return { kind: "ok", changes: changesBetween(note, before ?? { ...note, deletedAtMs: atMs }) };
}

function isUndone(note: Note, before: Note | null): boolean {
  return before === null ? note.deletedAtMs !== null : changesBetween(note, before).length === 0;
}

/** Reports of earlier versions say only the text that was left. */
function isAsLeft(note: Note, { undo, result }: ReportItem): boolean {
  const after = undo?.after;
  return after === undefined
    ? result === null || note.text === result
    : changesBetween(note, after).length === 0;
}

/** Nobody has written into the copy that recovery made of the device's own version. */
export function isCopyAsLeft(copy: Note, { mine }: ReportItem): boolean {
  return mine !== null && isMarkedCopyOf(copy.text, mine);
}

export type Undoing = {
  readonly changes: readonly NoteChange[];
  readonly undone: number;
  /** What stays as it is. */
  readonly left: readonly NoteId[];
};

/**
 * The inverse of a whole recovery. Listed and left alone are notes that somebody changed since or decided upon, notes
 * that recovery made and that would take another one along into the trash, and notes that would hang under themselves.
 */
export function undoRecovery(
  report: RecoveryReport,
  notes: NotesById,
  atMs: number,
  recoveredId: NoteId,
): Undoing {
  const before = buildTree(notes.values());
  const held = new Set<NoteId>();
  for (;;) {
    const undoing = undoAllBut(held, report, notes, atMs);
    const more = toBeHeld(undoing, before);
    if (more.length === 0) {
      const { changes, undone, left } = undoing;
      const emptied = trashEmptiedHome(report, notes, changes, { recoveredId, atMs });
      return { changes: [...changes, ...emptied], undone, left };
    }
    for (const id of more) held.add(id);
  }
}

/** `unmade`: what recovery had made and goes into the trash. */
type Tried = Undoing & { readonly unmade: ReadonlySet<NoteId> };

function undoAllBut(
  held: ReadonlySet<NoteId>,
  { items }: RecoveryReport,
  notes: NotesById,
  atMs: number,
): Tried {
  const changes: NoteChange[] = [];
  const left: NoteId[] = [];
  const unmade = new Set<NoteId>();
  let undone = 0;
  for (const item of items) {
    const copy = item.copyId === null ? undefined : notes.get(item.copyId);
    if (copy !== undefined && copy.deletedAtMs === null) {
      if (held.has(copy.id) || !isCopyAsLeft(copy, item)) left.push(copy.id);
      else {
        changes.push(...changesBetween(copy, { ...copy, deletedAtMs: atMs }));
        unmade.add(copy.id);
      }
    }
    const isDecided = isKeptVersion(item, notes);
    if (item.undo === null) {
      if (isDecided) left.push(item.noteId);
      continue;
    }
    const resolution = undoItem(item, notes, atMs);
    if (resolution.kind === "refused" || (resolution.changes.length > 0 && held.has(item.noteId))) {
      left.push(item.noteId);
    } else if (resolution.changes.length > 0) {
      changes.push(...resolution.changes);
      undone += 1;
      if (item.undo.before === null) unmade.add(item.noteId);
    } else if (isDecided) left.push(item.noteId);
  }
  return { changes, undone, left, unmade };
}

/** A person has chosen one of the two versions, and the note is not in the trash: that stays. */
function isKeptVersion({ settled, noteId }: ReportItem, notes: NotesById): boolean {
  return (settled === "mine" || settled === "theirs") && notes.get(noteId)?.deletedAtMs === null;
}

function toBeHeld({ changes, unmade }: Tried, before: Tree<Note>): readonly NoteId[] {
  if (changes.every(({ kind }) => kind === "text")) return [];
  const notes = new Map(before.rows);
  applyChanges(notes, changes);
  const changed = new Set(changes.map(changedId));
  const moved = new Set(changes.filter(({ kind }) => kind === "place").map(changedId));
  const after = buildTree(notes.values());
  const underThemselves = after.cycles.flat().filter((id) => moved.has(id));
  const taken = [...after.trashed].filter((id) => !before.trashed.has(id) && !changed.has(id));
  const above = new Set<NoteId>();
  for (const id of taken) {
    let at = after.parents.get(id) ?? null;
    while (at !== null && !above.has(at)) {
      above.add(at);
      at = after.parents.get(at) ?? null;
    }
  }
  return [...underThemselves, ...[...above].filter((id) => unmade.has(id))];
}
