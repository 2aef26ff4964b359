// Dragging notes through the tree: what is dragged, where it would go, and closed lines that open under it. What is
// dropped is moved; where it may go is decided in lines.ts.

import { type DragEvent, type RefObject, useCallback, useRef, useState } from "react";
import { isNoteId, type NoteId } from "../../shared/note";
import type { TreeLine } from "../../shared/tree-lines";
import { moveNotes } from "../stores/note-actions";
import { type LineId, useView } from "../stores/view-store";
import { type Drop, dropAt, idOfLine, zoneAt } from "./lines";
import type { NoteTree } from "./places";
import { lineHeightPx } from "./use-lines-window";

/** Holding a dragged note over a closed line opens it. */
const openOnHoverMs = 650;

type Dragging = {
  /** The scrolled element that holds the lines. */
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly tree: NoteTree;
  readonly lines: readonly TreeLine[];
  readonly indexes: ReadonlyMap<LineId, number>;
  readonly onOpen: (ids: readonly LineId[], open: boolean) => void;
};

/** Answers where it would go now, for the eye, and what the tree and its lines tell of. */
export function useNoteDrag({ frame, tree, lines, indexes, onOpen }: Dragging) {
  const [drop, setDrop] = useState<Drop | null>(null);
  const dragged = useRef<readonly NoteId[]>([]);
  const hover = useRef<{ id: LineId; sinceMs: number } | null>(null);

  const onStart = useCallback((event: DragEvent, id: LineId) => {
    if (!isNoteId(id)) return;
    const { selected: chosen } = useView.getState();
    dragged.current = chosen.has(id) ? [...chosen].filter(isNoteId) : [id];
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", event.currentTarget.textContent ?? "");
  }, []);

  const onOver = (event: DragEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined || dragged.current.length === 0) return;
    const y = event.clientY - box.top + (frame.current?.scrollTop ?? 0);
    const index = Math.min(lines.length - 1, Math.floor(y / lineHeightPx));
    const line = lines[index];
    const zone = zoneAt(y - index * lineHeightPx, lineHeightPx);
    const next = dropAt(tree, lines, index, zone, dragged.current);
    if (line !== undefined)
      openOnHover(idOfLine(line), zone === "into" && line.childCount > 0 && !line.isExpanded);
    if (next !== null) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
    }
    setDrop((before) => (sameDrop(before, next) ? before : next));
  };

  const openOnHover = (id: LineId, closed: boolean) => {
    if (!closed) hover.current = null;
    else if (hover.current?.id !== id) hover.current = { id, sinceMs: performance.now() };
    else if (performance.now() - hover.current.sinceMs > openOnHoverMs) onOpen([id], true);
  };

  const onEnd = () => {
    dragged.current = [];
    hover.current = null;
    setDrop(null);
  };

  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    const ids = [...dragged.current].sort((a, b) => (indexes.get(a) ?? 0) - (indexes.get(b) ?? 0));
    if (drop !== null) void moveNotes(ids, drop.target);
    onEnd();
  };

  return { drop, onStart, onOver, onLeave: () => setDrop(null), onDrop, onEnd };
}

function sameDrop(a: Drop | null, b: Drop | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.index === b.index &&
    a.level === b.level &&
    a.into === b.into &&
    a.target.parentId === b.target.parentId &&
    a.target.afterId === b.target.afterId
  );
}
