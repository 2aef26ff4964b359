// The notes being edited: sends what is typed to main, merges what comes back, keeps what could not be saved until
// it can. A note leaves this store only when main has every letter of it.

import { create } from "zustand";
import type { AppState, KeptTyping } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { isReadOnly, useApp } from "../stores/app-store";
import { ask, listen } from "../stores/bridge";
import { showToast } from "../stores/toast-store";
import {
  answered,
  beginEditing,
  type Editing,
  heardElsewhere,
  isSaved,
  nextEdit,
  refusedSaving,
  sent,
  typed,
  unsavedOf,
} from "./editing";
import { mergeTyping } from "./merge-typing";

type EditingStore = {
  readonly shownId: NoteId | null;
  readonly editings: ReadonlyMap<NoteId, Editing>;
  /** Why the note that should be shown cannot be. */
  readonly failure: string | null;
};

export const useEditing = create<EditingStore>(() => ({ shownId: null, editings: new Map(), failure: null }));

const saveDelayMs = 300;
const timers = new Map<NoteId, ReturnType<typeof setTimeout>>();
const saving = new Map<NoteId, Promise<void>>();

export function followTexts(): void {
  listen("notes:text", ({ id, text }) => change(id, (editing) => heardElsewhere(editing, text, mergeTyping)));
  // Other notes altogether (the safety copy, the recovered ones) have other texts.
  listen("notes:changed", ({ kind }) => {
    if (kind === "all") void readAgain();
  });
  // What could not be saved while notes were being protected.
  useApp.subscribe(({ app }, before) => {
    // The next one who signs in has a file of their own.
    if (before.app !== null && app !== null && isLeft(before.app, app)) leftBehind = null;
    if (isReadOnly(before.app) && !isReadOnly(app)) void takeUpKept().then(flushEdits);
  });
  keepWhatIsTyped();
}

/** Whoever the server has signed out is not gone: their notes are open until somebody else signs in. */
function isLeft(before: AppState, { account, sync }: AppState): boolean {
  if (before.sync.kind !== "ended" || sync.kind === "ended")
    return before.account.kind === "signed-in" && account.kind === "signed-out" && sync.kind !== "ended";
  const { email } = before.sync;
  return account.kind === "signed-out" || email === null || account.email !== email;
}

/** Of the last window, until main has it; null as long as nobody has asked for it. */
let leftBehind: readonly KeptTyping[] | null = null;
let isAnyKept = false;
let keepTimer: ReturnType<typeof setTimeout> | undefined;
const keepDelayMs = 250;

function keepWhatIsTyped(): void {
  useEditing.subscribe(() => {
    keepTimer ??= setTimeout(() => void keepNow(), keepDelayMs);
  });
}

/** What main has not answered yet it keeps for the next window, should this one or main itself end first. */
export async function keepNow(): Promise<void> {
  clearTimeout(keepTimer);
  keepTimer = undefined;
  if (leftBehind === null) return;
  const all = [...leftBehind, ...unsavedOf(useEditing.getState().editings.values())];
  if (!isAnyKept && all.length === 0) return;
  isAnyKept = all.length > 0;
  const answer = await ask("notes:keep-typing", all);
  if (answer.kind === "refused") console.warn("What is typed was not kept:", answer.message);
}

async function readLeftBehind(): Promise<readonly KeptTyping[]> {
  if (leftBehind !== null) return leftBehind;
  const answer = await ask("notes:kept-typing");
  if (answer.kind === "refused") return [];
  leftBehind ??= answer.value;
  isAnyKept = leftBehind.length > 0;
  return leftBehind;
}

/** What the last window could not save is typed into the notes as they are now. Of a note that is not here it waits. */
async function takeUpKept(): Promise<void> {
  for (const kept of await readLeftBehind()) {
    const { id, base, text } = kept;
    const answer = await ask("notes:read", { id });
    if (answer.kind === "refused" || !leftBehind?.includes(kept)) continue;
    leftBehind = leftBehind.filter((each) => each !== kept);
    const theirs = answer.value.text;
    useEditing.setState(({ editings }) => {
      const begun = editings.get(id) ?? beginEditing(id, theirs);
      // Typed over what the last window knew, and merged with what came since, here as well.
      const all = heardElsewhere(typed(beginEditing(id, base), text), begun.current, mergeTyping);
      return { editings: new Map(editings).set(id, typed(begun, all.current)) };
    });
  }
}

/** Takes up what main has now: after a change of texts that was asked for here (a new title, an undo). */
export async function readAgain(): Promise<void> {
  const ids = [...useEditing.getState().editings.keys()];
  await Promise.all(
    ids.map(async (id) => {
      const answer = await ask("notes:read", { id });
      if (answer.kind === "ok")
        change(id, (editing) => heardElsewhere(editing, answer.value.text, mergeTyping));
    }),
  );
}

/** Shows the note's text, after sending on what was typed in the one before. Null shows none. */
export async function showText(id: NoteId | null): Promise<void> {
  const { shownId } = useEditing.getState();
  if (shownId === id) return;
  useEditing.setState({ shownId: id, failure: null });
  if (shownId !== null) void save(shownId);
  drop();
  if (id === null || useEditing.getState().editings.has(id)) return;
  const answer = await ask("notes:read", { id });
  if (useEditing.getState().shownId !== id) return;
  if (answer.kind === "refused") {
    useEditing.setState({ failure: answer.message });
    return;
  }
  useEditing.setState(({ editings }) => ({
    editings: editings.has(id) ? editings : new Map(editings).set(id, beginEditing(id, answer.value.text)),
  }));
}

export function typeText(id: NoteId, text: string): void {
  change(id, (editing) => typed(editing, text));
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => void save(id), saveDelayMs),
  );
}

/** Sends everything that is typed, and resolves when all of it was answered. */
export async function flushEdits(): Promise<void> {
  await Promise.all([...useEditing.getState().editings.keys()].map(save));
}

/** Sends what is typed in the note until nothing is left to send, or main refuses. */
export function save(id: NoteId): Promise<void> {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const running = saving.get(id);
  if (running !== undefined) return running;
  const run = sendAll(id).finally(() => {
    saving.delete(id);
    drop();
  });
  saving.set(id, run);
  return run;
}

async function sendAll(id: NoteId): Promise<void> {
  for (;;) {
    const editing = useEditing.getState().editings.get(id);
    const edit = editing === undefined ? null : nextEdit(editing);
    if (edit === null) return;
    if (isReadOnly(useApp.getState().app)) {
      // Kept here until it can be written; `followTexts` sends it then.
      change(id, (state) => refusedSaving(state, mergeTyping));
      return;
    }
    change(id, sent);
    const answer = await ask("notes:edit", { id, ...edit });
    if (answer.kind === "refused") {
      if (!isReadOnly(useApp.getState().app)) showToast({ message: answer.message });
      change(id, (state) => refusedSaving(state, mergeTyping));
      return;
    }
    change(id, (state) => answered(state, answer.value, mergeTyping));
  }
}

function change(id: NoteId, step: (editing: Editing) => Editing): void {
  useEditing.setState(({ editings }) => {
    const editing = editings.get(id);
    return editing === undefined ? {} : { editings: new Map(editings).set(id, step(editing)) };
  });
}

/** Forgets what is neither shown nor unsaved. */
function drop(): void {
  useEditing.setState(({ editings, shownId }) => {
    const kept = [...editings].filter(([id, editing]) => id === shownId || !isSaved(editing));
    return kept.length === editings.size ? {} : { editings: new Map(kept) };
  });
}
