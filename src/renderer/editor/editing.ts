// One note under the fingers: what main has, what is typed, what is on its way. Pure: events in, the next state
// out. Typed text is only ever merged with what comes from elsewhere, never replaced by it.

import type { KeptTyping } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";

export type Editing = {
  readonly id: NoteId;
  /** The text main is known to have: what the typing since then starts from. */
  readonly base: string;
  /** The text on the screen. */
  readonly current: string;
  /** The text that was sent and not answered yet. */
  readonly sending: string | null;
  /** A text from elsewhere that came while one was on its way; the answer, which is newer, may settle it. */
  readonly heard: string | null;
  /** The last save was refused: it is sent again with the next typing or flush. */
  readonly refused: boolean;
};

/** Three-way merge: both sides started from `base`. */
export type Merge = (base: string, mine: string, theirs: string) => string;

export function beginEditing(id: NoteId, text: string): Editing {
  return { id, base: text, current: text, sending: null, heard: null, refused: false };
}

export function typed(editing: Editing, text: string): Editing {
  return { ...editing, current: text };
}

/** What is to be sent now: one edit at a time, so that each starts from what the one before led to. */
export function nextEdit(editing: Editing): { readonly text: string; readonly base: string } | null {
  if (editing.sending !== null || editing.current === editing.base) return null;
  return { text: editing.current, base: editing.base };
}

export function sent(editing: Editing): Editing {
  return { ...editing, sending: editing.current, refused: false };
}

/** Main answered with the text as it stands: what was sent, merged with what came in between. */
export function answered(editing: Editing, text: string, merge: Merge): Editing {
  const from = editing.sending ?? editing.base;
  return {
    ...editing,
    base: text,
    current: text === from ? editing.current : merge(from, editing.current, text),
    sending: null,
    heard: null,
  };
}

export function refusedSaving(editing: Editing, merge: Merge): Editing {
  const kept: Editing = { ...editing, sending: null, heard: null, refused: true };
  return editing.heard === null ? kept : heardElsewhere(kept, editing.heard, merge);
}

/** The text changed by another hand: sync, undo, recovery. */
export function heardElsewhere(editing: Editing, text: string, merge: Merge): Editing {
  if (editing.sending !== null) return { ...editing, heard: text };
  if (text === editing.base) return editing;
  const untouched = editing.current === editing.base || editing.current === text;
  return { ...editing, base: text, current: untouched ? text : merge(editing.base, editing.current, text) };
}

/** Nothing typed here is missing in main. */
export function isSaved(editing: Editing): boolean {
  return editing.sending === null && editing.current === editing.base;
}

/** What the next window would need, should this one end now. */
export function unsavedOf(editings: Iterable<Editing>): readonly KeptTyping[] {
  return [...editings]
    .filter((editing) => !isSaved(editing))
    .map(({ id, base, current }) => ({ id, base, text: current }));
}
