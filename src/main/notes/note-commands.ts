// What a person can do with notes: each command looks at the tree, asks the pure operation what would change, and
// commits that through the store. Keeps the list of what can be undone; undo gives way to what others did since.

import type { Answer } from "../../shared/ipc-contract";
import { type Note, type NoteId, titleOf } from "../../shared/note";
import { changedId, type NoteChange } from "../../shared/note-change";
import { mergeTyped } from "../../shared/rebase-change";
import { buildTree, isWithin } from "../../shared/tree";
import {
  createNote,
  editText,
  indentNote,
  moveNote,
  type Operation,
  outdentNote,
  refusalText,
  renameNote,
  restoreNote,
  type Target,
  trashNote,
} from "../../shared/tree-operations";
import { ok, refused } from "../handlers";
import { describeError, isDiskFull } from "../realm/realm-errors";
import { commitInBatches } from "../transfer/import-folder";
import type { NoteWriter } from "./copied-notes";
import { changesBetween } from "./note-changes";

export type NoteCommands = {
  /** `id`: of the new note, which must not be there yet. */
  readonly create: (target: Target, text: string, id: NoteId) => Answer<NoteId>;
  /** Answers the text as it stands now: what was typed since `base`, merged with what came by another hand. */
  readonly edit: (id: NoteId, text: string, base: string) => Answer<string>;
  /** `seen`: the note's text before the eyes of who wants it; what came since by another hand stays. */
  readonly rename: (id: NoteId, title: string, seen: string | undefined) => Answer<null>;
  readonly move: (id: NoteId, target: Target) => Answer<null>;
  readonly indent: (id: NoteId) => Answer<null>;
  readonly outdent: (id: NoteId) => Answer<null>;
  readonly trash: (id: NoteId) => Answer<null>;
  readonly restore: (id: NoteId) => Answer<null>;
  /** For good: of each note in the trash a tombstone is left, without a word. Answers how many. Cannot be undone. */
  readonly emptyTrash: () => Promise<Answer<number>>;
  readonly undo: () => Answer<null>;
  readonly redo: () => Answer<null>;
  readonly canUndo: () => string | null;
  readonly canRedo: () => string | null;
  readonly history: History;
};

/** What was done, to be undone by whoever writes to the same notes next. */
export type History = { readonly undoable: Done[]; readonly redoable: Done[] };

type Done = {
  readonly label: string;
  readonly changes: readonly NoteChange[];
  readonly inverse: readonly NoteChange[];
};

const undoDepth = 100;

export function newHistory(): History {
  return { undoable: [], redoable: [] };
}

export function createNoteCommands(
  store: NoteWriter,
  now: () => number,
  history: History = newHistory(),
): NoteCommands {
  const { undoable, redoable } = history;

  function perform(label: string, operation: Operation): Answer<null> {
    if (operation.kind === "refused") return refused(refusalText(operation.reason));
    const committed = commit(operation.changes);
    if (committed.kind === "refused") return committed;
    undoable.push({ label, changes: operation.changes, inverse: operation.inverse });
    if (undoable.length > undoDepth) undoable.shift();
    redoable.length = 0;
    return ok(null);
  }

  function commit(changes: readonly NoteChange[]): Answer<null> {
    try {
      store.commit(changes);
      return ok(null);
    } catch (error) {
      return refused(notSaved(error));
    }
  }

  const { tree } = store;
  const labelled = (verb: string, id: NoteId) => `${verb} “${store.rows().get(id)?.title ?? "a note"}”`;

  /** A change that undoes another only holds where what it would undo is still so. */
  function stillHolds(change: NoteChange): boolean {
    if (change.kind === "create") return store.read(change.note.id) === null;
    const note = store.read(change.id);
    if (note === null) return false;
    switch (change.kind) {
      case "text":
        return note.text === change.before;
      case "place":
        return (
          note.parentId === change.before.parentId &&
          note.orderKey === change.before.orderKey &&
          !isUnder(change.after.parentId, change.id)
        );
      case "deleted":
        return (note.deletedAtMs === null) === (change.before === null);
    }
  }

  /** By a move that came meanwhile: nothing is put back under itself. */
  function isUnder(id: NoteId | null, aboveId: NoteId): boolean {
    return id !== null && isWithin(tree, id, aboveId);
  }

  function step(from: Done[], to: Done[], nothing: string): Answer<null> {
    const last = from.pop();
    if (last === undefined) return refused(nothing);
    // A creation is done again by taking the note out of the trash that undo put it into.
    const changes = last.inverse.filter(stillHolds);
    if (changes.length < last.inverse.length) return refused("It was changed since, so it stays as it is.");
    const committed = commit(changes);
    if (committed.kind === "refused") {
      from.push(last);
      return committed;
    }
    to.push({ label: last.label, changes: last.inverse, inverse: redoOf(last) });
    return ok(null);
  }

  function redoOf({ changes, inverse }: Done): readonly NoteChange[] {
    return changes.map((change) => {
      if (change.kind !== "create") return change;
      const removal = inverse.find((each) => each.kind === "deleted" && each.id === change.note.id);
      const before = removal?.kind === "deleted" ? removal.after : null;
      return { kind: "deleted", id: change.note.id, before, after: null };
    });
  }

  return {
    create(target, text, id) {
      const performed = perform(
        `New note “${titleOf(text)}”`,
        createNote(tree, { id, text, target, atMs: now() }),
      );
      return performed.kind === "ok" ? ok(id) : performed;
    },
    edit(id, text, base) {
      const note = store.read(id);
      if (note === null) return refused(refusalText("no-such-note"));
      const wanted = note.text === base ? text : mergeTyped(base, text, note.text);
      if (wanted === note.text) return ok(wanted);
      const operation = editText(note, wanted);
      if (operation.kind === "refused") return refused(refusalText(operation.reason));
      const committed = commit(operation.changes);
      return committed.kind === "ok" ? ok(store.read(id)?.text ?? wanted) : committed;
    },
    rename(id, title, seen) {
      const note = store.read(id);
      if (note === null) return refused(refusalText("no-such-note"));
      const base = seen ?? note.text;
      const [change] = operationChanges(renameNote({ id, text: base }, title));
      if (change?.kind !== "text" || note.text === base) {
        return perform(labelled("Rename", id), renameNote(note, title));
      }
      return perform(labelled("Rename", id), editText(note, mergeTyped(base, change.after, note.text)));
    },
    move: (id, target) => perform(labelled("Move", id), moveNote(tree, id, target)),
    indent: (id) => perform(labelled("Move", id), indentNote(tree, id)),
    outdent: (id) => perform(labelled("Move", id), outdentNote(tree, id)),
    trash: (id) => perform(labelled("Move to trash", id), trashNote(tree, id, now())),
    restore: (id) => perform(labelled("Restore", id), restoreNote(tree, id)),
    async emptyTrash() {
      // Asked of one note after the other, each answer would cost what lies above it.
      const { trashed } = buildTree(store.rows().values(), store.rootId);
      const changes = [...trashed].flatMap((id) => purgeOf(store.read(id), now()));
      try {
        await commitInBatches(
          changes,
          (batch) => store.commit(batch),
          () => undefined,
        );
      } catch (error) {
        return refused(notSaved(error));
      }
      // What was done to them before must not be done backwards to what is left of them.
      undoable.length = 0;
      redoable.length = 0;
      return ok(new Set(changes.map(changedId)).size);
    },
    undo: () => step(undoable, redoable, "There is nothing to undo."),
    redo: () => step(redoable, undoable, "There is nothing to do again."),
    canUndo: () => undoable.at(-1)?.label ?? null,
    canRedo: () => redoable.at(-1)?.label ?? null,
    history,
  };
}

function operationChanges(operation: Operation): readonly NoteChange[] {
  return operation.kind === "refused" ? [] : operation.changes;
}

/** What makes a note a tombstone: it is told from one that vanished, and no list of children names it. */
function purgeOf(note: Note | null, atMs: number): NoteChange[] {
  if (note === null) return [];
  const nowhere = { parentId: null, orderKey: "" };
  return changesBetween(note, { ...note, ...nowhere, text: "", deletedAtMs: note.deletedAtMs ?? atMs });
}

/** Why a commit did not happen, for the person who wanted it. */
export function notSaved(error: unknown): string {
  return isDiskFull(error)
    ? "The disk is full, so this could not be saved. Free some room, then try again."
    : `This could not be saved: ${describeError(error)}`;
}
