// What a command is, and what it may look at when it decides whether it makes sense now.

import type { AppState } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { isNoteId } from "../../shared/note";
import { isReadOnly, useApp } from "../stores/app-store";
import { useNotes } from "../stores/notes-store";
import { type LineId, useView, type ViewState } from "../stores/view-store";
import type { NoteTree } from "../tree/places";
import type { KeyBinding } from "./keys";

export type CommandState = {
  readonly app: AppState | null;
  readonly tree: NoteTree | null;
  readonly view: ViewState;
  /** The note a command acts on: the focused line of the tree used last, else the open note. */
  readonly noteId: NoteId | null;
  /** The selected notes where the focus is one of them, else only that one. */
  readonly noteIds: readonly NoteId[];
  readonly readOnly: boolean;
};

export type Command = {
  /** Main sends it back when it is chosen in the native menu. */
  readonly id: string;
  readonly title: (state: CommandState) => string;
  /** The first one is shown. */
  readonly keys: readonly KeyBinding[];
  readonly isEnabled: (state: CommandState) => boolean;
  readonly run: (state: CommandState) => void | Promise<void>;
};

export function commandState(): CommandState {
  const { app } = useApp.getState();
  const { tree } = useNotes.getState();
  return commandStateOf(app, tree, useView.getState());
}

export function commandStateOf(app: AppState | null, tree: NoteTree | null, view: ViewState): CommandState {
  const focused = { notes: view.focusId, trash: view.trashFocusId, editor: view.openId }[view.lastIn];
  // The place 'Recovered notes' is no note, and must not stand for the open one.
  const wanted = focused ?? view.openId;
  const isHere = (id: LineId | null): id is NoteId => isNoteId(id) && tree?.rows.has(id) === true;
  const noteId = isHere(wanted) ? wanted : null;
  const many = view.lastIn === "notes" && noteId !== null && view.selected.has(noteId);
  return {
    app,
    tree,
    view,
    noteId,
    noteIds: many ? [...view.selected].filter(isHere) : noteId === null ? [] : [noteId],
    readOnly: isReadOnly(app),
  };
}

/** The note can be changed: it is there, not in the trash, and nothing is being protected. */
export function canChangeNote({ readOnly, tree, noteId }: CommandState): boolean {
  return !readOnly && tree !== null && noteId !== null && !tree.trashed.has(noteId);
}

export function always(): boolean {
  return true;
}
