// Keeps the `children` lists, which mirror the notes' own places for clients that know only those, from staying
// wrong: a list that somebody wiped or doubled is mended by whoever changes the children of that note anyway, and by
// nobody else. Two clients must not repair against each other, so nothing here is done in answer to a change.

import type { NoteRow } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { compareSiblings } from "../../shared/order-key";
import type { TreeIndex } from "../../shared/tree-index";
import type { NoteTransaction } from "../realm/note-realm";

/** Below so many children a list is compared one by one, above only by its length, so that large imports stay fast. */
const fewChildren = 64;

/** To be called inside the transaction, after `changes` have been written. `tree`: as it was before it. */
export function mendMirrors(
  transaction: NoteTransaction,
  changes: readonly NoteChange[],
  tree: TreeIndex<NoteRow>,
  adopting: ReadonlySet<NoteId>,
): void {
  const after = new Map<NoteId, Map<NoteId, string>>();
  const childrenAfter = (parentId: NoteId): Map<NoteId, string> => {
    let children = after.get(parentId);
    if (children === undefined) {
      const before = [...tree.placedUnder(parentId)];
      children = new Map(before.map((id) => [id, tree.rows.get(id)?.orderKey ?? ""]));
      after.set(parentId, children);
    }
    return children;
  };
  for (const change of changes) {
    if (change.kind !== "create" && change.kind !== "place") continue;
    const { id, parentId, orderKey } =
      change.kind === "create" ? change.note : { id: change.id, ...change.after };
    const former = tree.rows.get(id)?.parentId;
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
