// The notes of a safety copy, in memory: read as they are, and written to while their realm is not there, into the
// journal alone. What is written so is part of what the recovery plans with. Never touches the copy itself.

import type { NoteRow } from "../../shared/ipc-contract";
import { isTombstone, type Note, type NoteId } from "../../shared/note";
import { applyChanges, changedId, type NoteChange } from "../../shared/note-change";
import { adoptersOf } from "../../shared/tree";
import { createTreeIndex } from "../../shared/tree-index";
import { rowOf } from "./note-rows";
import type { NoteStore } from "./note-store";

/** What commands need of a store, whatever stands behind it. */
export type NoteWriter = Pick<NoteStore, "rootId" | "rows" | "tree" | "read" | "commit">;

export type CopiedNotes = NoteWriter & { readonly all: () => ReadonlyMap<NoteId, Note> };

type Dependencies = {
  readonly rootId: NoteId;
  /** Keeps the changes before they show; throws where they cannot be kept. */
  readonly keep: (changes: readonly NoteChange[]) => void;
  readonly onCommit: (rows: readonly NoteRow[]) => void;
};

export function createCopiedNotes(
  copied: ReadonlyMap<NoteId, Note>,
  { rootId, keep, onCommit }: Dependencies,
): CopiedNotes {
  const notes = new Map(copied);
  const adopters = adoptersOf(notes.values());
  const tree = createTreeIndex<NoteRow>(rootId);
  for (const note of notes.values()) show(note);

  function show(note: Note): NoteRow | null {
    if (isTombstone(note)) return null;
    const adoptedBy = note.isRoot || note.parentId !== null ? null : (adopters.get(note.id) ?? null);
    const row = { ...rowOf(note), adoptedBy };
    tree.set(row);
    return row;
  }

  return {
    rootId,
    rows: () => tree.rows,
    tree,
    read: (id) => notes.get(id) ?? null,
    all: () => notes,
    commit(changes) {
      keep(changes);
      const touched = new Set(changes.map(changedId));
      applyChanges(notes, changes);
      onCommit(
        [...touched].flatMap((id) => {
          const note = notes.get(id);
          const row = note === undefined ? null : show(note);
          return row === null ? [] : [row];
        }),
      );
    },
  };
}
