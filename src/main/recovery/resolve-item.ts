// What a person decides about one line of a recovery report, days later if they like: which changes carry it out.
// Pure, and done twice it changes nothing the second time. What somebody wrote since is never written over.

import { mergeText } from "../../shared/merge-text";
import { isTombstone, type Note, type NoteId, type NotesById } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { compareSiblings, keyBetween } from "../../shared/order-key";
import { markedAsCopy } from "../../shared/recovery/copy-text";
import { derivedId } from "../../shared/recovery/derived-id";
import type { ReportItem } from "../../shared/recovery/plan-types";
import { buildTree } from "../../shared/tree";
import { restoreNote } from "../../shared/tree-operations";
import { restoreLeftOut } from "./restore-left-out";
import { isCopyAsLeft, type Resolution, undoOne } from "./undo-recovery";

export const choices = ["mine", "theirs", "both", "restore", "delete", "keep", "undo"] as const;
export type Choice = (typeof choices)[number];

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
      return changed(...outOfTrash(note, notes));
    case "delete":
      return changed(...trashedAt(note, atMs));
    case "undo":
      return undoOne(item, notes, atMs);
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

/** To where it was or, where that is in the trash as well, to the end of the notes: it is to be seen again. */
function outOfTrash({ id }: Note, notes: NotesById): readonly NoteChange[] {
  const operation = restoreNote(buildTree(notes.values()), id);
  return operation.kind === "ok" ? operation.changes : [];
}

function trashedAt(note: Note | undefined, atMs: number | null): NoteChange[] {
  if (note === undefined || (note.deletedAtMs === null) === (atMs === null)) return [];
  return [{ kind: "deleted", id: note.id, before: note.deletedAtMs, after: atMs }];
}

function textChange(note: Note, text: string): NoteChange[] {
  return note.text === text ? [] : [{ kind: "text", id: note.id, before: note.text, after: text }];
}

/**
 * The copy has said its word then; it goes to the trash, not away. One that somebody wrote into or put notes under
 * since stays.
 */
function withText(item: ReportItem, note: Note, wanted: string | null, context: ResolveContext): Resolution {
  if (wanted === null) return refused("That version is not in the report.");
  const text = withNewerWords(item, note, wanted);
  if (text === null) {
    return refused(sameLines);
  }
  const copy = item.copyId === null ? undefined : context.notes.get(item.copyId);
  const isDone = copy !== undefined && isCopyAsLeft(copy, item) && !hasNotesUnder(copy.id, context.notes);
  return changed(...textChange(note, text), ...(isDone ? trashedAt(copy, context.atMs) : []));
}

function hasNotesUnder(id: NoteId, notes: NotesById): boolean {
  for (const { parentId, deletedAtMs } of notes.values()) {
    if (parentId === id && deletedAtMs === null) return true;
  }
  return false;
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
    text: markedAsCopy(mine, null),
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
