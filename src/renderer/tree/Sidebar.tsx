// The left side: what to make and find, the tree, the trash below it.

import { useMemo, useRef, useState } from "react";
import type { AppState } from "../../shared/ipc-contract";
import { flattenTree } from "../../shared/tree-lines";
import { commandState } from "../commands/command";
import { emptyTrash } from "../commands/empty-trash";
import { everyMenu, keyWords } from "../commands/menu-items";
import { newNote } from "../commands/new-note";
import { openPalette } from "../commands/open-palette";
import { menus, runCommand } from "../commands/registry";
import { Icon } from "../design/Icon";
import { Menu, type MenuPoint } from "../design/Menu";
import { countWords } from "../design/words";
import { useNotes } from "../stores/notes-store";
import { clampSidebarWidth, setView, sidebarWidths, useView } from "../stores/view-store";
import { NoteTree } from "./NoteTree";
import type { NoteTree as Notes } from "./places";

type SidebarProps = { readonly app: AppState; readonly readOnly: boolean };

export function Sidebar({ app, readOnly }: SidebarProps) {
  const tree = useNotes((notes) => notes.tree);
  const width = useView((view) => view.sidebarWidth);
  return (
    <aside className="sidebar" aria-label="Notes" style={{ width }}>
      <SidebarHead readOnly={readOnly} />
      {tree === null ? <div className="tree" /> : <NotesSection tree={tree} readOnly={readOnly} />}
      {tree === null || tree.trash.length === 0 ? null : <TrashSection tree={tree} readOnly={readOnly} />}
      {app.importing === null ? null : <ImportProgress {...app.importing} />}
      <WidthHandle width={width} />
    </aside>
  );
}

function SidebarHead({ readOnly }: { readonly readOnly: boolean }) {
  const [menu, setMenu] = useState<MenuPoint | null>(null);
  return (
    <div className="sidebar-head">
      <button
        type="button"
        className="icon-button"
        aria-label="Menu"
        aria-haspopup="menu"
        aria-expanded={menu !== null}
        title="Menu"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setMenu({ x: box.left, y: box.bottom + 4 });
        }}
      >
        <Icon name="command" />
      </button>
      <button type="button" className="search-button" onClick={() => runCommand(openPalette.id)}>
        <Icon name="search" />
        <span>Search</span>
        <kbd>{keyWords(openPalette)}</kbd>
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="New note"
        title={`New note (${keyWords(newNote)})`}
        disabled={readOnly}
        onClick={() => runCommand(newNote.id)}
      >
        <Icon name="compose" />
      </button>
      {menu === null ? null : (
        <Menu
          label="Menu"
          at={menu}
          groups={everyMenu(menus, commandState())}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}

function NotesSection({ tree, readOnly }: { readonly tree: Notes; readonly readOnly: boolean }) {
  const expanded = useView((view) => view.expanded);
  const { rootId, children, recovered, trashed } = tree;
  // A title that changed gives a new tree with the same places, and no new lines.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const lines = useMemo(() => flattenTree(tree, expanded), [rootId, children, recovered, trashed, expanded]);
  return (
    <div className="notes-section">
      {lines.length === 0 ? (
        <p className="no-notes">{tree.trash.length === 0 ? "No notes yet" : "No notes"}</p>
      ) : (
        <NoteTree label="Notes" section="notes" tree={tree} lines={lines} readOnly={readOnly} />
      )}
    </div>
  );
}

function TrashSection({ tree, readOnly }: { readonly tree: Notes; readonly readOnly: boolean }) {
  const shown = useView((view) => view.trashShown);
  const expanded = useView((view) => view.expanded);
  const { children, trash } = tree;
  // biome-ignore lint/correctness/useExhaustiveDependencies: as for the notes
  const lines = useMemo(
    () => (shown ? flattenTree(tree, expanded, "trash") : []),
    [shown, children, trash, expanded],
  );
  return (
    <section className={shown ? "trash-section shown" : "trash-section"} aria-label="Trash">
      <div className="trash-head">
        <h2>
          <button type="button" aria-expanded={shown} onClick={() => setView({ trashShown: !shown })}>
            <Icon name="chevron" className={shown ? "turned" : ""} />
            <Icon name="trash" />
            <span>Trash</span>
            <span className="trash-count">{countWords(tree.trash.length)}</span>
          </button>
        </h2>
        {shown && !readOnly ? (
          <button type="button" className="link-button" onClick={() => runCommand(emptyTrash.id)}>
            Empty trash…
          </button>
        ) : null}
      </div>
      {shown ? (
        <NoteTree label="Trash" section="trash" tree={tree} lines={lines} readOnly={readOnly} />
      ) : null}
    </section>
  );
}

function ImportProgress({ done, total }: { readonly done: number; readonly total: number }) {
  return (
    <div className="import-progress">
      <p role="status">Importing notes…</p>
      <p className="import-count">
        {countWords(done)} of {countWords(total)}
      </p>
      <progress
        aria-label="Import"
        value={total === 0 ? 0 : done / total}
        max={1}
        className="recovery-progress"
      />
    </div>
  );
}

const widthStep = 16;

/** The right edge: dragged with the mouse, or moved with the arrow keys. */
function WidthHandle({ width }: { readonly width: number }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const setWidth = (next: number) => setView({ sidebarWidth: clampSidebarWidth(next) });
  return (
    // A separator that can be moved is a control, and has no element of its own.
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div
      className="width-handle"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the sidebar"
      aria-valuenow={width}
      aria-valuemin={sidebarWidths.least}
      aria-valuemax={sidebarWidths.most}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (from.current !== null) setWidth(from.current.width + event.clientX - from.current.x);
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onDoubleClick={() => setWidth(sidebarWidths.usual)}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") setWidth(width - widthStep);
        else if (event.key === "ArrowRight") setWidth(width + widthStep);
        else return;
        event.preventDefault();
      }}
    />
  );
}
