// Answers every IPC channel from the open app: those about the app, the account, syncing and a reset here, the others
// gathered from the files beside what they are about. What needs a desktop (dialogs, opening a folder, the clipboard, the
// menu bar) is handed in, so that the headless client answers the same channels.

import type { Answer, MenuDescription } from "../shared/ipc-contract";
import { createBackupAnswers } from "./backups/backup-answers";
import { type Handlers, ok, refused } from "./handlers";
import { createNoteAnswers } from "./notes/note-answers";
import type { Perennial } from "./perennial";
import type { LoginResult } from "./realm/realm-app";
import { createReportAnswers } from "./recovery/report-answers";
import type { Session } from "./session";
import { createSettingsAnswers } from "./settings-answers";
import { writeSupportBundle } from "./support-bundle";
import { createTransferAnswers } from "./transfer/transfer-answers";

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
  const notes = createNoteAnswers(perennial, writable, now);
  const transfer = createTransferAnswers(perennial, desktop, writable, now);
  perennial.extend(() => ({ ...notes.undoable(), importing: transfer.importing() }));

  function writable(): Session | null {
    const session = perennial.session();
    return session === null || perennial.readOnly() ? null : session;
  }

  function loginAnswer(result: LoginResult): Answer<null> {
    return result.kind === "ok" ? ok(null) : refused(result.message);
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

  return {
    ...notes.handlers,
    ...transfer.handlers,
    ...createSettingsAnswers(perennial.settings),
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
    "reset:copy-details": () => {
      const details = resetDetails();
      if (details === null) return refused("There is nothing to copy.");
      desktop.copyText(details);
      return ok(null);
    },
    "audit:answer": async ({ choice }) => {
      const session = writable();
      if (session === null) return notOpen();
      await session.audit.answer(choice);
      return ok(null);
    },
  };
}
