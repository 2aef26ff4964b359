// What this window shows and where the person is in it: the open note, the tree's selection and expansion, the
// page, the one open dialog. What should survive a restart is kept in localStorage; it is never the notes.

import { create } from "zustand";
import type { BackupRow } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { isNoteId } from "../../shared/note";
import type { ReportItem } from "../../shared/recovery/plan-types";
import { recoveredPlace } from "../../shared/tree-lines";

export type Theme = "system" | "light" | "dark";
export const themes: readonly Theme[] = ["system", "light", "dark"];

/** Where the caret was: offsets into the whole text, and how far the page was scrolled. */
export type Caret = { readonly start: number; readonly end: number; readonly top: number };

export type Page =
  | { readonly kind: "note" }
  | { readonly kind: "reports" }
  | { readonly kind: "copies" }
  | { readonly kind: "report"; readonly resetId: string };

export type Overlay =
  | { readonly kind: "palette" }
  | { readonly kind: "search" }
  | { readonly kind: "keys" }
  | { readonly kind: "about" }
  | { readonly kind: "settings" }
  | { readonly kind: "sign-in" }
  | { readonly kind: "sign-out" }
  | { readonly kind: "fresh-copy" }
  | { readonly kind: "move-to"; readonly ids: readonly NoteId[] }
  | { readonly kind: "compare"; readonly resetId: string; readonly item: ReportItem }
  | { readonly kind: "undo-recovery"; readonly resetId: string }
  | { readonly kind: "empty-trash" }
  | { readonly kind: "delete-copy"; readonly copy: BackupRow };

/** A line of a tree: a note, or the place 'Recovered notes'. */
export type LineId = NoteId | typeof recoveredPlace;
export type Section = "notes" | "trash";

type Kept = {
  readonly openId: NoteId | null;
  /** The line of the tree that its keys act on. */
  readonly focusId: LineId | null;
  readonly expanded: ReadonlySet<string>;
  readonly carets: ReadonlyMap<NoteId, Caret>;
  readonly treeTop: number;
  readonly sidebarWidth: number;
  readonly sidebarShown: boolean;
  readonly trashShown: boolean;
  readonly theme: Theme;
  /** The recovery that was announced last; the first one's report opens by itself. */
  readonly lastRecovery: string | null;
  /** Where the focus was last: what a command without a note of its own acts on. */
  readonly lastIn: Section | "editor";
};

export type ViewState = Kept & {
  readonly selected: ReadonlySet<LineId>;
  /** The trash has a focus of its own. */
  readonly trashFocusId: LineId | null;
  readonly renamingId: NoteId | null;
  readonly page: Page;
  readonly overlay: Overlay | null;
  /** Where the person was before a safety copy was shown in the place of the notes. */
  readonly beforeCopy: { readonly openId: NoteId | null; readonly page: Page } | null;
  /** The recovery's own page is put aside while the notes are read from the safety copy. */
  readonly readingMeanwhile: boolean;
  readonly searchQuery: string;
  /** What was chosen for notes of a report in this window, by recovery and note. */
  readonly settled: ReadonlyMap<string, string>;
};

const keptKey = "perennial.view";
const caretsKept = 200;
export const sidebarWidths = { least: 200, usual: 280, most: 520 } as const;

const atFirst: Kept = {
  openId: null,
  focusId: null,
  expanded: new Set(),
  carets: new Map(),
  treeTop: 0,
  sidebarWidth: sidebarWidths.usual,
  sidebarShown: true,
  trashShown: false,
  theme: "system",
  lastRecovery: null,
  lastIn: "notes",
};

/** Whatever was stored, as far as it makes sense: a wrong field falls back to how a new window starts. */
export function readKept(stored: string | null): Kept {
  let raw: unknown;
  try {
    raw = JSON.parse(stored ?? "{}");
  } catch {
    return atFirst;
  }
  if (typeof raw !== "object" || raw === null) return atFirst;
  const from = raw as Record<keyof Kept, unknown>;
  const id = (value: unknown) => (isNoteId(value) ? value : null);
  const line = (value: unknown) => (value === recoveredPlace ? recoveredPlace : id(value));
  const flag = (value: unknown, otherwise: boolean) => (typeof value === "boolean" ? value : otherwise);
  const number = (value: unknown, otherwise: number) =>
    typeof value === "number" && Number.isFinite(value) ? value : otherwise;
  return {
    openId: id(from.openId),
    focusId: line(from.focusId),
    expanded: new Set(
      Array.isArray(from.expanded) ? from.expanded.filter((value) => line(value) !== null) : [],
    ),
    carets: new Map(
      (Array.isArray(from.carets) ? from.carets : [])
        .filter(
          (entry): entry is [NoteId, number, number, number] => Array.isArray(entry) && isNoteId(entry[0]),
        )
        .map(([of, start, end, top]) => [
          of,
          { start: number(start, 0), end: number(end, 0), top: number(top, 0) },
        ]),
    ),
    treeTop: number(from.treeTop, 0),
    sidebarWidth: clampSidebarWidth(number(from.sidebarWidth, sidebarWidths.usual)),
    sidebarShown: flag(from.sidebarShown, true),
    trashShown: flag(from.trashShown, false),
    theme: themes.find((theme) => theme === from.theme) ?? "system",
    lastRecovery: typeof from.lastRecovery === "string" ? from.lastRecovery : null,
    lastIn: from.lastIn === "editor" ? "editor" : "notes",
  };
}

export function writeKept(view: Kept): string {
  return JSON.stringify({
    openId: view.openId,
    focusId: view.focusId,
    expanded: [...view.expanded],
    carets: [...view.carets].slice(-caretsKept).map(([of, { start, end, top }]) => [of, start, end, top]),
    treeTop: view.treeTop,
    sidebarWidth: view.sidebarWidth,
    sidebarShown: view.sidebarShown,
    trashShown: view.trashShown,
    theme: view.theme,
    lastRecovery: view.lastRecovery,
    lastIn: view.lastIn,
  });
}

export function clampSidebarWidth(width: number): number {
  return Math.min(sidebarWidths.most, Math.max(sidebarWidths.least, Math.round(width)));
}

export const useView = create<ViewState>(() => ({
  ...atFirst,
  selected: new Set(),
  trashFocusId: null,
  renamingId: null,
  page: { kind: "note" },
  overlay: null,
  beforeCopy: null,
  readingMeanwhile: false,
  searchQuery: "",
  settled: new Map(),
}));

const writeDelayMs = 300;

/** Takes up what the last window left, and keeps writing it down. */
export function keepView(): void {
  const kept = readKept(localStorage.getItem(keptKey));
  useView.setState({ ...kept, selected: new Set(kept.focusId === null ? [] : [kept.focusId]) });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    try {
      localStorage.setItem(keptKey, writeKept(useView.getState()));
    } catch (error) {
      // A full storage costs the window its memory of places, never a note.
      console.warn("The window's state was not kept", error);
    }
  };
  useView.subscribe(() => {
    timer ??= setTimeout(write, writeDelayMs);
  });
  window.addEventListener("pagehide", write);
}

export const setView = useView.setState;

export function openOverlay(overlay: Overlay): void {
  setView({ overlay });
}

export function closeOverlay(): void {
  setView({ overlay: null });
}

export function showPage(page: Page): void {
  setView({ page });
}

export function settledKey(resetId: string, noteId: NoteId): string {
  return `${resetId} ${noteId}`;
}

export function markSettled(resetId: string, noteId: NoteId, choice: string): void {
  setView(({ settled }) => ({ settled: new Map(settled).set(settledKey(resetId, noteId), choice) }));
}

export function rememberCaret(id: NoteId, caret: Caret): void {
  setView(({ carets }) => {
    const next = new Map(carets);
    // Set anew, so that the oldest ones come first and fall out first.
    next.delete(id);
    next.set(id, caret);
    return { carets: next };
  });
}
