// The app without its window: composes realm, notes, sync, reset and recovery, and says what state they are in.
// Free of Electron: the window's process and the headless client both open exactly this.

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Account, AppState, NotesChange, ResetView } from "../shared/ipc-contract";
import type { Note, NoteId } from "../shared/note";
import type { RecoveryReport } from "../shared/recovery/plan-types";
import { countOutcomes } from "../shared/recovery/report";
import {
  isRecovering,
  next,
  type ResetEvent,
  type ResetFacts,
  type ResetState,
} from "../shared/reset-machine";
import type { Log } from "./log";
import { journalFile } from "./notes/journal";
import { recoveredIdOf, rootIdOf } from "./notes/known-notes";
import { rowOf } from "./notes/note-store";
import { appId, dataPaths } from "./paths";
import { readBackupRealm } from "./realm/backup-realm";
import { openFileGenerations } from "./realm/file-generation";
import { openLastSyncedRealm } from "./realm/last-synced-realm";
import { type LoginResult, openRealmApp, type RealmApp } from "./realm/realm-app";
import type { SyncProblem } from "./realm/realm-errors";
import { readStoredOrders } from "./realm/stored-orders";
import { needsReview } from "./recovery/mass-change";
import { recover } from "./recovery/recover";
import { openReportStore, type ReportStore } from "./recovery/report-store";
import { readStoredPlan } from "./recovery/stored-plan";
import { makeBackup, readBackup } from "./reset/backup";
import { causeOf, findResetAtStart, newestRecovered } from "./reset/find-reset";
import { readResetRecord, writeResetRecord } from "./reset/reset-record";
import { progressOf, resetView } from "./reset/reset-view";
import { awaitFirstSync, openSession, type Session } from "./session";

export type PerennialOptions = {
  readonly dataDir: string;
  readonly serverUrl: string;
  readonly embeddedServer: boolean;
  /** Why the embedded server is not there; notes can be taken all the same. */
  readonly serverProblem: string | null;
  readonly version: string;
  readonly runtime: string;
  readonly log: Log;
  /** Ends this process in good order and starts the app again with the same data folder. */
  readonly relaunch: () => void;
  readonly now: () => number;
  readonly onState: (state: AppState) => void;
  readonly onNotes: (change: NotesChange) => void;
  readonly onText: (id: NoteId, text: string) => void;
  /** Called after each state of the reset machine is on the disk; tests crash the process here. */
  readonly onResetState: (state: ResetState) => void;
};

export type Perennial = {
  /** Secures, opens, signs in; the window may show the state meanwhile. */
  readonly start: () => Promise<void>;
  readonly state: () => AppState;
  readonly resetState: () => ResetState;
  readonly session: () => Session | null;
  readonly reports: ReportStore;
  readonly notes: () => {
    readonly rootId: NoteId;
    readonly rows: ReturnType<Session["store"]["rows"]>;
  } | null;
  readonly readNote: (id: NoteId) => Note | null;
  /** The window shows this note: from now on it is told of texts that come by another hand. */
  readonly follow: (id: NoteId) => void;
  readonly dispatch: (event: ResetEvent) => void;
  readonly showBackup: () => Promise<void>;
  readonly signIn: (how: (app: RealmApp) => Promise<LoginResult>) => Promise<LoginResult>;
  readonly signOut: () => Promise<void>;
  readonly readOnly: () => boolean;
  readonly changed: () => void;
  readonly close: () => Promise<void>;
  /** What an action on top of this (undo, import) adds to the state. */
  readonly extend: (extra: () => Pick<AppState, "canUndo" | "canRedo" | "importing">) => void;
};

/** How many of the notes read last the window is told about; it shows one at a time. */
const followedNotes = 16;

export function openPerennial(options: PerennialOptions): Perennial {
  const { dataDir, serverUrl, log, now } = options;
  mkdirSync(dataDir, { recursive: true });
  process.chdir(dataDir);
  const paths = dataPaths(dataDir);
  const generations = openFileGenerations(join(paths.local, "generations.json"));
  const reports = openReportStore(paths.reports);
  mkdirSync(paths.local, { recursive: true });
  const lastSynced = openLastSyncedRealm(paths.lastSyncedRealm, (error) => {
    log("error", "the LastSynced realm was unreadable and starts anew", { error });
  });

  let resetState = loadResetState();
  let app: RealmApp | null = null;
  let session: Session | null = null;
  let counts: { done: number; total: number } | null = null;
  let offline = false;
  let slow = false;
  let slowTimer: NodeJS.Timeout | null = null;
  let finished: Extract<ResetView, { kind: "finished" }> | null = null;
  let backupNotes: ReadonlyMap<NoteId, Note> | null = null;
  let firstSyncDone = false;
  let startProblem: string | null = options.serverProblem;
  let followed: readonly NoteId[] = [];
  let recovering: Promise<void> | null = null;
  let closed = false;
  let extra: () => Pick<AppState, "canUndo" | "canRedo" | "importing"> = () => ({
    canUndo: null,
    canRedo: null,
    importing: null,
  });

  /** The record of the last process, moved on by the fact that a new one has started. */
  function loadResetState(): ResetState {
    const record = readResetRecord(paths.resetRecord);
    if (record.kind === "damaged") {
      log("error", "the reset record was damaged and set aside", {
        file: record.setAside,
        error: record.message,
      });
    }
    return record.kind === "ok" ? next(record.state, { kind: "process-started" }) : { kind: "idle" };
  }

  function dispatch(event: ResetEvent): void {
    const after = next(resetState, event);
    if (after === resetState) return;
    resetState = after;
    writeResetRecord(paths.resetRecord, after);
    log("info", "reset state", { state: after.kind, event: event.kind });
    counts = null;
    watchProgress();
    options.onResetState(after);
    changed();
    enter(after);
  }

  /** What a state sets off by itself; the recovering states are run by `recover`. */
  function enter(state: ResetState): void {
    if (state.kind === "protecting") void protect(state.facts);
    if (state.kind === "restarting") options.relaunch();
    if (state.kind === "applying" && recovering === null) runRecovery();
  }

  function watchProgress(): void {
    slow = false;
    if (slowTimer !== null) clearTimeout(slowTimer);
    slowTimer = isRecovering(resetState)
      ? setTimeout(() => {
          slow = true;
          changed();
        }, 10_000).unref()
      : null;
  }

  function changed(): void {
    if (!closed) options.onState(state());
  }

  // --- The copy, while the realm is open -------------------------------------------------------------------

  async function protect(facts: ResetFacts): Promise<void> {
    if (session === null) {
      dispatch({ kind: "process-started" });
      await start();
      return;
    }
    const { realm, journal } = session;
    journal.flush();
    const source = { kind: "open-realm", path: realm.path, writeCopyTo: realm.writeCopyTo } as const;
    await copyFrom(source, facts);
  }

  async function copyFrom(source: Parameters<typeof makeBackup>[1], facts: ResetFacts): Promise<void> {
    const journalOf = journalFile(paths.journals, facts.userId, facts.generation);
    const journals = existsSync(journalOf) ? [journalOf] : [];
    const made = await makeBackup(paths.backups, source, facts, journals, {
      appVersion: options.version,
      atMs: now(),
    });
    if (made.kind === "ok") dispatch({ kind: "copy-made", copy: made.copy });
    else dispatch({ kind: "copy-failed", message: made.message, bytesNeeded: made.bytesNeeded });
  }

  function onProblem(problem: SyncProblem): void {
    log("warn", "sync error", { kind: problem.kind, code: problem.code, error: problem.message });
    switch (problem.kind) {
      case "client-reset":
      case "delete-realm":
        if (session === null) return;
        session.markReset();
        dispatch({
          kind: "reset-found",
          facts: {
            resetId: randomUUID(),
            cause: causeOf(problem.code, problem.message),
            code: problem.code,
            serverMessage: problem.message,
            userId: session.userId,
            generation: session.generation,
            originalPath: problem.originalPath,
            foundAtMs: now(),
            moved: false,
            resetsDuring: 0,
          },
        });
        return;
      case "fatal":
        session?.noteProblem(problem.message);
        return;
      case "warning":
        changed();
        return;
    }
  }

  // --- The start of a process ------------------------------------------------------------------------------

  /** Copies first, and only then lets Realm act; with a failed copy nothing is touched and the notes are shown. */
  async function start(): Promise<void> {
    if (resetState.kind === "idle") lookForSilentReset();
    watchProgress();
    if (resetState.kind === "securing") {
      options.onResetState(resetState);
      await secure(resetState);
    }
    if (resetState.kind === "copy-failed") {
      await showSource(resetState.facts);
      return;
    }
    app ??= openRealmApp(appId, serverUrl);
    const user = app.currentUser();
    if (user === null) {
      if (!options.embeddedServer) return changed();
      const result = await app.logInAnonymously();
      if (result.kind !== "ok") {
        startProblem = result.message;
        return changed();
      }
    }
    await openCurrent();
  }

  function lookForSilentReset(): void {
    const orders = readStoredOrders(paths.metadataRealm);
    if (orders.kind === "unreadable")
      log("error", "Realm's stored orders cannot be read", { error: orders.message });
    const found = findResetAtStart(
      generations.all(),
      orders.kind === "ok" ? orders.orders : [],
      paths.recoveredRealms,
      { resetId: randomUUID(), atMs: now() },
    );
    if (found === null) return;
    resetState = { kind: "securing", facts: found.facts, copy: null };
    writeResetRecord(paths.resetRecord, resetState);
    log("warn", "a reset was found that nobody had told of", { resetId: found.facts.resetId });
  }

  async function secure(state: Extract<ResetState, { kind: "securing" }>): Promise<void> {
    const { facts, copy } = state;
    const path = existsSync(facts.originalPath)
      ? facts.originalPath
      : newestRecovered(paths.recoveredRealms, generations.of(facts.userId)?.earlierRecovered ?? []);
    if (facts.moved && copy !== null) {
      // The live file holds only what recovery has put there so far: the first copy stays the source.
      dispatch({ kind: "copy-made", copy });
      return;
    }
    if (path === null) {
      if (copy !== null) dispatch({ kind: "copy-made", copy });
      else
        dispatch({
          kind: "copy-failed",
          message: "The notes' file is gone from its place.",
          bytesNeeded: null,
        });
      return;
    }
    await copyFrom({ kind: "file", path }, facts);
  }

  /** The notes as they are in the file that could not be copied, for reading only. */
  async function showSource(facts: ResetFacts): Promise<void> {
    const content = readBackupRealm(facts.originalPath);
    if (content.kind === "ok") backupNotes = content.notes;
    changed();
  }

  async function openCurrent(): Promise<void> {
    const user = app?.currentUser() ?? null;
    if (user === null) return;
    const facts = "facts" in resetState ? resetState.facts : null;
    const opened = openSession({
      user,
      paths,
      generations,
      leavingGeneration: facts?.generation ?? null,
      lastSynced,
      now,
      log,
      onProblem,
      onNotes: (change) => {
        if (!showsBackup()) options.onNotes(change);
      },
      onForeignText(id, text) {
        if (followed.includes(id)) options.onText(id, text);
      },
      onStatus: changed,
    });
    if (opened.kind === "cannot-open") {
      startProblem = opened.message;
      log("error", "the realm cannot be opened", { error: opened.message });
      return changed();
    }
    session = opened.session;
    if (options.serverProblem !== null) session.noteProblem(options.serverProblem);
    if (resetState.kind === "resetting") dispatch({ kind: "file-moved" });
    if (isRecovering(resetState)) {
      runRecovery();
      return;
    }
    if (resetState.kind === "stopped") {
      await showBackup();
      return;
    }
    firstSyncDone = session.realm.subscriptionsComplete();
    changed();
    void finishFirstSync(session);
  }

  /** Nothing is written before the user's notes are here: until then the window is for reading. */
  async function finishFirstSync(opened: Session): Promise<void> {
    while (session === opened && !closed && resetState.kind === "idle") {
      if (await awaitFirstSync(opened)) {
        firstSyncDone = true;
        opened.store.ensureRoot();
        announceAll();
        return changed();
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  function runRecovery(): void {
    if (session === null || recovering !== null) return;
    const { realm, store, seen, userId } = session;
    recovering = recover({
      realm,
      store,
      seen,
      lastSynced,
      reports,
      folders: { journals: paths.journals, backups: paths.backups, planFile: paths.plan },
      recoveredId: recoveredIdOf(userId),
      state: () => resetState,
      dispatch(event) {
        if (event.kind === "reported" && resetState.kind === "reporting") {
          finished = finishedView(reports.read(resetState.facts.resetId));
        }
        dispatch(event);
      },
      onProgress(progress, isOffline) {
        counts = progress ?? counts;
        offline = isOffline;
        if (progress !== null) watchProgress();
        changed();
      },
      now,
      log,
    }).then(async () => {
      recovering = null;
      if (closed) return;
      if (resetState.kind === "stopped") await showBackup();
      if (resetState.kind === "idle" && session !== null) {
        firstSyncDone = true;
        backupNotes = null;
        session.store.remember();
        session.store.ensureRoot();
        announceAll();
      }
      changed();
    });
  }

  // --- What is shown ---------------------------------------------------------------------------------------

  function showsBackup(): boolean {
    return backupNotes !== null;
  }

  async function showBackup(): Promise<void> {
    const copy = "copy" in resetState ? resetState.copy : null;
    if (copy === null) return;
    const read = await readBackup(paths.backups, copy.name);
    if (read.kind === "unusable") {
      log("error", "the safety copy cannot be shown", { error: read.message });
      return;
    }
    backupNotes = read.notes;
    announceAll();
    changed();
  }

  function notes(): ReturnType<Perennial["notes"]> {
    const userId = "facts" in resetState ? resetState.facts.userId : (session?.userId ?? null);
    if (userId === null) return null;
    if (backupNotes !== null) {
      const rows = new Map([...backupNotes].map(([id, note]) => [id, rowOf(note)]));
      return { rootId: rootIdOf(userId), rows };
    }
    return session === null ? null : { rootId: session.store.rootId, rows: session.store.rows() };
  }

  function announceAll(): void {
    const all = notes();
    if (all !== null) options.onNotes({ kind: "all", rootId: all.rootId, rows: [...all.rows.values()] });
  }

  function account(): Account {
    const server = serverUrl;
    const embedded = options.embeddedServer;
    const user = app?.currentUser() ?? null;
    if (user === null) return { kind: "signed-out", server, embedded };
    return { kind: "signed-in", server, embedded, email: user.profile.email ?? null };
  }

  function readOnly(): boolean {
    if (showsBackup() || session === null || isRecovering(resetState)) return true;
    if (resetState.kind === "protecting" || resetState.kind === "restarting" || resetState.kind === "stopped")
      return true;
    return !firstSyncDone;
  }

  function state(): AppState {
    const status = session?.status();
    return {
      version: options.version,
      runtime: options.runtime,
      account: account(),
      sync:
        status ??
        (startProblem !== null
          ? { kind: "problem", message: startProblem, pending: 0 }
          : app !== null && account().kind === "signed-out"
            ? { kind: "signed-out" }
            : { kind: "starting" }),
      reset: resetView(resetState, {
        backupsFolder: paths.backups,
        pending: session?.pending() ?? null,
        progress: progressOf(resetState, counts, offline, slow),
        preview: previewOf(),
        finished,
      }),
      readOnly: readOnly(),
      ...extra(),
    };
  }

  function previewOf() {
    if (resetState.kind !== "reviewing") return null;
    const stored = readStoredPlan(paths.plan, resetState.facts.resetId);
    if (stored === null) return null;
    const { local, remote, created, changed: toChange, trashed } = stored.plan.counts;
    return {
      reason: needsReview(stored.plan.counts) ?? "",
      notesOnServer: remote,
      notesHere: local,
      toCreate: created,
      toChange,
      toTrash: trashed,
    };
  }

  return {
    start,
    state,
    resetState: () => resetState,
    session: () => (showsBackup() ? null : session),
    reports,
    notes,
    readNote: (id) => backupNotes?.get(id) ?? session?.store.read(id) ?? null,
    follow(id) {
      followed = [id, ...followed.filter((each) => each !== id)].slice(0, followedNotes);
    },
    dispatch,
    showBackup,
    async signIn(how) {
      if (app === null) return { kind: "refused", message: "Perennial is still starting." };
      const result = await how(app);
      if (result.kind === "ok") {
        startProblem = null;
        await openCurrent();
      }
      changed();
      return result;
    },
    async signOut() {
      session?.close();
      session = null;
      firstSyncDone = false;
      await app?.logOut();
      changed();
    },
    readOnly,
    changed,
    async close() {
      closed = true;
      if (slowTimer !== null) clearTimeout(slowTimer);
      if (session !== null && session.pending() > 0 && session.realm.connection() === "connected") {
        await session.tracker.settle(1_500);
      }
      session?.close();
      session = null;
      lastSynced.close();
    },
    extend(more) {
      extra = more;
    },
  };
}

function finishedView(report: RecoveryReport | null): Extract<ResetView, { kind: "finished" }> | null {
  if (report === null) return null;
  return {
    kind: "finished",
    resetId: report.resetId,
    counts: countOutcomes(report.items),
    needsHelp: report.items.filter((item) => item.needsHelp).length,
    changesRestored: report.changesRestored,
  };
}
