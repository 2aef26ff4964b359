// The app without its window: composes realm, notes, sync, reset and recovery, and says what state they are in.
// Free of Electron: the window's process and the headless client both open exactly this.

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Account, AppState, NotesChange, ResetView } from "../shared/ipc-contract";
import type { Note, NoteId } from "../shared/note";
import type { RecoveryReport } from "../shared/recovery/plan-types";
import { countOutcomes } from "../shared/recovery/report";
import {
  type BackupRef,
  isRecovering,
  next,
  type ResetEvent,
  type ResetFacts,
  type ResetState,
} from "../shared/reset-machine";
import type { Log } from "./log";
import { journalFile, newestHeaders } from "./notes/journal";
import { recoveredIdOf, rootIdOf } from "./notes/known-notes";
import { rowOf } from "./notes/note-store";
import { appId, dataPaths, realmFileOf } from "./paths";
import { readBackupRealm } from "./realm/backup-realm";
import { openFileGenerations } from "./realm/file-generation";
import { openLastSyncedRealm } from "./realm/last-synced-realm";
import { type LoginResult, openRealmApp, type RealmApp } from "./realm/realm-app";
import { describeError, type SyncProblem } from "./realm/realm-errors";
import { readStoredOrders, type StoredOrder } from "./realm/stored-orders";
import { needsReview } from "./recovery/mass-change";
import { recover } from "./recovery/recover";
import { openReportStore, type ReportStore } from "./recovery/report-store";
import { readStoredPlan } from "./recovery/stored-plan";
import { type BackupResult, makeBackup, readBackup } from "./reset/backup";
import {
  causeOf,
  factsOf,
  findResetAtStart,
  findSource,
  isResetAgain,
  type KnownFile,
  listRecovered,
  resumeFromCopies,
} from "./reset/find-reset";
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

const othersRecovery =
  "The notes of another account are being recovered on this computer. Sign in with that account to finish it.";

/** Between two tries to sign in at a server that is not there yet. */
const signInRetryMs = 2_000;

export function openPerennial(options: PerennialOptions): Perennial {
  const { dataDir, serverUrl, log, now } = options;
  mkdirSync(dataDir, { recursive: true });
  process.chdir(dataDir);
  const paths = dataPaths(dataDir);
  mkdirSync(paths.local, { recursive: true });
  const generations = openFileGenerations(
    join(paths.local, "generations.json"),
    generationsFromJournals,
    (error) => {
      log("error", "the file generations were unreadable and are taken from the journals", { error });
    },
  );
  const reports = openReportStore(paths.reports, currentUserId);
  const lastSynced = openLastSyncedRealm(paths.lastSyncedRealm, (error) => {
    log("error", "the LastSynced realm was unreadable and starts anew", { error });
  });

  let resetState = loadResetState();
  let app: RealmApp | null = null;
  let signedIn: { readonly id: string; readonly email: string | null } | null = null;
  let session: Session | null = null;
  let counts: { done: number; total: number } | null = null;
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

  /** Whose notes these are: the record's, while one is under way, else those of who is signed in. */
  function currentUserId(): string | null {
    if ("facts" in resetState) return resetState.facts.userId;
    return signedIn?.id ?? null;
  }

  /**
   * Realm's users are asked only here, never while the state is told: that happens in Realm's callbacks too, some of
   * which come while Realm holds its lock on the user, and asking then would stand still for ever.
   */
  function lookWhoIsSignedIn(): void {
    const user = app?.currentUser() ?? null;
    signedIn = user === null ? null : { id: user.id, email: user.profile.email ?? null };
  }

  function generationsFromJournals(): KnownFile[] {
    return newestHeaders(paths.journals).map(({ userId, generation }) => {
      const path = join(realpathSync(dataDir), realmFileOf(userId));
      const earlierRecovered = existsSync(path) ? listRecovered(paths.recoveredRealms) : [];
      return { userId, generation, path, earlierRecovered };
    });
  }

  /** The record of the last process, moved on by the fact that a new one has started. */
  function loadResetState(): ResetState {
    const record = readResetRecord(paths.resetRecord);
    if (record.kind === "damaged") {
      log("error", "the reset record was damaged and set aside", {
        file: record.setAside,
        error: record.message,
      });
      const reported = new Set(reports.backupNames());
      const resumed = resumeFromCopies(paths.backups, (name) => reported.has(name), generations.of);
      if (resumed === null) return { kind: "idle" };
      writeResetRecord(paths.resetRecord, resumed);
      return resumed;
    }
    const { state } = record;
    const needsPlan = ["applying", "checking", "uploading", "reporting"].includes(state.kind);
    if (needsPlan && "copy" in state && state.copy !== null && lacksPlan(state.facts.resetId)) {
      log("error", "the plan of the recovery is missing or damaged; it is made anew");
      return next({ kind: "planning", facts: state.facts, copy: state.copy }, { kind: "process-started" });
    }
    return next(state, { kind: "process-started" });
  }

  /** The plan goes after the report is written, so with a report it is not missing. */
  function lacksPlan(resetId: string): boolean {
    return readStoredPlan(paths.plan, resetId) === null && !reports.has(resetId);
  }

  function dispatch(event: ResetEvent): void {
    const after = next(resetState, event);
    if (after === resetState) return;
    try {
      writeResetRecord(paths.resetRecord, after);
    } catch (error) {
      const message = `The state of the reset could not be written: ${describeError(error)}`;
      log("error", "the reset record cannot be written", { state: after.kind, error: message });
      const instead = withoutRecord(event, message);
      if (instead !== null) {
        dispatch(instead);
        return;
      }
    }
    resetState = after;
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
    const { realm } = session;
    dispatchCopy(
      await copyFrom({ kind: "open-realm", path: realm.path, writeCopyTo: realm.writeCopyTo }, facts),
    );
  }

  async function copyFrom(
    source: Parameters<typeof makeBackup>[1],
    facts: ResetFacts,
  ): Promise<BackupResult> {
    const journalOf = journalFile(paths.journals, facts.userId, facts.generation);
    const journals = existsSync(journalOf) ? [journalOf] : [];
    const made = await makeBackup(paths.backups, source, facts, journals, {
      appVersion: options.version,
      atMs: now(),
    });
    if (made.kind === "failed") log("error", "a safety copy could not be made", { error: made.message });
    return made;
  }

  function dispatchCopy(made: BackupResult): void {
    if (made.kind === "ok") dispatch({ kind: "copy-made", copy: made.copy });
    else dispatch({ kind: "copy-failed", message: made.message, bytesNeeded: made.bytesNeeded });
  }

  function onProblem(problem: SyncProblem): void {
    log("warn", "sync error", { kind: problem.kind, code: problem.code, error: problem.message });
    // The server may have taken the log-in back.
    setImmediate(() => {
      lookWhoIsSignedIn();
      changed();
    });
    switch (problem.kind) {
      case "client-reset":
      case "delete-realm":
        // A file that was closed since (another user's): the order is stored, and found when it is opened again.
        if (session === null || session.realm.path !== problem.originalPath) return;
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

  async function start(): Promise<void> {
    try {
      await startInOrder();
    } catch (error) {
      startProblem = `Perennial could not start: ${describeError(error)}`;
      log("error", "the start failed", { error: startProblem });
      changed();
    }
  }

  /** Copies first, and only then lets Realm act; with a failed copy nothing is touched and the notes are shown. */
  async function startInOrder(): Promise<void> {
    startProblem = null;
    if (app === null && !(await prepareForOrders())) return;
    watchProgress();
    if (!(await secureIfNeeded())) return;
    app ??= openRealmApp(appId, serverUrl);
    if (app.currentUser() === null) {
      if (!options.embeddedServer) return changed();
      if (!(await signInAnonymously(app))) return;
    }
    await openCurrent();
  }

  /** `new Realm.App` is going to move or delete files: what is known of that goes into the record, or is copied. */
  async function prepareForOrders(): Promise<boolean> {
    const stored = readStoredOrders(paths.metadataRealm);
    if (stored.kind === "unreadable") {
      log("error", "Realm's stored orders cannot be read", { error: stored.message });
    }
    const orders = stored.kind === "ok" ? stored.orders : [];
    const current = stored.kind === "ok" ? stored.currentUserId : null;
    const file = current === null ? null : generations.of(current);
    if (resetState.kind === "idle" && current !== null && file !== null) {
      recordSilentReset({ userId: current, ...file }, orders);
    }
    if (isResetAgain(resetState, orders) && "facts" in resetState) {
      log("warn", "a second reset was found that nobody had told of", { resetId: resetState.facts.resetId });
      resetState = next(next(resetState, { kind: "reset-found", facts: resetState.facts }), {
        kind: "process-started",
      });
      writeResetRecord(paths.resetRecord, resetState);
    }
    return copyForOthers(orders);
  }

  function recordSilentReset(file: KnownFile, orders: readonly StoredOrder[]): void {
    const facts = findResetAtStart(file, orders, { resetId: randomUUID(), atMs: now() });
    if (facts === null) return;
    const { recoveredRealms, backups } = paths;
    if (findSource(facts, null, { recoveredRealms, backups }, file.earlierRecovered).kind === "none") {
      log("error", "the notes' file is gone, and so is every copy of it", { generation: facts.generation });
      return;
    }
    resetState = { kind: "securing", facts, copy: null };
    writeResetRecord(paths.resetRecord, resetState);
    log("warn", "a reset was found that nobody had told of", { resetId: facts.resetId });
  }

  /** Orders for the files of users who are not signed in are carried out as well: their notes are copied before. */
  async function copyForOthers(orders: readonly StoredOrder[]): Promise<boolean> {
    const mine = "facts" in resetState ? resetState.facts.originalPath : null;
    for (const file of generations.all()) {
      const isOrdered = orders.some(({ originalPath }) => originalPath === file.path);
      if (!isOrdered || file.path === mine || !existsSync(file.path)) continue;
      const facts = factsOf(file, { resetId: randomUUID(), atMs: now() });
      const made = await copyFrom({ kind: "file", path: file.path }, facts);
      if (made.kind === "ok") continue;
      startProblem = made.message;
      changed();
      return false;
    }
    return true;
  }

  /** True where Realm may act now. */
  async function secureIfNeeded(): Promise<boolean> {
    if (resetState.kind === "securing") {
      options.onResetState(resetState);
      await secure(resetState);
    }
    if (resetState.kind !== "copy-failed") return true;
    showSource(resetState.facts);
    return false;
  }

  async function secure({ facts, copy }: Extract<ResetState, { kind: "securing" }>): Promise<void> {
    const source = sourceOf(facts, copy);
    switch (source.kind) {
      case "copy":
        dispatch({ kind: "copy-made", copy: source.copy });
        return;
      case "file":
        dispatchCopy(await copyFrom(source, facts));
        return;
      case "none":
        dispatch({
          kind: "copy-failed",
          message: "The notes' file is gone from its place.",
          bytesNeeded: null,
        });
        return;
    }
  }

  function sourceOf(facts: ResetFacts, copy: BackupRef | null) {
    const { recoveredRealms, backups } = paths;
    const { earlierRecovered } = generations.of(facts.userId) ?? { earlierRecovered: [] };
    return findSource(facts, copy, { recoveredRealms, backups }, earlierRecovered);
  }

  /** The notes as they are in the file that could not be copied, for reading only. */
  function showSource(facts: ResetFacts): void {
    const source = sourceOf(facts, null);
    const content = source.kind === "file" ? readBackupRealm(source.path) : null;
    if (content?.kind === "ok") {
      backupNotes = content.notes;
      announceAll();
    }
    changed();
  }

  /** The app's own server may come up after the window: goes on trying, and says so. */
  async function signInAnonymously(at: RealmApp): Promise<boolean> {
    while (!closed) {
      const result = await at.logInAnonymously();
      if (result.kind === "ok") {
        startProblem = null;
        return true;
      }
      startProblem = result.message;
      changed();
      await new Promise((resolve) => setTimeout(resolve, signInRetryMs));
    }
    return false;
  }

  async function openCurrent(): Promise<void> {
    lookWhoIsSignedIn();
    const user = app?.currentUser() ?? null;
    if (user === null) return;
    const file = generations.of(user.id);
    if (resetState.kind === "idle" && file !== null) {
      // This user was not signed in when the process started, and an order of theirs has been carried out since.
      recordSilentReset({ userId: user.id, ...file }, []);
      if (!(await secureIfNeeded())) return;
    }
    const facts = "facts" in resetState ? resetState.facts : null;
    if (facts !== null && facts.userId !== user.id) {
      startProblem = othersRecovery;
      return changed();
    }
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
      reconnect: () => app?.reconnect(),
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
    } catch (error) {
      opened.noteProblem(`The notes cannot be written: ${describeError(error)}`);
    }
    announceAll();
    changed();
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
      onProgress(progress) {
        counts = progress;
        watchProgress();
        changed();
      },
      now,
      log,
    }).then(async () => {
      recovering = null;
      if (closed) return;
      if (resetState.kind === "stopped") await showBackup();
      if (resetState.kind === "idle" && session !== null) {
        backupNotes = null;
        session.store.remember();
        becomeWritable(session);
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
    if (signedIn === null) return { kind: "signed-out", server, embedded };
    return { kind: "signed-in", server, embedded, email: signedIn.email };
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
        progress: progressOf(resetState, counts, session?.realm.connection() === "disconnected", slow),
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
      if (session !== null) return { kind: "refused", message: "Sign out first." };
      const result = await how(app);
      if (result.kind !== "ok") return result;
      if ("facts" in resetState && resetState.facts.userId !== result.user.id) {
        await app.logOut();
        changed();
        return { kind: "refused", message: othersRecovery };
      }
      startProblem = null;
      await openCurrent();
      changed();
      return result;
    },
    async signOut() {
      session?.close();
      session = null;
      firstSyncDone = false;
      finished = null;
      backupNotes = null;
      followed = [];
      await app?.logOut();
      lookWhoIsSignedIn();
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

/** What to do instead where a state cannot be written down that must be on the disk before its work begins. */
function withoutRecord(event: ResetEvent, message: string): ResetEvent | null {
  switch (event.kind) {
    case "copy-made":
      return { kind: "copy-failed", message, bytesNeeded: null };
    case "file-moved":
    case "downloaded":
    case "planned":
    case "plan-accepted":
    case "applied":
    case "checked":
    case "uploaded":
      return { kind: "failed", message };
    default:
      // What the disk still says leads to the same place at the next start.
      return null;
  }
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
