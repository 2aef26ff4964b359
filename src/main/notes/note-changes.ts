// The journal's changes that lead from a note as it is to a note as it should be. Pure.

import type { Note } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";

/** Empty where nothing differs. The `children` mirror is no change of its own: the gateway keeps it. */
export function changesBetween(current: Note | null, wanted: Note): NoteChange[] {
  const { id } = wanted;
  if (current === null) return [{ kind: "create", note: wanted }];
  const changes: NoteChange[] = [];
  if (current.text !== wanted.text) {
    changes.push({ kind: "text", id, before: current.text, after: wanted.text });
  }
  if (current.parentId !== wanted.parentId || current.orderKey !== wanted.orderKey) {
    const before = { parentId: current.parentId, orderKey: current.orderKey };
    const after = { parentId: wanted.parentId, orderKey: wanted.orderKey };
    changes.push({ kind: "place", id, before, after });
  }
  if (current.deletedAtMs !== wanted.deletedAtMs) {
    changes.push({ kind: "deleted", id, before: current.deletedAtMs, after: wanted.deletedAtMs });
  }
  return changes;
}
