// What is typed and not yet with main, kept in this window's storage: an app that ends while a save waits (a recovery
// that is cut short by another one) has it again at its next start. Never what main has; usually nothing; and nothing
// at all where notes are encrypted, since this storage is not.

import type { AppState } from "../../shared/ipc-contract";
import { isNoteId, type NoteId } from "../../shared/note";
import { type Editing, isSaved } from "./editing";

export type KeptEdit = { readonly id: NoteId; readonly base: string; readonly text: string };

const key = "perennial.unsaved";

export function unsavedOf(editings: Iterable<Editing>): readonly KeptEdit[] {
  return [...editings]
    .filter((editing) => !isSaved(editing))
    .map(({ id, base, current }) => ({ id, base, text: current }));
}

/** As long as it is not known whether the notes are encrypted, they count as if they were. */
export function mayKeepEdits(app: Pick<AppState, "encrypted"> | null): boolean {
  return app?.encrypted === false;
}

/** Those that were left are kept with them until they have been taken up. */
export function keepEdits(edits: readonly KeptEdit[]): void {
  try {
    if (edits.length > 0) localStorage.setItem(key, JSON.stringify(edits));
    else localStorage.removeItem(key);
  } catch (error) {
    // Of more than the storage takes this window is the only keeper.
    console.warn("What is typed was not kept", error);
  }
}

export function keptEdits(): readonly KeptEdit[] {
  return readEdits(localStorage.getItem(key));
}

/** Whatever was stored, as far as it makes sense. */
export function readEdits(stored: string | null): readonly KeptEdit[] {
  try {
    const raw: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(raw) ? raw.filter(isEdit) : [];
  } catch {
    return [];
  }
}

function isEdit(value: unknown): value is KeptEdit {
  if (typeof value !== "object" || value === null) return false;
  const { id, base, text } = value as Record<keyof KeptEdit, unknown>;
  return isNoteId(id) && typeof base === "string" && typeof text === "string";
}
