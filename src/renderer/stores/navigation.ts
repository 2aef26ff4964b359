// Going somewhere in the window: opening a note, showing where it stands, putting the focus into its text.

import type { NoteId } from "../../shared/note";
import { linesAbove } from "../tree/places";
import { useNotes } from "./notes-store";
import { type LineId, setView, useView } from "./view-store";

type OpenOptions = {
  /** Put the caret into the title or the text; otherwise the focus stays where it is. */
  readonly caretIn?: "title" | "text";
};

/** Opens the note and shows it in the tree. */
export function openNote(id: NoteId, { caretIn }: OpenOptions = {}): void {
  setView({ openId: id, page: { kind: "note" } });
  revealNote(id);
  if (caretIn !== undefined) wantCaret(id, caretIn);
}

/** To the notes of a safety copy, which stand in the place of the notes. */
export function showCopy(): void {
  setView(({ openId, page }) => ({
    beforeCopy: { openId, page },
    page: { kind: "note" },
    openId: null,
  }));
}

/** Back to where the copy was opened, with the note that was open then. */
export function leaveCopy(): void {
  setView(({ beforeCopy }) => {
    const { openId, page } = beforeCopy ?? { openId: null, page: { kind: "copies" } };
    return {
      beforeCopy: null,
      page,
      openId,
      focusId: openId,
      selected: new Set<LineId>(openId === null ? [] : [openId]),
    };
  });
}

/** Expands what is above the note, and makes it the tree's one selected line. */
export function revealNote(id: NoteId): void {
  const { tree } = useNotes.getState();
  if (tree === null) return;
  if (tree.trashed.has(id)) {
    setView({ trashShown: true, trashFocusId: id });
    return;
  }
  const above = linesAbove(tree, id);
  const { expanded } = useView.getState();
  setView({
    focusId: id,
    selected: new Set<LineId>([id]),
    ...(above.every((line) => expanded.has(line)) ? {} : { expanded: new Set([...expanded, ...above]) }),
  });
}

/** Into the tree, as soon as it is in the page. */
export function focusTree(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="tree"]')?.focus());
}

/** What had the focus is gone: a message that was answered, a question that was. */
export function focusTreeIfNowhere(): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) focusTree();
  });
}

/** The editor takes this up when the note's text is there. */
let wanted: { readonly id: NoteId; readonly part: "title" | "text" } | null = null;
const waitingEditors = new Set<() => void>();

/** Asks the editor to take the focus, once it has the note. */
export function wantCaret(id: NoteId, part: "title" | "text"): void {
  wanted = { id, part };
  for (const tell of waitingEditors) tell();
}

/** Answers once: the part of the open note the caret was wanted in. */
export function takeWantedCaret(id: NoteId): "title" | "text" | null {
  if (wanted?.id !== id) return null;
  const { part } = wanted;
  wanted = null;
  return part;
}

/** Tells an editor that has its text already. Returns the function that stops it. */
export function onCaretWanted(listener: () => void): () => void {
  waitingEditors.add(listener);
  return () => waitingEditors.delete(listener);
}
