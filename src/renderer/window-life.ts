// What the window does besides drawing: keys and menu commands, the theme, the native menu's description, saving
// before it goes, and taking up what a finished recovery has to tell.

import type { AppState } from "../shared/ipc-contract";
import { commandState } from "./commands/command";
import { chordOf, commandFor, type KeyPlace } from "./commands/keys";
import { describeMenus } from "./commands/menu-items";
import { commands, menus, runCommand } from "./commands/registry";
import { platform } from "./design/platform";
import { isSaved } from "./editor/editing";
import { flushEdits, followTexts, keepNow, readAgain, useEditing } from "./editor/editing-store";
import { finishedWords, mendedWords, opensReport } from "./reset/reset-words";
import { followAppState, useApp } from "./stores/app-store";
import { ask, listen } from "./stores/bridge";
import { wantCaret } from "./stores/navigation";
import { followNotes, useNotes } from "./stores/notes-store";
import { hideToasts, showToast } from "./stores/toast-store";
import { keepView, setView, showPage, useView } from "./stores/view-store";

export function startWindow(): void {
  keepView();
  goBackToText();
  followTheme();
  followTexts();
  followWriting();
  followKeys();
  listen("command", (name) => void (name === "flush" ? flush() : runCommand(name)));
  window.addEventListener("beforeunload", () => void flushEdits());
  window.addEventListener("blur", () => void flushEdits());
  useApp.subscribe(({ app }, before) => onAppState(app, before.app));
  void followAppState();
  void followNotes();
  describeMenuBar();
}

/** A restart in the middle of a sentence goes on in the middle of it. */
function goBackToText(): void {
  const { openId, lastIn } = useView.getState();
  if (openId !== null && lastIn === "editor") wantCaret(openId, "text");
}

async function flush(): Promise<void> {
  // A field that has the focus may hold letters of a composition: leaving it hands them over.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  await keepNow();
  await flushEdits();
  await ask("app:flushed");
}

function followTheme(): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { theme } = useView.getState();
    const isDark = theme === "dark" || (theme === "system" && dark.matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  };
  apply();
  dark.addEventListener("change", apply);
  useView.subscribe((view, before) => {
    if (view.theme !== before.theme) apply();
  });
}

function followKeys(): void {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const chord = chordOf(event, platform);
    if (chord === null) return;
    const command = commandFor(commands, chord, placeOf(document.activeElement));
    if (command === null) return;
    // Taken even when it makes no sense now: the browser's own meaning (print, find in page) is never meant.
    event.preventDefault();
    runCommand(command.id);
  });
}

function placeOf(focused: Element | null): KeyPlace {
  if (focused?.closest('[role="dialog"], [role="alertdialog"], [role="menu"]')) return "dialog";
  if (document.querySelector(".app")?.hasAttribute("inert")) return "dialog";
  if (focused?.matches("input, textarea")) return "text";
  return focused?.closest('[role="tree"]') ? "tree" : "elsewhere";
}

const menuDelayMs = 150;

/** Tells main the menus at start and after each change of a title or of what is possible. */
function describeMenuBar(): void {
  let told = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    const description = describeMenus(menus, commandState());
    const now = JSON.stringify(description);
    if (now === told) return;
    told = now;
    void ask("app:menu", description);
  };
  const later = () => {
    if (timer === undefined) timer = setTimeout(tell, menuDelayMs);
  };
  tell();
  useApp.subscribe(later);
  useView.subscribe(later);
  useNotes.subscribe(later);
}

/** Somebody has typed since the recovery that runs was first seen. */
let hasWrittenMeanwhile = false;

function followWriting(): void {
  useEditing.subscribe(({ editings }) => {
    const isRecovering = useApp.getState().app?.reset.kind === "recovering";
    if (isRecovering && [...editings.values()].some((each) => !isSaved(each))) hasWrittenMeanwhile = true;
  });
}

function onMended({ audit: { mended } }: AppState, before: AppState | null): void {
  if (mended === null || before?.audit.mended?.reportId === mended.reportId) return;
  const report = { kind: "report", resetId: mended.reportId } as const;
  showToast({ message: mendedWords(mended.notes), action: { label: "Report", run: () => showPage(report) } });
}

function onAppState(app: AppState | null, before: AppState | null): void {
  if (app === null) return;
  const { reset } = app;
  const isUnderWay = ["recovering", "review", "stopped"].includes(reset.kind);
  if (!isUnderWay && useView.getState().readingMeanwhile) setView({ readingMeanwhile: false });
  onMended(app, before);
  // 'Your notes are back' is not said beside the question of the next reset.
  if (before?.reset.kind === "finished" && reset.kind !== "finished") hideToasts();
  // The rows are others now, and so is the text of a note with the same name.
  if (before !== null && before.viewedCopy?.name !== app.viewedCopy?.name) void readAgain();
  if (reset.kind !== "finished") return;
  if (before?.reset.kind === "finished" && before.reset.resetId === reset.resetId) return;
  const { lastRecovery } = useView.getState();
  if (lastRecovery === reset.resetId) return;
  setView({ lastRecovery: reset.resetId });
  const report = { kind: "report", resetId: reset.resetId } as const;
  const isWriting = hasWrittenMeanwhile;
  hasWrittenMeanwhile = false;
  if (opensReport(reset, lastRecovery !== null, isWriting)) showPage(report);
  else {
    showToast({
      message: finishedWords(reset.changesRestored, reset.needsHelp),
      action: { label: "Report", run: () => showPage(report) },
    });
  }
}
