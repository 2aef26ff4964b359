// Answers the channels by which notes are read, searched and changed. What cannot be done for a moment waits for its
// turn, and outlasts a process that ends before (asked-commands.ts). What a command does is in note-commands.ts.

import { randomUUID } from "node:crypto";
import type { Answer, AppState, NotesChange } from "../../shared/ipc-contract";
import type { Note, NoteId } from "../../shared/note";
import { type Handlers, notNow, ok, refused } from "../handlers";
import type { Perennial } from "../perennial";
import { searchNotes } from "../search";
import type { Session } from "../session";
import {
  type AskedCommand,
  type AskedCommands,
  type Creation,
  carryOut,
  carryOutLater,
  openAskedCommands,
} from "./asked-commands";
import type { NoteWriter } from "./copied-notes";
import { keepTyping, readKeptTyping } from "./kept-typing";
import { createNoteCommands, type NoteCommands, newHistory, notSaved } from "./note-commands";

type NoteChannel =
  | "notes:all"
  | "notes:create"
  | "notes:edit"
  | "notes:empty-trash"
  | "notes:indent"
  | "notes:keep-typing"
  | "notes:kept-typing"
  | "notes:move"
  | "notes:outdent"
  | "notes:read"
  | "notes:redo"
  | "notes:rename"
  | "notes:restore"
  | "notes:search"
  | "notes:trash"
  | "notes:undo";

export type NoteAnswers = {
  readonly handlers: Pick<Handlers, NoteChannel>;
  readonly undoable: () => Pick<AppState, "canUndo" | "canRedo">;
};

/** `writable`: the session, where notes may be changed now. */
export function createNoteAnswers(
  perennial: Perennial,
  writable: () => Session | null,
  now: () => number,
): NoteAnswers {
  let asked: { readonly of: string; readonly commands: AskedCommands } | null = null;
  let commands: { readonly of: NoteWriter; readonly notes: NoteCommands } | null = null;

  function commandsOf(): NoteCommands | null {
    const writer = perennial.writer();
    if (writer === null) return null;
    if (commands?.of !== writer) {
      // What was done to the notes shown during a recovery can be undone after it, where it still holds.
      const done = commands?.of.rootId === writer.rootId ? commands.notes.history : newHistory();
      commands = { of: writer, notes: createNoteCommands(writer, now, done) };
      // Not in the midst of whatever has just asked for them.
      if (askedCommands()?.leftBehind().length) setImmediate(takeUpLeftBehind);
    }
    return commands.notes;
  }

  function command<T>(work: (notes: NoteCommands) => Answer<T>): Answer<T> | Promise<Answer<T>> {
    return perennial.inTurn(() => {
      const notes = commandsOf();
      if (notes === null) return refused("Notes can only be read just now.");
      takeUpLeftBehind();
      const answer = work(notes);
      perennial.changed();
      return answer;
    });
  }

  /** As `command`; where its turn comes later, it is kept on the disk until it is answered. */
  function lasting<T>(
    wanted: AskedCommand,
    work: (notes: NoteCommands) => Answer<T>,
  ): Answer<T> | Promise<Answer<T>> {
    const kept = askedCommands();
    const answer = command(work);
    if (!(answer instanceof Promise)) return answer;
    kept?.keep(wanted);
    return answer.then((answered) => {
      // Of a process that ends nobody hears a refusal.
      if (answered.kind === "ok" || !perennial.isClosing()) kept?.drop(wanted);
      return answered;
    });
  }

  const done = (wanted: Exclude<AskedCommand, Creation>) =>
    lasting(wanted, (notes) => carryOut(wanted, notes));

  const parentOf = (id: NoteId) => perennial.readNote(id)?.parentId ?? null;

  function askedCommands(): AskedCommands | null {
    const userId = perennial.userId();
    if (userId === null) return null;
    if (asked?.of !== userId)
      asked = { of: userId, commands: openAskedCommands(perennial.paths, userId, perennial.log) };
    return asked.commands;
  }

  /** What an earlier process was asked for and never answered, before anything else that is asked of these notes. */
  function takeUpLeftBehind(): void {
    const kept = askedCommands();
    const writer = perennial.writer();
    if (kept === null || writer === null || commands?.of !== writer) return;
    if (kept.leftBehind().length === 0) return;
    for (const wanted of kept.leftBehind()) {
      const answer = carryOutLater(wanted, commands.notes, writer);
      if (answer === null) continue;
      kept.drop(wanted);
      perennial.log("info", "what was asked for before the process ended is done", {
        kind: wanted.kind,
        outcome: answer.kind,
      });
    }
    perennial.changed();
  }

  return {
    undoable() {
      // Of commands that would only have to wait it is told what they would find.
      const notes = perennial.readOnly() ? null : (commandsOf() ?? commands?.notes ?? null);
      return { canUndo: notes?.canUndo() ?? null, canRedo: notes?.canRedo() ?? null };
    },
    handlers: {
      "notes:all": () => {
        const shown = perennial.notes();
        if (shown === null) return refused("The notes are not open yet.");
        const all: Extract<NotesChange, { kind: "all" }> = {
          kind: "all",
          rootId: shown.rootId,
          rows: [...shown.rows.values()],
        };
        return ok(all);
      },
      "notes:read": ({ id }) => {
        const note = perennial.readNote(id);
        perennial.follow(id);
        return note === null ? refused("This note is not here any more.") : ok(note);
      },
      "notes:create": ({ target, text }) => {
        const wanted: Creation = { kind: "create", id: randomUUID() as NoteId, target, text };
        return lasting(wanted, (notes) => carryOut(wanted, notes));
      },
      "notes:edit": ({ id, text, base }) => command((notes) => notes.edit(id, text, base)),
      "notes:keep-typing": (typed) => {
        const userId = perennial.userId();
        if (userId === null) return refused("Nobody is signed in.");
        try {
          keepTyping(perennial.paths, userId, typed);
          return ok(null);
        } catch (error) {
          return refused(notSaved(error));
        }
      },
      "notes:kept-typing": () => {
        const userId = perennial.userId();
        return userId === null
          ? refused("Nobody is signed in.")
          : ok(readKeptTyping(perennial.paths, userId));
      },
      "notes:rename": ({ id, title }) =>
        done({ kind: "rename", id, title, seen: perennial.readNote(id)?.text }),
      "notes:move": ({ id, target }) => done({ kind: "move", id, target }),
      "notes:indent": ({ id }) => done({ kind: "indent", id, from: parentOf(id) }),
      "notes:outdent": ({ id }) => done({ kind: "outdent", id, from: parentOf(id) }),
      "notes:trash": ({ id }) => done({ kind: "trash", id }),
      "notes:restore": ({ id }) => done({ kind: "restore", id }),
      "notes:empty-trash": async () => {
        const notes = commandsOf();
        if (notes === null || writable() === null) return notNow(perennial.readOnly());
        const answer = await notes.emptyTrash();
        perennial.changed();
        return answer;
      },
      "notes:undo": () => command((notes) => notes.undo()),
      "notes:redo": () => command((notes) => notes.redo()),
      "notes:search": ({ query }) => {
        const all = readShown(perennial);
        return ok(all === null ? [] : searchNotes(all.notes.values(), query));
      },
    },
  };
}

/** Every note that is shown, of the open notes or of a copy; null: none are. */
export function readShown(
  perennial: Pick<Perennial, "notes" | "readNote">,
): { readonly notes: ReadonlyMap<NoteId, Note>; readonly rootId: NoteId } | null {
  const shown = perennial.notes();
  if (shown === null) return null;
  const notes = new Map<NoteId, Note>();
  for (const id of shown.rows.keys()) {
    const note = perennial.readNote(id);
    if (note !== null) notes.set(id, note);
  }
  return { notes, rootId: shown.rootId };
}
