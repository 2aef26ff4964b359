// The open notes of who is signed in: holds their session and whether they are all here, so that they may be changed.
// Opens and closes what it is told to; when that may be is the start order's to know (start-order.ts).

import { existsSync } from "node:fs";
import type { NotesChange } from "../shared/ipc-contract";
import type { NoteId } from "../shared/note";
import type { Log } from "./log";
import type { DataPaths } from "./paths";
import type { FileGenerations } from "./realm/file-generation";
import type { LastSyncedRealm } from "./realm/last-synced-realm";
import type { SyncUser } from "./realm/realm-app";
import { describeError, type SyncProblem } from "./realm/realm-errors";
import type { NoteSchemaName } from "./realm/schema";
import type { LocalSideReader } from "./recovery/local-side";
import type { ReportStore } from "./recovery/report-store";
import type { ResetDriver } from "./reset/reset-driver";
import { awaitFirstSync, openSession, type Session, type SessionOptions } from "./session";

export type OpenNotes = {
  readonly session: () => Session | null;
  readonly open: (
    user: SyncUser,
    how: Pick<SessionOptions, "leavingGeneration" | "isAdopted" | "reconnect">,
  ) => OpenedNotes;
  /** From now on they may be changed as soon as all of them are here: until then the window is for reading. */
  readonly awaitFirstSync: (opened: Session) => void;
  /** The user's notes are all here, so that they may be changed. */
  readonly isFirstSyncDone: () => boolean;
  readonly becomeWritable: (opened: Session) => void;
  /** So that their file can be moved away in this process, or somebody else can sign in. */
  readonly closeSession: () => void;
  /** For good, once what is on its way had a moment to arrive. */
  readonly close: () => Promise<void>;
};

export type OpenedNotes =
  | { readonly kind: "ok"; readonly session: Session }
  | { readonly kind: "cannot-open"; readonly message: string }
  /** Realm has given out the file that was moved away, because something of it was still open. */
  | { readonly kind: "not-fresh" };

type Dependencies = {
  readonly schema: NoteSchemaName;
  readonly paths: DataPaths;
  readonly generations: FileGenerations;
  readonly lastSynced: LastSyncedRealm;
  readonly reports: ReportStore;
  readonly driver: Pick<ResetDriver, "state">;
  readonly localSide: Pick<LocalSideReader, "decodeOnce">;
  /** Why the embedded server is not there. */
  readonly serverProblem: string | null;
  readonly now: () => number;
  readonly log: Log;
  readonly onProblem: (problem: SyncProblem) => void;
  readonly onNotes: (change: NotesChange) => void;
  readonly onForeignText: (id: NoteId, text: string) => void;
  readonly onWritable: (session: Session) => void;
  readonly onChange: () => void;
};

export function createOpenNotes(dependencies: Dependencies): OpenNotes {
  const { driver, serverProblem, onChange } = dependencies;
  let session: Session | null = null;
  let firstSyncDone = false;
  let closed = false;

  async function finishFirstSync(opened: Session): Promise<void> {
    while (session === opened && !closed && driver.state().kind === "idle") {
      if (await awaitFirstSync(opened)) {
        if (session === opened) becomeWritable(opened);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  function becomeWritable(opened: Session): void {
    try {
      opened.store.ensureRoot();
      firstSyncDone = true;
      opened.audit.poke();
    } catch (error) {
      opened.noteProblem(`The notes cannot be written: ${describeError(error)}`);
    }
    dependencies.onWritable(opened);
    onChange();
  }

  return {
    session: () => session,
    open(user, how) {
      const { schema, paths, generations, lastSynced, reports, now, log } = dependencies;
      const { onProblem, onNotes, onForeignText } = dependencies;
      const { decodeOnce } = dependencies.localSide;
      const mayMend = () => firstSyncDone && driver.state().kind === "idle";
      const told = { onProblem, onNotes, onForeignText, onStatus: onChange };
      const kept = { paths, generations, lastSynced, decodeOnce, reports };
      const opened = openSession({ user, schema, ...how, ...kept, mayMend, now, log, ...told });
      if (opened.kind === "cannot-open") return opened;
      const { realm } = opened.session;
      if (realm.isNewFile && !existsSync(realm.path)) {
        opened.session.close();
        return { kind: "not-fresh" };
      }
      session = opened.session;
      if (serverProblem !== null) session.noteProblem(serverProblem);
      return opened;
    },
    awaitFirstSync(opened) {
      firstSyncDone = opened.realm.subscriptionsComplete();
      onChange();
      void finishFirstSync(opened);
    },
    isFirstSyncDone: () => firstSyncDone,
    becomeWritable,
    closeSession() {
      session?.close();
      session = null;
      firstSyncDone = false;
    },
    async close() {
      closed = true;
      if (session !== null && session.pending() > 0 && session.realm.connection() === "connected") {
        await session.tracker.settle(1_500);
      }
      session?.close();
      session = null;
    },
  };
}
