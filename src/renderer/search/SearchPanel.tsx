// Ctrl+F: search through the text of all notes. Main searches; what is typed last counts.

import { useEffect, useMemo, useState } from "react";
import type { SearchHit } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { Dialog } from "../design/Dialog";
import { type PickItem, PickList } from "../design/PickList";
import { flushEdits } from "../editor/editing-store";
import { ask } from "../stores/bridge";
import { openNote } from "../stores/navigation";
import { useNotes } from "../stores/notes-store";
import { closeOverlay, setView, useView } from "../stores/view-store";
import { type NoteTree, pathOf } from "../tree/places";
import { markWords } from "./find-titles";

const pauseMs = 120;

type Found = { readonly query: string; readonly hits: readonly SearchHit[]; readonly problem: string | null };

export function SearchPanel() {
  const query = useView((view) => view.searchQuery);
  const tree = useNotes((notes) => notes.tree);
  const [found, setFound] = useState<Found | null>(null);
  const sought = query.trim();

  useEffect(() => {
    if (sought === "") {
      setFound(null);
      return;
    }
    let superseded = false;
    const timer = setTimeout(async () => {
      await flushEdits();
      const answer = await ask("notes:search", { query: sought });
      if (superseded) return;
      setFound(
        answer.kind === "ok"
          ? { query: sought, hits: answer.value, problem: null }
          : { query: sought, hits: [], problem: answer.message },
      );
    }, pauseMs);
    return () => {
      superseded = true;
      clearTimeout(timer);
    };
  }, [sought]);

  const items = useMemo<readonly PickItem[]>(
    () =>
      (found?.hits ?? []).map((hit) => ({
        id: hit.id,
        icon: "note",
        title: hit.title,
        detail:
          hit.excerpt === ""
            ? null
            : markWords(hit.excerpt, found?.query ?? "").map(({ text, hit: isHit }, index) =>
                // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one excerpt never move
                isHit ? <mark key={index}>{text}</mark> : text,
              ),
        aside: placeWords(tree, hit.id),
      })),
    [found, tree],
  );

  const emptyWords =
    sought === ""
      ? "Type to search the text of all notes."
      : found?.query === sought
        ? (found.problem ?? `No note holds “${sought}”.`)
        : "Searching…";

  return (
    <Dialog title="Search all notes" titleHidden atTop size="medium" onClose={closeOverlay}>
      <PickList
        label="Search all notes"
        placeholder="Search all notes"
        query={query}
        onQuery={(next) => setView({ searchQuery: next })}
        items={sought === "" ? [] : items}
        itemsFor={sought === "" ? "" : (found?.query ?? "")}
        onPick={(item) => {
          const hit = found?.hits.find(({ id }) => id === item.id);
          closeOverlay();
          if (hit !== undefined) openNote(hit.id, { caretIn: "text" });
        }}
        emptyWords={emptyWords}
      />
    </Dialog>
  );
}

function placeWords(tree: NoteTree | null, id: NoteId): string | null {
  if (tree === null) return null;
  return tree.trashed.has(id) ? "In the trash" : (pathOf(tree, id, 1)[0]?.title ?? null);
}
