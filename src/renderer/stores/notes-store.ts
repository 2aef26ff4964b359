// The rows main has told of and the tree they make. Rows come only from main: nothing is changed here in
// expectation of an answer.

import { create } from "zustand";
import type { NoteRow, NotesChange } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import type { NoteTree } from "../tree/places";
import { ask, listen } from "./bridge";

/** Null until main has told the rows for the first time. */
export const useNotes = create<{ readonly tree: NoteTree | null }>(() => ({ tree: null }));

/** The tree after a change; built anew only where places changed, for that is what takes time. */
export function treeAfter(tree: NoteTree | null, change: NotesChange): NoteTree | null {
  if (change.kind === "all") return buildTree(change.rows, change.rootId);
  if (tree === null) return null;
  const rows = new Map(tree.rows);
  let placesChanged = false;
  for (const row of change.upserted) {
    const before = rows.get(row.id);
    placesChanged ||= before === undefined || !samePlace(before, row);
    rows.set(row.id, row);
  }
  for (const id of change.removed) placesChanged = rows.delete(id) || placesChanged;
  return placesChanged ? buildTree(rows.values(), tree.rootId ?? undefined) : { ...tree, rows };
}

function samePlace(a: NoteRow, b: NoteRow): boolean {
  return (
    a.parentId === b.parentId &&
    a.orderKey === b.orderKey &&
    a.deletedAtMs === b.deletedAtMs &&
    a.isRoot === b.isRoot &&
    a.adoptedBy === b.adoptedBy
  );
}

export async function followNotes(): Promise<void> {
  let heard = false;
  listen("notes:changed", (change) => {
    heard ||= change.kind === "all";
    useNotes.setState(({ tree }) => ({ tree: treeAfter(tree, change) }));
  });
  // Refused while the notes are not open yet: then they are told of as soon as they are.
  const answer = await ask("notes:all");
  if (answer.kind === "ok" && !heard) useNotes.setState({ tree: treeAfter(null, answer.value) });
}

export function titleOfRow(id: NoteId): string {
  return useNotes.getState().tree?.rows.get(id)?.title ?? "Untitled";
}

/** Resolves once the note stands in the tree as `fits` wants it; main's answer may overtake the rows. */
export function whenRow(id: NoteId, fits: (row: NoteRow) => boolean = () => true): Promise<void> {
  const isThere = (tree: NoteTree | null) => {
    const row = tree?.rows.get(id);
    return row !== undefined && fits(row);
  };
  return new Promise((resolve) => {
    if (isThere(useNotes.getState().tree)) {
      resolve();
      return;
    }
    const stop = useNotes.subscribe(({ tree }) => {
      if (!isThere(tree)) return;
      stop();
      resolve();
    });
  });
}
