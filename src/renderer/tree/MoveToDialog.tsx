// 'Move to…': the way to move notes without dragging. A note picked here becomes the parent, its last child the
// one they stand after.

import { useDeferredValue, useMemo, useState } from "react";
import type { NoteRow } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { isWithin } from "../../shared/tree";
import { Dialog } from "../design/Dialog";
import { type PickItem, PickList } from "../design/PickList";
import { findBest } from "../search/find-titles";
import { moveNotes } from "../stores/note-actions";
import { titleOfRow, useNotes } from "../stores/notes-store";
import { closeOverlay } from "../stores/view-store";
import { pathOf, targetInside } from "./places";

const placesShown = 60;
const topTitle = "Top level";

export function MoveToDialog({ ids }: { readonly ids: readonly NoteId[] }) {
  const [query, setQuery] = useState("");
  const sought = useDeferredValue(query);
  const tree = useNotes((notes) => notes.tree);
  const first = ids[0];
  const title =
    ids.length === 1 && first !== undefined
      ? `Move ${titleOfRow(first)} to…`
      : `Move ${ids.length} notes to…`;

  const rows = useMemo<readonly NoteRow[]>(() => {
    if (tree === null) return [];
    const possible = [...tree.rows.values()].filter(
      (row) => row.id !== tree.rootId && !tree.trashed.has(row.id),
    );
    return findBest(possible, (row) => row.title, sought, placesShown + ids.length).filter(
      (row) => !ids.some((id) => isWithin(tree, row.id, id)),
    );
  }, [tree, sought, ids]);

  const items = useMemo<readonly PickItem[]>(() => {
    if (tree === null) return [];
    const top: PickItem = { id: "top", icon: "leaf", title: topTitle, detail: null, aside: null };
    const notes = rows.slice(0, placesShown).map((row) => ({
      id: row.id,
      icon: "note" as const,
      title: row.title,
      detail:
        pathOf(tree, row.id, 4)
          .map((above) => above.title)
          .join(" / ") || null,
      aside: null,
    }));
    return topTitle.toLowerCase().includes(sought.toLowerCase().trim()) ? [top, ...notes] : notes;
  }, [tree, rows, sought]);

  const pick = (item: PickItem) => {
    closeOverlay();
    const parentId = rows.find(({ id }) => id === item.id)?.id ?? tree?.rootId ?? null;
    if (tree === null || parentId === null) return;
    void moveNotes(ids, targetInside(tree, parentId, ids));
  };

  return (
    <Dialog title={title} titleHidden atTop size="medium" onClose={closeOverlay}>
      <PickList
        label={title}
        placeholder={title}
        query={query}
        onQuery={setQuery}
        items={items}
        itemsFor={sought}
        onPick={pick}
        emptyWords="No note is called that."
      />
    </Dialog>
  );
}
