// Answers every IPC channel from the open app. What needs a desktop (dialogs, opening a folder, the clipboard, the
// menu bar) is handed in, so that the headless client answers the same channels.

import { randomUUID } from "node:crypto";
import type {
  Answer,
  AppState,
  Imported,
  MenuDescription,
  NotesChange,
  SettingsShown,
} from "../shared/ipc-contract";
import type { Note, NoteId } from "../shared/note";
import { createBackupAnswers } from "./backups/backup-answers";
import { type Handlers, ok, refused } from "./handlers";
import {
  type AskedCommand,
  type AskedCommands,
  carryOutLater,
  openAskedCommands,
} from "./notes/asked-commands";
import type { NoteWriter } from "./notes/copied-notes";
import { keepTyping, readKeptTyping } from "./notes/kept-typing";
import { createNoteCommands, type NoteCommands, newHistory, notSaved } from "./notes/note-commands";
import type { Perennial } from "./perennial";
import type { LoginResult } from "./realm/realm-app";
import { createReportAnswers } from "./recovery/report-answers";
import { titleOfExport } from "./sealed-file";
import { searchNotes } from "./search";
import type { Session } from "./session";
import type { Settings } from "./settings";
import { writeSupportBundle } from "./support-bundle";
import { exportLeftovers, exportNotes } from "./transfer/export-folder";
import { commitInBatches, planImport } from "./transfer/import-folder";

export type Desktop = {
  readonly chooseFolder: (title: string) => Promise<string | null>;
  readonly chooseFileToSave: (title: string, suggestedName: string) => Promise<string | null>;
  readonly openFolder: (path: string) => Promise<void>;
  readonly copyText: (text: string) => void;
  readonly setMenu: (menus: MenuDescription[]) => void;
  /** Asks the window to save what was typed, and waits for it a moment. */
  readonly flushWindow: () => Promise<void>;
  /** The window's answer to that. */
  readonly flushed: () => void;
};

export function createAnswers(
  perennial: Perennial,
  desktop: Desktop,
  dataDir: string,
  now: () => number,
): Handlers {
  let asked: { readonly of: string; readonly commands: AskedCommands } | null = null;
  let commands: { readonly of: NoteWriter; readonly notes: NoteCommands } | null = null;
  let importing: AppState["importing"] = null;

  perennial.extend(() => {
    // Of commands that would only have to wait it is told what they would find.
    const notes = perennial.readOnly() ? null : (commandsOf() ?? commands?.notes ?? null);
    return { canUndo: notes?.canUndo() ?? null, canRedo: notes?.canRedo() ?? null, importing };
  });

  function writable(): Session | null {
    const session = perennial.session();
    return session === null || perennial.readOnly() ? null : session;
  }

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

  function loginAnswer(result: LoginResult): Answer<null> {
    return result.kind === "ok" ? ok(null) : refused(result.message);
  }

  function settingsShown(): SettingsShown {
    const { recoveryStrategy, isStrategyGiven, reviewFirst, resetWay, isResetWayGiven } = perennial.settings;
    return {
      recoveryStrategy: recoveryStrategy(),
      isStrategyGiven,
      reviewFirst: reviewFirst(),
      resetWay: resetWay(),
      isResetWayGiven,
    };
  }

  function choice(choose: (settings: Settings) => void): Answer<SettingsShown> {
    try {
      choose(perennial.settings);
      return ok(settingsShown());
    } catch (error) {
      return refused(`The choice could not be saved: ${(error as Error).message}`);
    }
  }

  function allNotes(): { notes: ReadonlyMap<NoteId, Note>; rootId: NoteId } | null {
    const shown = perennial.notes();
    if (shown === null) return null;
    const notes = new Map<NoteId, Note>();
    for (const id of shown.rows.keys()) {
      const note = perennial.readNote(id);
      if (note !== null) notes.set(id, note);
    }
    return { notes, rootId: shown.rootId };
  }

  function resetDetails(): string | null {
    const { reset } = perennial.state();
    if (!("details" in reset)) return null;
    const { causeText, referenceCode, serverMessage, backupPlace } = reset.details;
    return `${causeText}\nReference: ${referenceCode}\nThe server said: ${serverMessage}\nSafety copy: ${backupPlace}\n`;
  }

  /** Of what needs the realm itself. */
  function notOpen(): ReturnType<typeof refused> {
    return perennial.resetState().kind === "idle"
      ? refused("The notes are not open yet. Try again in a moment.")
      : refused("This has to wait until your notes are recovered.");
  }

  /** What cannot be done to the notes that are shown during a recovery. */
  function notNow(): ReturnType<typeof refused> {
    return perennial.readOnly()
      ? refused("Notes can only be read just now.")
      : refused("This has to wait until your notes are recovered.");
  }

  async function importFolder(given: string | null): Promise<Answer<Imported>> {
    const session = writable();
    if (session === null) return notNow();
    if (importing !== null) return refused("An import is running already.");
    const folder = given ?? (await desktop.chooseFolder("Import a folder of Markdown files"));
    if (folder === null) return ok({ notes: 0, skipped: [] });
    try {
      const { rootId } = session.store;
      const lastKey = lastChildKey(session, rootId);
      const { changes, skipped } = await planImport(folder, rootId, lastKey, { atMs: now() });
      if (changes.length === 0) return refused("There is no Markdown file in that folder.");
      await commitInBatches(changes, session.store.commit, (done, total) => {
        importing = { done, total };
        perennial.changed();
      });
      return ok({ notes: changes.length, skipped });
    } catch (error) {
      return refused(`The folder could not be imported: ${(error as Error).message}`);
    } finally {
      importing = null;
      perennial.changed();
    }
  }

  return {
    ...createBackupAnswers(perennial, desktop),
    ...createReportAnswers(perennial, desktop, writable, now),
    "app:state": () => ok(perennial.state()),
    "app:menu": (menus) => {
      desktop.setMenu(menus);
      return ok(null);
    },
    "app:flushed": () => {
      desktop.flushed();
      return ok(null);
    },
    "app:support-bundle": async ({ to }) => {
      const file = to ?? (await desktop.chooseFileToSave("Save a support bundle", "Perennial support.json"));
      if (file === null) return ok(null);
      try {
        writeSupportBundle(file, perennial, now());
        return ok(file);
      } catch (error) {
        return refused(`The support bundle could not be saved: ${(error as Error).message}`);
      }
    },
    "app:open-data-folder": async () => {
      await desktop.openFolder(dataDir);
      return ok(null);
    },
    "account:sign-in": async ({ email, password }) =>
      loginAnswer(await perennial.signIn((app) => app.logIn(email, password))),
    "account:register": async ({ email, password }) =>
      loginAnswer(
        perennial.state().account.kind === "signed-in"
          ? await perennial.giveAccount(email, password)
          : await perennial.signIn((app) => app.register(email, password)),
      ),
    "account:anonymous": async () => loginAnswer(await perennial.signIn((app) => app.logInAnonymously())),
    "account:sign-out": async (how) => {
      if (perennial.resetState().kind !== "idle") return refused("Finish the recovery of your notes first.");
      const refusal = await perennial.signOut(how?.keepCopy ?? false);
      return refusal === null ? ok(null) : refused(refusal);
    },
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
      const id = randomUUID() as NoteId;
      return lasting({ kind: "create", id, target, text }, (notes) => notes.create(target, text, id));
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
      return userId === null ? refused("Nobody is signed in.") : ok(readKeptTyping(perennial.paths, userId));
    },
    "notes:rename": ({ id, title }) => {
      const seen = perennial.readNote(id)?.text;
      return lasting({ kind: "rename", id, title, seen }, (notes) => notes.rename(id, title, seen));
    },
    "notes:move": ({ id, target }) =>
      lasting({ kind: "move", id, target }, (notes) => notes.move(id, target)),
    "notes:indent": ({ id }) =>
      lasting({ kind: "indent", id, from: parentOf(id) }, (notes) => notes.indent(id)),
    "notes:outdent": ({ id }) =>
      lasting({ kind: "outdent", id, from: parentOf(id) }, (notes) => notes.outdent(id)),
    "notes:trash": ({ id }) => lasting({ kind: "trash", id }, (notes) => notes.trash(id)),
    "notes:restore": ({ id }) => lasting({ kind: "restore", id }, (notes) => notes.restore(id)),
    "notes:empty-trash": async () => {
      const notes = commandsOf();
      if (notes === null || writable() === null) return notNow();
      const answer = await notes.emptyTrash();
      perennial.changed();
      return answer;
    },
    "notes:undo": () => command((notes) => notes.undo()),
    "notes:redo": () => command((notes) => notes.redo()),
    "notes:search": ({ query }) => {
      const all = allNotes();
      return ok(all === null ? [] : searchNotes(all.notes.values(), query));
    },
    "notes:import-folder": ({ folder }) => importFolder(folder),
    "notes:export": async ({ folder: given }) => {
      const all = allNotes();
      if (all === null) return refused("The notes are not open yet.");
      const folder =
        given ??
        (await desktop.chooseFolder(titleOfExport("Export all notes as Markdown", perennial.paths.sealing)));
      if (folder === null) return ok(0);
      try {
        const files = await exportNotes(all.notes, all.rootId, folder);
        const rest = perennial.leftovers();
        if (rest !== null) await exportLeftovers(rest, all.notes, files, folder);
        return ok(files.size);
      } catch (error) {
        return refused(`The notes could not be exported: ${(error as Error).message}`);
      }
    },
    "sync:work-offline": ({ offline }) => {
      const session = perennial.session();
      if (session === null) return notOpen();
      session.workOffline(offline);
      return ok(null);
    },
    "sync:retry": async () => {
      const session = perennial.session();
      if (session !== null) session.retry();
      // The notes could not be opened, for a full disk, say. While a start is under way there is no problem.
      else if (perennial.resetState().kind === "idle" && perennial.state().sync.kind === "problem") {
        await perennial.start();
      } else return notOpen();
      return ok(null);
    },
    "sync:rebuild": async () => {
      if (perennial.session() === null || perennial.resetState().kind !== "idle") {
        return notOpen();
      }
      await desktop.flushWindow();
      perennial.rebuild();
      return ok(null);
    },
    "reset:restart": async () => {
      await desktop.flushWindow();
      perennial.dispatch({ kind: "restart" });
      return ok(null);
    },
    "reset:later": () => {
      perennial.dispatch({ kind: "postpone" });
      return ok(null);
    },
    "reset:try-again": () => {
      perennial.dispatch({ kind: "try-again" });
      return ok(null);
    },
    "reset:read-only": async () => {
      await perennial.showBackup();
      return ok(null);
    },
    "reset:accept-plan": () => {
      perennial.dispatch({ kind: "plan-accepted" });
      return ok(null);
    },
    "settings:choose-review-first": ({ reviewFirst }) =>
      choice((settings) => settings.chooseReviewFirst(reviewFirst)),
    "settings:choose-reset-way": ({ way }) => choice((settings) => settings.chooseResetWay(way)),
    "reset:copy-details": () => {
      const details = resetDetails();
      if (details === null) return refused("There is nothing to copy.");
      desktop.copyText(details);
      return ok(null);
    },
    "settings:read": () => ok(settingsShown()),
    "settings:choose-strategy": ({ strategy }) => choice((settings) => settings.chooseStrategy(strategy)),
    "audit:answer": async ({ choice }) => {
      const session = writable();
      if (session === null) return notOpen();
      await session.audit.answer(choice);
      return ok(null);
    },
  };
}

function lastChildKey(session: Session, parentId: NoteId): string | null {
  let last: string | null = null;
  for (const row of session.store.rows().values()) {
    if (row.parentId === parentId && (last === null || row.orderKey > last)) last = row.orderKey;
  }
  return last;
}
