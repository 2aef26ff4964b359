// A change meets the note as it is at the moment it is written: by then another hand may have changed it, though nobody
// here has been told yet. Their words stay, and the change's are merged into them. Pure.

import { mergeText, mergeTextKeepingBoth } from "./merge-text";
import type { Note } from "./note";
import type { NoteChange } from "./note-change";

/**
 * What to write instead of `change`: itself where the note is as the change expects it. Of two places or deletions the
 * later stands, as everywhere; a note that is to be made and is there already keeps its place.
 */
export function rebaseChange(change: NoteChange, current: Note | null): readonly NoteChange[] {
  if (current === null) return [change];
  switch (change.kind) {
    case "create": {
      const after = mergeTextKeepingBoth(current.text, change.note.text);
      return after === current.text ? [] : [{ kind: "text", id: current.id, before: current.text, after }];
    }
    case "text": {
      if (current.text === change.before) return [change];
      const after = mergeTyped(change.before, change.after, current.text);
      return [{ ...change, before: current.text, after }];
    }
    default:
      return [change];
  }
}

/** What was typed over `base`, merged with what came since: where both changed a line, both stay. */
export function mergeTyped(base: string, typed: string, current: string): string {
  const merged = mergeText(base, typed, current);
  return merged.kind === "merged" ? merged.text : mergeTextKeepingBoth(current, typed, base);
}
