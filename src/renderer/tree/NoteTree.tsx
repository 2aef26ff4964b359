// A tree of notes of any length: only the lines in sight are in the page, so each says its level and place itself.
// The tree has the focus, and names the line its keys act on. What changes notes are commands; here one looks
// around, selects, drags (use-note-drag.ts), and types a new title.

import {
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { NoteId } from "../../shared/note";
import { isNoteId } from "../../shared/note";
import type { TreeLine } from "../../shared/tree-lines";
import { commandState } from "../commands/command";
import { menuGroups } from "../commands/menu-items";
import { noteMenu, trashMenu } from "../commands/registry";
import { Menu, type MenuPoint } from "../design/Menu";
import { openNote } from "../stores/navigation";
import { renameNote } from "../stores/note-actions";
import { type LineId, type Section, setView, useView } from "../stores/view-store";
import { indentPx } from "./indent";
import { findByTyping, idOfLine, linesBetween, stepForKey, type TreeStep } from "./lines";
import type { NoteTree as Notes } from "./places";
import { TreeLineView } from "./TreeLineView";
import "./tree.css";
import { lineHeightPx, useLinesWindow } from "./use-lines-window";
import { useNoteDrag } from "./use-note-drag";

/** The open note follows the arrow keys after this pause, so that running through the tree reads no texts. */
const openDelayMs = 180;
/** Letters typed within this time belong to one word. */
const typingMs = 700;

type NoteTreeProps = {
  readonly label: string;
  readonly section: Section;
  readonly tree: Notes;
  readonly lines: readonly TreeLine[];
  readonly readOnly: boolean;
};

export function NoteTree({ label, section, tree, lines, readOnly }: NoteTreeProps) {
  const frame = useRef<HTMLDivElement>(null);
  const focusId = useView((view) => (section === "notes" ? view.focusId : view.trashFocusId));
  const selected = useView((view) => view.selected);
  const openId = useView((view) => view.openId);
  const renamingId = useView((view) => view.renamingId);
  const sight = useLinesWindow(frame, lines.length);
  const [menu, setMenu] = useState<MenuPoint | null>(null);
  const anchor = useRef<LineId | null>(null);
  const typing = useRef({ word: "", atMs: 0 });
  const opening = useRef<ReturnType<typeof setTimeout>>(undefined);

  const indexes = useMemo(() => new Map(lines.map((line, index) => [idOfLine(line), index])), [lines]);
  const focusIndex = focusId === null ? -1 : (indexes.get(focusId) ?? -1);

  const { scrollTo } = sight;
  useEffect(() => {
    if (focusIndex !== -1) scrollTo(focusIndex);
  }, [focusIndex, scrollTo]);

  // The tree is where it was before the restart; from then on it tells where it is.
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || section !== "notes") return;
    element.scrollTop = useView.getState().treeTop;
    const tell = () => setView({ treeTop: element.scrollTop });
    element.addEventListener("scrollend", tell);
    return () => element.removeEventListener("scrollend", tell);
  }, [section]);

  useEffect(() => () => clearTimeout(opening.current), []);

  const focusLine = useCallback(
    (id: LineId, select: ReadonlySet<LineId> = new Set([id])) => {
      setView(section === "notes" ? { focusId: id, selected: select } : { trashFocusId: id });
    },
    [section],
  );

  const titleOf = (line: TreeLine) =>
    line.kind === "recovered" ? recoveredTitle : (tree.rows.get(line.id)?.title ?? "Untitled");

  const setExpanded = useCallback((ids: readonly LineId[], open: boolean) => {
    setView(({ expanded }) => {
      const next = new Set(expanded);
      for (const id of ids) open ? next.add(id) : next.delete(id);
      return { expanded: next };
    });
  }, []);

  const goTo = (index: number, extend: boolean) => {
    const line = lines[index];
    if (line === undefined) return;
    const id = idOfLine(line);
    if (extend && section === "notes") {
      anchor.current ??= focusId ?? id;
      focusLine(id, new Set(linesBetween(lines, indexes.get(anchor.current) ?? index, index)));
      return;
    }
    anchor.current = null;
    focusLine(id);
    clearTimeout(opening.current);
    if (isNoteId(id) && useView.getState().page.kind === "note") {
      opening.current = setTimeout(() => {
        const now = useView.getState();
        // A click elsewhere in the meantime is newer.
        const stillHere = (section === "notes" ? now.focusId : now.trashFocusId) === id;
        if (stillHere && now.lastIn === section) setView({ openId: id });
      }, openDelayMs);
    }
  };

  const take = (step: TreeStep, extend: boolean) => {
    if (step.kind === "go") goTo(step.index, extend);
    else if (step.kind === "expand") setExpanded(step.ids, true);
    else setExpanded([step.id], false);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== frame.current) return;
    const asMenu = event.key === "ContextMenu" || (event.shiftKey && event.key === "F10");
    if (asMenu) {
      event.preventDefault();
      openMenuByKey();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "a" && !event.altKey && section === "notes") {
        event.preventDefault();
        setView({ selected: new Set(lines.map(idOfLine)) });
      }
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(opening.current);
      if (isNoteId(focusId)) openNote(focusId, { caretIn: "text" });
      else if (focusId !== null) setExpanded([focusId], lines[focusIndex]?.isExpanded === false);
      return;
    }
    const step = stepForKey(event.key, lines, focusIndex, sight.linesPerPage);
    if (step !== null) {
      event.preventDefault();
      typing.current = { word: "", atMs: 0 };
      take(step, event.shiftKey);
      return;
    }
    if (event.key.length === 1) {
      event.preventDefault();
      const nowMs = performance.now();
      const goesOn = nowMs - typing.current.atMs < typingMs;
      typing.current = { word: (goesOn ? typing.current.word : "") + event.key, atMs: nowMs };
      const found = findByTyping(lines.map(titleOf), Math.max(0, focusIndex), typing.current.word);
      if (found !== null) goTo(found, false);
    }
  };

  const openMenuByKey = () => {
    const box = frame.current?.querySelector('[data-focused="true"]')?.getBoundingClientRect();
    if (box !== undefined) setMenu({ x: box.left + 40, y: box.bottom });
  };

  const onLineClick = useCallback(
    (event: MouseEvent, id: LineId) => {
      frame.current?.focus({ preventScroll: true });
      const { selected: before, focusId: from } = useView.getState();
      if (section === "notes" && (event.ctrlKey || event.metaKey)) {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        focusLine(id, next);
        return;
      }
      if (section === "notes" && event.shiftKey) {
        anchor.current ??= from ?? id;
        const [a, b] = [indexes.get(anchor.current), indexes.get(id)];
        if (a !== undefined && b !== undefined) focusLine(id, new Set(linesBetween(lines, a, b)));
        return;
      }
      anchor.current = null;
      focusLine(id);
      if (isNoteId(id)) setView({ openId: id, page: { kind: "note" } });
      else setExpanded([id], !useView.getState().expanded.has(id));
    },
    [section, focusLine, indexes, lines, setExpanded],
  );

  const onLineMenu = useCallback(
    (event: MouseEvent, id: LineId) => {
      event.preventDefault();
      if (!isNoteId(id)) return;
      frame.current?.focus({ preventScroll: true });
      const { selected: before } = useView.getState();
      setView({ lastIn: section });
      focusLine(id, before.has(id) ? before : new Set([id]));
      setMenu({ x: event.clientX, y: event.clientY });
    },
    [section, focusLine],
  );

  const onRename = useCallback((id: NoteId, title: string | null) => {
    setView({ renamingId: null });
    frame.current?.focus({ preventScroll: true });
    if (title !== null) void renameNote(id, title);
  }, []);

  const drag = useNoteDrag({ frame, tree, lines, indexes, onOpen: setExpanded });
  const { drop } = drag;

  const inSight: number[] = [];
  for (let index = sight.from; index < sight.to; index++) inSight.push(index);
  // The focused line is named by the tree and therefore always in the page.
  if (focusIndex !== -1 && (focusIndex < sight.from || focusIndex >= sight.to)) inSight.push(focusIndex);

  return (
    <>
      <div
        ref={frame}
        className="tree"
        role="tree"
        aria-label={label}
        aria-multiselectable={section === "notes" ? true : undefined}
        aria-activedescendant={focusIndex === -1 ? undefined : lineElementId(section, focusIndex)}
        tabIndex={0}
        data-section={section}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          setView({ lastIn: section });
          const first = lines[0];
          if (event.target === frame.current && focusIndex === -1 && first !== undefined)
            focusLine(idOfLine(first));
        }}
        onDragOver={readOnly || section === "trash" ? undefined : drag.onOver}
        onDragLeave={drag.onLeave}
        onDrop={drag.onDrop}
        onDragEnd={drag.onEnd}
      >
        <div className="tree-lines" role="presentation" style={{ height: lines.length * lineHeightPx }}>
          {inSight.map((index) => {
            const line = lines[index];
            if (line === undefined) return null;
            const id = idOfLine(line);
            return (
              <TreeLineView
                key={id}
                elementId={lineElementId(section, index)}
                id={id}
                top={index * lineHeightPx}
                title={titleOf(line)}
                level={line.level}
                setSize={line.setSize}
                posInSet={line.posInSet}
                childCount={line.childCount}
                isExpanded={line.isExpanded}
                isSelected={section === "notes" ? selected.has(id) : id === focusId}
                isFocused={id === focusId}
                isOpen={id === openId}
                isDropInto={drop?.into === true && drop.index === index}
                isRenaming={section === "notes" && id === renamingId}
                canDrag={!readOnly && section === "notes"}
                onClick={onLineClick}
                onMenu={onLineMenu}
                onToggle={setExpanded}
                onRename={onRename}
                onDragStart={drag.onStart}
              />
            );
          })}
          {drop === null || drop.into ? null : (
            <div
              className="drop-line"
              style={{ top: drop.index * lineHeightPx - 1, left: indentPx(drop.level) }}
              aria-hidden="true"
            />
          )}
        </div>
      </div>
      {menu === null ? null : (
        <Menu
          label={section === "notes" ? noteMenu.title : trashMenu.title}
          at={menu}
          groups={menuGroups(section === "notes" ? noteMenu : trashMenu, commandState())}
          onClose={() => setMenu(null)}
        />
      )}
    </>
  );
}

const recoveredTitle = "Recovered notes";

function lineElementId(section: Section, index: number): string {
  return `${section}-line-${index}`;
}
