// The copies that stand beside notes in conflict: the server's text stays in the note, this device's becomes a note of
// its own. Their ids are derived, so planning again finds those that are there and makes none twice. Pure.

import type { Note, NoteId } from "../note";
import type { SparseTree } from "../sparse-tree";
import { markedAsCopy } from "./copy-text";
import { derivedId } from "./derived-id";
import type { Draft } from "./draft-notes";
import { keysAfter } from "./place-plan";
import type { RecoveryInput } from "./plan-types";

/** For each note in conflict, this device's version as a sibling right after it (under the root: last). */
export function makeConflictCopies(
  { resetId, remote, rootId, timeText }: RecoveryInput,
  drafts: ReadonlyMap<NoteId, Draft>,
  results: ReadonlyMap<NoteId, Note>,
  tree: SparseTree,
): Map<NoteId, Note> {
  const copies = new Map<NoteId, Note>();
  const byParent = new Map<NoteId, NoteId[]>();
  for (const { local, text } of drafts.values()) {
    if (text.kind !== "conflict") continue;
    const existing = remote.get(derivedId(resetId, local.id, "copy"));
    if (existing !== undefined) {
      copies.set(local.id, existing);
      continue;
    }
    const parentId = tree.parents.get(local.id) ?? rootId;
    const ids = byParent.get(parentId);
    if (ids === undefined) byParent.set(parentId, [local.id]);
    else ids.push(local.id);
  }
  const children = byParent.size === 0 ? null : tree.childrenOf(new Set(byParent.keys()));
  for (const [parentId, ids] of byParent) {
    const siblings = children?.get(parentId) ?? [];
    const keyOf = (id: NoteId) => results.get(id)?.orderKey ?? tree.rows.get(id)!.orderKey;
    const known = new Map(siblings.map((id) => [id, keyOf(id)]));
    const last = siblings.at(-1) ?? null;
    const waiting = new Map(ids.map((id) => [id, known.has(id) ? id : last]));
    for (const [id, orderKey] of keysAfter(known, waiting)) {
      const { local, history } = drafts.get(id)!;
      const atMs = history.text.at(-1)?.atMs;
      const when = atMs === undefined ? null : (timeText?.(atMs) ?? null);
      copies.set(id, {
        ...local,
        id: derivedId(resetId, id, "copy"),
        text: markedAsCopy(local.text, when),
        isRoot: false,
        parentId,
        orderKey,
        childIds: [],
        deletedAtMs: results.get(id)!.deletedAtMs,
      });
    }
  }
  return copies;
}
