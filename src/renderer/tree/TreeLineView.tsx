// One line of a tree. Drawn only when something of it changed.

import { type DragEvent, type MouseEvent, memo, useLayoutEffect, useRef } from "react";
import type { NoteId } from "../../shared/note";
import { isNoteId } from "../../shared/note";
import { Icon } from "../design/Icon";
import type { LineId } from "../stores/view-store";
import { indentPx } from "./indent";

type TreeLineViewProps = {
  readonly elementId: string;
  readonly id: LineId;
  readonly top: number;
  readonly title: string;
  readonly level: number;
  readonly setSize: number;
  readonly posInSet: number;
  readonly childCount: number;
  readonly isExpanded: boolean;
  readonly isSelected: boolean;
  readonly isFocused: boolean;
  readonly isOpen: boolean;
  readonly isDropInto: boolean;
  readonly isRenaming: boolean;
  readonly canDrag: boolean;
  readonly onClick: (event: MouseEvent, id: LineId) => void;
  readonly onMenu: (event: MouseEvent, id: LineId) => void;
  readonly onToggle: (ids: readonly LineId[], open: boolean) => void;
  /** Null: the old title stays. */
  readonly onRename: (id: NoteId, title: string | null) => void;
  readonly onDragStart: (event: DragEvent, id: LineId) => void;
};

export const TreeLineView = memo(function TreeLineView(line: TreeLineViewProps) {
  const { id, title } = line;
  const looks = [
    "tree-line",
    line.isSelected && "selected",
    line.isFocused && "focused",
    line.isOpen && "open",
    line.isDropInto && "drop-into",
    title === "Untitled" && "untitled",
  ];
  return (
    // Its keys are the tree's, which has the focus.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={line.elementId}
      role="treeitem"
      tabIndex={-1}
      aria-label={title}
      aria-level={line.level}
      aria-setsize={line.setSize}
      aria-posinset={line.posInSet}
      aria-expanded={line.childCount > 0 ? line.isExpanded : undefined}
      aria-selected={line.isSelected}
      aria-current={line.isOpen ? "page" : undefined}
      data-focused={line.isFocused}
      className={looks.filter((look) => look !== false).join(" ")}
      style={{ top: line.top, paddingLeft: indentPx(line.level) }}
      draggable={line.canDrag && isNoteId(id) && !line.isRenaming}
      onClick={(event) => line.onClick(event, id)}
      onContextMenu={(event) => line.onMenu(event, id)}
      onDragStart={(event) => line.onDragStart(event, id)}
    >
      {/* The arrow keys do the same. */}
      <span
        className={line.childCount > 0 ? "twist" : "twist none"}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          line.onToggle([id], !line.isExpanded);
        }}
      >
        <Icon name="chevron" className={line.isExpanded ? "turned" : ""} />
      </span>
      {isNoteId(id) ? null : <Icon name="folder" />}
      {line.isRenaming && isNoteId(id) ? (
        <RenameField title={title} onDone={(next) => line.onRename(id, next)} />
      ) : (
        <span className="tree-title" dir="auto" title={title}>
          {title}
        </span>
      )}
    </div>
  );
});

type RenameFieldProps = { readonly title: string; readonly onDone: (title: string | null) => void };

function RenameField({ title, onDone }: RenameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const finish = (next: string | null) => {
    // Leaving the field by Enter takes the focus from it, which would finish it again.
    if (done.current) return;
    done.current = true;
    onDone(next);
  };
  return (
    <input
      ref={field}
      dir="auto"
      className="rename-field"
      aria-label={`Rename ${title}`}
      defaultValue={title}
      maxLength={10_240}
      spellCheck={false}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") finish(null);
      }}
      onBlur={(event) => finish(event.currentTarget.value)}
    />
  );
}
