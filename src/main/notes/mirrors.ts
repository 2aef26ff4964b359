// Keeps the `children` lists, which mirror the notes' own places for clients that know only those, from staying
// wrong: a list that somebody wiped or doubled is mended by whoever changes the children of that note anyway, and by
// nobody else. Two clients must not repair against each other, so nothing here is done in answer to a change.

import type { NoteRow } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { compareSiblings } from "../../shared/order-key";
import type { NoteTransaction } from "../realm/note-realm";

export type Rows = {
  readonly all: ReadonlyMap<NoteId, NoteRow>;
  readonly set: (row: NoteRow) => void;
  /** True where there was one. */
  readonly delete: (id: NoteId) => boolean;
  readonly clear: () => void;
  /** Those whose own parent it is, without those that a list alone puts there. */
  readonly placedUnder: (id: NoteId) => ReadonlySet<NoteId>;
};

export function createRows(): Rows {
  const all = new Map<NoteId, NoteRow>();
  const placed = new Map<NoteId, Set<NoteId>>();

  function takeOut(id: NoteId): boolean {
    const row = all.get(id);
    if (row?.parentId) placed.get(row.parentId)?.delete(id);
    return all.delete(id);
  }

  return {
    all,
    set(row) {
      const before = all.get(row.id);
      if (before?.parentId !== row.parentId) {
        if (before?.parentId) placed.get(before.parentId)?.delete(row.id);
        if (row.parentId) {
          const siblings = placed.get(row.parentId);
          if (siblings === undefined) placed.set(row.parentId, new Set([row.id]));
          else siblings.add(row.id);
        }
      }
      all.set(row.id, row);
    },
    delete: takeOut,
    clear() {
      all.clear();
      placed.clear();
    },
    placedUnder: (id) => placed.get(id) ?? new Set(),
  };
}

/** Below so many children a list is compared one by one, above only by its length, so that large imports stay fast. */
const fewChildren = 64;

/** To be called inside the transaction, after `changes` have been written. `rows`: as they were before it. */
export function mendMirrors(
  transaction: NoteTransaction,
  changes: readonly NoteChange[],
  rows: Rows,
  adopting: ReadonlySet<NoteId>,
): void {
  const after = new Map<NoteId, Map<NoteId, string>>();
  const childrenAfter = (parentId: NoteId): Map<NoteId, string> => {
    let children = after.get(parentId);
    if (children === undefined) {
      const before = [...rows.placedUnder(parentId)];
      children = new Map(before.map((id) => [id, rows.all.get(id)?.orderKey ?? ""]));
      after.set(parentId, children);
    }
    return children;
  };
  for (const change of changes) {
    if (change.kind !== "create" && change.kind !== "place") continue;
    const { id, parentId, orderKey } =
      change.kind === "create" ? change.note : { id: change.id, ...change.after };
    const former = rows.all.get(id)?.parentId;
    if (former && former !== parentId) childrenAfter(former).delete(id);
    if (parentId !== null) childrenAfter(parentId).set(id, orderKey);
  }
  for (const [parentId, children] of after) {
    // Notes that only this list places cannot be told from strangers by their number.
    const isSuspect =
      adopting.has(parentId) ||
      children.size <= fewChildren ||
      transaction.countMirrored(parentId) !== children.size;
    if (!isSuspect) continue;
    const inOrder = [...children]
      .map(([id, orderKey]) => ({ id, orderKey }))
      .sort(compareSiblings)
      .map(({ id }) => id);
    transaction.mendMirror(parentId, inOrder);
  }
}
