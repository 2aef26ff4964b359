// The rows that the tree is made of, kept as notes change, and who adopts those that have no place of their own (older
// clients put a note only into a list of children). Holds rows and writes nothing.

import type { NoteRow } from "../../shared/ipc-contract";
import { isTombstone, type Note, type NoteId, titleOf } from "../../shared/note";
import { adoptersOf } from "../../shared/tree";
import { createTreeIndex, type TreeIndex } from "../../shared/tree-index";

export type NoteRows = {
  /** The rows, and the tree that follows them. */
  readonly tree: TreeIndex<NoteRow>;
  /** Notes whose lists of children notes without a place hang by. */
  readonly adopting: ReadonlySet<NoteId>;
  /** In the place of all that were there. */
  readonly takeAll: (notes: ReadonlyMap<NoteId, Note>) => void;
  /** Answers the row, which is adopted as it was; who adopts is looked for by `adopt`. */
  readonly set: (note: Note) => NoteRow;
  /** True where there was one. */
  readonly remove: (id: NoteId) => boolean;
  /**
   * Whether what was set may have changed who adopts whom. `touched`: all that was, of which `changed` are the rows;
   * `childIdsOf` reads a list of children and is asked as little as can be.
   */
  readonly isAdoptionTouched: (
    changed: readonly NoteRow[],
    touched: readonly NoteId[],
    childIdsOf: (id: NoteId) => readonly NoteId[],
  ) => boolean;
  /** Looks for who adopts whom, and answers the rows that are adopted otherwise now. `readAll`: with lists of children. */
  readonly adopt: (readAll: () => ReadonlyMap<NoteId, Note>) => readonly NoteRow[];
  /** Rows to which nothing leads, and what each hung under before, where that is known. */
  readonly adrift: () => ReadonlyMap<NoteId, NoteId | null>;
  readonly forgetWhatHungWhere: () => void;
};

export function createNoteRows(rootId: NoteId): NoteRows {
  const tree = createTreeIndex<NoteRow>(rootId);
  const { rows } = tree;
  const adopting = new Set<NoteId>();
  const hungUnder = new Map<NoteId, NoteId>();
  /** Rows without a place of their own. */
  const unplaced = new Set<NoteId>();

  function setRow(row: NoteRow): void {
    tree.set(row);
    if (isUnplaced(row)) unplaced.add(row.id);
    else unplaced.delete(row.id);
  }

  function adopt(readAll: () => ReadonlyMap<NoteId, Note>): readonly NoteRow[] {
    adopting.clear();
    if (unplaced.size === 0) return [];
    const adopters = adoptersOf(readAll().values());
    const changed: NoteRow[] = [];
    for (const id of unplaced) {
      const row = rows.get(id);
      const adoptedBy = adopters.get(id) ?? null;
      if (adoptedBy !== null) adopting.add(adoptedBy);
      if (row?.adoptedBy) hungUnder.set(id, row.adoptedBy);
      if (row === undefined || row.adoptedBy === adoptedBy) continue;
      const adopted = { ...row, adoptedBy };
      setRow(adopted);
      changed.push(adopted);
    }
    return changed;
  }

  return {
    tree,
    adopting,
    takeAll(notes) {
      tree.clear();
      unplaced.clear();
      for (const note of notes.values()) if (!isTombstone(note)) setRow(rowOf(note));
      adopt(() => notes);
    },
    set(note) {
      const row = { ...rowOf(note), adoptedBy: rows.get(note.id)?.adoptedBy ?? null };
      setRow(row);
      return row;
    },
    remove(id) {
      unplaced.delete(id);
      return tree.remove(id);
    },
    isAdoptionTouched(changed, touched, childIdsOf) {
      if (changed.some((row) => isUnplaced(row) || adopting.has(row.id))) return true;
      // Whichever of the changed lists names one of them.
      return (
        unplaced.size > 0 && touched.some((id) => childIdsOf(id).some((childId) => unplaced.has(childId)))
      );
    },
    adopt,
    adrift() {
      const adrift = [...rows.values()].filter(isAdrift).map(({ id }) => id);
      return new Map(adrift.map((id) => [id, hungUnder.get(id) ?? null]));
    },
    forgetWhatHungWhere: () => hungUnder.clear(),
  };
}

export function rowOf(note: Note): NoteRow {
  return {
    id: note.id,
    title: titleOf(note.text),
    isRoot: note.isRoot,
    parentId: note.parentId,
    orderKey: note.orderKey,
    deletedAtMs: note.deletedAtMs,
    lastUpdatedMs: note.lastUpdatedMs,
    adoptedBy: null,
  };
}

function isUnplaced({ isRoot, parentId }: NoteRow): boolean {
  return !isRoot && parentId === null;
}

/** Nothing leads to it: it has no place, and no list names it. In the trash that is no loss. */
export function isAdrift(row: NoteRow): boolean {
  return isUnplaced(row) && row.adoptedBy === null && row.deletedAtMs === null;
}
