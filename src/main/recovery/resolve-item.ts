// What a person decides about one line of a recovery report, days later if they like: which changes carry it out.
// Pure, and done twice it changes nothing the second time. What somebody wrote since is never written over.

import { mergeText } from "../../shared/merge-text";
import { isTombstone, type Note, type NoteId, type NotesById } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { compareSiblings, keyBetween } from "../../shared/order-key";
import { markedAsCopy } from "../../shared/recovery/copy-text";
import { derivedId } from "../../shared/recovery/derived-id";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { restoreLeftOut } from "./restore-left-out";

export const choices = ["mine", "theirs", "both", "restore", "delete", "keep", "undo"] as const;
export type Choice = (typeof choices)[number];

export type Resolution =
  | { readonly kind: "ok"; readonly changes: readonly NoteChange[] }
  | { readonly kind: "refused"; readonly message: string };

/** What the choice is made about: the report it stands in, the notes of now, the time to write into the trash. */
export type ResolveContext = {
  readonly resetId: string;
  readonly notes: NotesById;
  readonly atMs: number;
  /** What recovery wrote of it did not stay on the server. */
  readonly isFailed?: boolean;
};

const changed = (...changes: NoteChange[]): Resolution => ({ kind: "ok", changes });
const sameLines = "This note was edited since, at the same lines. Keep both, or edit it by hand.";
const refused = (message: string): Resolution => ({ kind: "refused", message });

export function resolveItem(item: ReportItem, choice: Choice, context: ResolveContext): Resolution {
  const { notes, atMs } = context;
  if (item.leftOut !== undefined && (choice === "restore" || choice === "mine")) {
    return { kind: "ok", changes: restoreLeftOut(item.leftOut, notes) };
  }
  if (choice === "keep") return changed();
  const note = notes.get(item.noteId);
  const isGone = note === undefined || isTombstone(note);
  if (isGone && choice !== "undo" && choice !== "delete") return broughtBack(item, choice, notes);
  if (note === undefined) return refused("This note is not here any more.");
  if (context.isFailed && choice === "mine" && item.undo?.after !== undefined) {
    return putBackAgain(item, note, item.undo.after, notes);
  }
  switch (choice) {
    case "mine":
      return withText(item, note, item.mine, context);
    case "theirs":
      return withText(item, note, item.theirs, context);
    case "both":
      return withBoth(item, note, context);
    case "restore":
      return changed(...trashedAt(note, null));
    case "delete":
      return changed(...trashedAt(note, atMs));
    case "undo":
      return undoItem(item, context);
  }
}

/** Deleted for good since, or never kept by the server: the report has all of it. */
function broughtBack(item: ReportItem, choice: "mine" | "theirs" | "both" | "restore", notes: NotesById) {
  const written = item.undo?.after;
  const text = choice === "mine" || choice === "theirs" ? item[choice] : (written?.text ?? null);
  if (written === undefined || text === null) {
    return refused("This note is not here any more. Its words are in this report and in the safety copy.");
  }
  return changed(...restoreLeftOut({ ...written, text, deletedAtMs: null }, notes));
}

/** What recovery had written, once more: its difference to what it had found, put into the note as it is now. */
function putBackAgain({ undo, base }: ReportItem, note: Note, written: Note, notes: NotesById): Resolution {
  const before = undo?.before ?? null;
  const merged = mergeText(before?.text ?? base ?? "", written.text, note.text);
  if (merged.kind !== "merged") return refused(sameLines);
  const isWhereItWas = before?.parentId === note.parentId && before.orderKey === note.orderKey;
  const { parentId, orderKey } = isWhereItWas ? written : note;
  const deletedAtMs = before?.deletedAtMs === note.deletedAtMs ? written.deletedAtMs : note.deletedAtMs;
  const wanted = { ...written, text: merged.text, parentId, orderKey, deletedAtMs };
  return changed(...restoreLeftOut(wanted, notes));
}

function trashedAt(note: Note | undefined, atMs: number | null): NoteChange[] {
  if (note === undefined || (note.deletedAtMs === null) === (atMs === null)) return [];
  return [{ kind: "deleted", id: note.id, before: note.deletedAtMs, after: atMs }];
}

function textChange(note: Note, text: string): NoteChange[] {
  return note.text === text ? [] : [{ kind: "text", id: note.id, before: note.text, after: text }];
}

/** The copy has said its word then; it goes to the trash, not away. */
function withText(item: ReportItem, note: Note, wanted: string | null, context: ResolveContext): Resolution {
  if (wanted === null) return refused("That version is not in the report.");
  const text = withNewerWords(item, note, wanted);
  if (text === null) {
    return refused(sameLines);
  }
  const copy = item.copyId === null ? undefined : context.notes.get(item.copyId);
  return changed(...textChange(note, text), ...trashedAt(copy, context.atMs));
}

/** The wanted text with what was written into the note since the report; null where both changed the same lines. */
function withNewerWords(
  { base, mine, theirs, result }: ReportItem,
  { text }: Note,
  wanted: string,
): string | null {
  if ([base, mine, theirs, result].includes(text)) return wanted;
  const merged = mergeText(result ?? theirs ?? wanted, wanted, text);
  return merged.kind === "merged" ? merged.text : null;
}

function withBoth(item: ReportItem, note: Note, { resetId, notes }: ResolveContext): Resolution {
  const { mine, theirs } = item;
  const copyId = item.copyId ?? derivedId(resetId, item.noteId, "copy");
  const copy = notes.get(copyId);
  if (copy !== undefined) return changed(...trashedAt(copy, null));
  if (mine === null || theirs === null || mine === theirs) return changed();
  const made: Note = {
    ...note,
    id: copyId,
    text: markedAsCopy(mine),
    isRoot: false,
    ...placeAfter(note, notes),
    childIds: [],
    deletedAtMs: null,
  };
  const text = withNewerWords(item, note, theirs) ?? note.text;
  return changed({ kind: "create", note: made }, ...textChange(note, text));
}

function placeAfter(note: Note, notes: NotesById): Pick<Note, "parentId" | "orderKey"> {
  const parentId = note.isRoot ? note.id : note.parentId;
  const later = [...notes.values()]
    .filter((each) => each.parentId === parentId && compareSiblings(each, note) > 0)
    .sort(compareSiblings);
  return { parentId, orderKey: keyBetween(note.isRoot ? null : note.orderKey, later[0]?.orderKey ?? null) };
}

const changedSince = "This note was changed since, so it stays as it is.";

/** Back to what the server had, unless somebody has changed the note since. */
function undoItem(item: ReportItem, { notes, atMs }: ResolveContext): Resolution {
  if (item.undo === null) return refused("There is nothing to undo for this note.");
  const note = notes.get(item.noteId);
  const { before } = item.undo;
  if (note === undefined) return refused(changedSince);
  if (isUndone(note, before)) return changed();
  if (!isAsLeft(note, item)) return refused(changedSince);
  if (before === null) return changed(...trashedAt(note, atMs));
  const changes = textChange(note, before.text);
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

function isUndone(note: Note, before: Note | null): boolean {
  return before === null ? note.deletedAtMs !== null : isSame(note, before);
}

/** Reports of earlier versions say only the text that was left. */
function isAsLeft(note: Note, { undo, result }: ReportItem): boolean {
  const after = undo?.after;
  return after === undefined ? result === null || note.text === result : isSame(note, after);
}

function isSame(a: Note, b: Note): boolean {
  return (
    a.text === b.text &&
    a.parentId === b.parentId &&
    a.orderKey === b.orderKey &&
    a.deletedAtMs === b.deletedAtMs
  );
}

/**
 * The inverse of a whole recovery; notes that somebody changed since, or put others under, are listed and left alone.
 */
export function undoRecovery(
  report: RecoveryReport,
  notes: NotesById,
  atMs: number,
): { readonly changes: readonly NoteChange[]; readonly undone: number; readonly left: readonly NoteId[] } {
  const context = { resetId: report.resetId, notes, atMs };
  const items = report.items.map((item) => ({ item, resolution: undoItem(item, context) }));
  const keptOpen = parentsOfOthers(items, notes);
  const changes: NoteChange[] = [];
  const left: NoteId[] = [];
  let undone = 0;
  for (const { item, resolution } of items) {
    const copy = item.copyId === null ? undefined : notes.get(item.copyId);
    if (copy !== undefined && copy.deletedAtMs === null) {
      if (isCopyAsLeft(copy, item) && !keptOpen.has(copy.id)) changes.push(...trashedAt(copy, atMs));
      else left.push(copy.id);
    }
    if (item.undo === null) continue;
    const isHeldOpen = item.undo.before === null && keptOpen.has(item.noteId);
    if (resolution.kind === "refused" || (isHeldOpen && resolution.changes.length > 0)) {
      left.push(item.noteId);
    } else if (resolution.changes.length > 0) {
      changes.push(...resolution.changes);
      undone += 1;
    }
  }
  return { changes, undone, left };
}

function isCopyAsLeft(copy: Note, { mine }: ReportItem): boolean {
  return mine !== null && copy.text === markedAsCopy(mine);
}

/** Notes with a live note under them that does not go back with the rest: they must not go into the trash over it. */
function parentsOfOthers(
  items: readonly { readonly item: ReportItem; readonly resolution: Resolution }[],
  notes: NotesById,
): Set<NoteId> {
  const goesBack = new Set<NoteId>();
  for (const { item, resolution } of items) {
    if (item.undo !== null && resolution.kind === "ok") goesBack.add(item.noteId);
    const copy = item.copyId === null ? undefined : notes.get(item.copyId);
    if (copy !== undefined && isCopyAsLeft(copy, item)) goesBack.add(copy.id);
  }
  const parents = new Set<NoteId>();
  for (const { id, parentId, deletedAtMs } of notes.values()) {
    let above = deletedAtMs === null && !goesBack.has(id) ? parentId : null;
    while (above !== null && !parents.has(above)) {
      parents.add(above);
      above = notes.get(above)?.parentId ?? null;
    }
  }
  return parents;
}
