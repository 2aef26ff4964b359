// Ctrl+K: every command and every title in one list.

import { useDeferredValue, useMemo, useState } from "react";
import type { NoteRow } from "../../shared/ipc-contract";
import { commandState } from "../commands/command";
import { keyWords } from "../commands/menu-items";
import { commands, runCommand } from "../commands/registry";
import { Dialog } from "../design/Dialog";
import { type PickItem, PickList } from "../design/PickList";
import { openNote } from "../stores/navigation";
import { useNotes } from "../stores/notes-store";
import { closeOverlay, openOverlay, setView } from "../stores/view-store";
import { pathOf } from "../tree/places";
import { findBest } from "./find-titles";

const notesShown = 30;
const searchAllId = "search-all";

export function Palette() {
  const [query, setQuery] = useState("");
  const sought = useDeferredValue(query);
  const tree = useNotes((notes) => notes.tree);
  // Enabled or not is decided once, by what was in hand when the palette opened.
  const [state] = useState(commandState);

  const items = useMemo<readonly PickItem[]>(() => {
    const possible = commands.filter((command) => command.isEnabled(state) && command.id !== "view.palette");
    const found = findBest(possible, (command) => command.title(state), sought, possible.length).map(
      (command) => ({
        id: command.id,
        icon: "command" as const,
        title: command.title(state),
        detail: null,
        aside: keyWords(command),
      }),
    );
    if (tree === null || sought.trim() === "") return found;
    const rows: NoteRow[] = [];
    for (const row of tree.rows.values())
      if (row.id !== tree.rootId && !tree.trashed.has(row.id)) rows.push(row);
    const notes = findBest(rows, (row) => row.title, sought, notesShown).map((row) => ({
      id: row.id,
      icon: "note" as const,
      title: row.title,
      detail:
        pathOf(tree, row.id, 4)
          .map(({ title }) => title)
          .join(" / ") || null,
      aside: null,
    }));
    const searchAll: PickItem = {
      id: searchAllId,
      icon: "search",
      title: `Search all notes for “${sought.trim()}”`,
      detail: null,
      aside: null,
    };
    return [...notes, ...found, searchAll];
  }, [sought, tree, state]);

  const pick = ({ id, icon }: PickItem) => {
    closeOverlay();
    if (id === searchAllId) {
      setView({ searchQuery: query.trim() });
      openOverlay({ kind: "search" });
    } else if (icon === "note") {
      const row = tree?.rows.get(id as NoteRow["id"]);
      if (row !== undefined) openNote(row.id, { caretIn: "text" });
    } else runCommand(id);
  };

  return (
    <Dialog title="Go to note or command" titleHidden atTop size="medium" onClose={closeOverlay}>
      <PickList
        label="Go to note or command"
        placeholder="Go to a note, or type a command"
        query={query}
        onQuery={setQuery}
        items={items}
        itemsFor={sought}
        onPick={pick}
        emptyWords="Nothing is called that."
      />
    </Dialog>
  );
}
