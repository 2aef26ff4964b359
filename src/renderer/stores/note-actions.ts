// What a person does to notes, asked of main one by one, with what is said about it afterwards. Where a note may
// go is decided in shared/tree by main; here are only the wish and the words.

import type { Target } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { isWithin } from "../../shared/tree";
import { plural } from "../design/words";
import { readAgain } from "../editor/editing-store";
import { movedWords, noteToGoTo, topmost } from "../tree/places";
import { request } from "./bridge";
import { focusTreeIfNowhere, openNote, revealNote } from "./navigation";
import { titleOfRow, useNotes, whenRow } from "./notes-store";
import { announce, showToast } from "./toast-store";
import { setView, useView } from "./view-store";

export async function createNote(target: Target, text = ""): Promise<void> {
  const answer = await request("notes:create", { target, text });
  if (answer.kind === "refused") return;
  await whenRow(answer.value);
  openNote(answer.value, { caretIn: "title" });
}

export async function moveNote(id: NoteId, target: Target): Promise<boolean> {
  return moving(id, () => request("notes:move", { id, target }));
}

export async function indentNote(id: NoteId): Promise<boolean> {
  return moving(id, () => request("notes:indent", { id }));
}

export async function outdentNote(id: NoteId): Promise<boolean> {
  return moving(id, () => request("notes:outdent", { id }));
}

async function moving(
  id: NoteId,
  move: () => Promise<{ readonly kind: "ok" | "refused" }>,
): Promise<boolean> {
  const before = useNotes.getState().tree?.rows.get(id);
  const answer = await move();
  if (answer.kind === "refused") return false;
  await whenRow(id, (row) => row.parentId !== before?.parentId || row.orderKey !== before.orderKey);
  const { tree } = useNotes.getState();
  if (tree !== null) announce(movedWords(tree, id));
  revealNote(id);
  return true;
}

/** Several notes one after another, so that they stand in the order they had. */
export async function moveNotes(ids: readonly NoteId[], target: Target): Promise<void> {
  const { tree } = useNotes.getState();
  if (tree === null) return;
  let afterId = target.afterId;
  for (const id of topmost(tree, ids)) {
    if (id === afterId) continue;
    if (!(await moveNote(id, { parentId: target.parentId, afterId }))) return;
    afterId = id;
  }
}

export async function trashNotes(ids: readonly NoteId[]): Promise<void> {
  const { tree } = useNotes.getState();
  if (tree === null) return;
  const going = topmost(tree, ids);
  const next = noteToGoTo(tree, going);
  const gone: NoteId[] = [];
  for (const id of going) {
    if ((await request("notes:trash", { id })).kind === "ok") gone.push(id);
  }
  const first = gone[0];
  if (first === undefined) return;
  const { openId } = useView.getState();
  if (next !== null) revealNote(next);
  if (openId !== null && gone.some((id) => isWithin(tree, openId, id))) setView({ openId: next });
  showToast({
    message:
      gone.length === 1
        ? `Moved “${titleOfRow(first)}” to trash.`
        : `Moved ${plural(gone.length, "note")} to trash.`,
    // These notes, whatever else was done since: the last change may be another one by then.
    action: { label: "Undo", run: () => void takeOutOfTrash(gone) },
  });
}

async function takeOutOfTrash(ids: readonly NoteId[]): Promise<void> {
  const back: NoteId[] = [];
  for (const id of ids) {
    if ((await request("notes:restore", { id })).kind === "ok") back.push(id);
  }
  const [first] = back;
  if (first === undefined) return;
  await whenRow(first, (row) => row.deletedAtMs === null);
  openNote(first);
  focusTreeIfNowhere();
  announce(back.length === 1 ? `Restored ${titleOfRow(first)}.` : `Restored ${plural(back.length, "note")}.`);
}

export async function restoreNote(id: NoteId): Promise<void> {
  await takeOutOfTrash([id]);
}

export async function renameNote(id: NoteId, title: string): Promise<void> {
  const clean = title.trim();
  if (clean === "" || clean === titleOfRow(id)) return;
  if ((await request("notes:rename", { id, title: clean })).kind === "ok") await readAgain();
}

export async function undo(): Promise<void> {
  if ((await request("notes:undo")).kind === "refused") return;
  announce("Undone");
  await readAgain();
}

export async function redo(): Promise<void> {
  if ((await request("notes:redo")).kind === "refused") return;
  announce("Done again");
  await readAgain();
}
