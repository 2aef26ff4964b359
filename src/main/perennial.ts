// The app without its window: composes realm, notes, sync, reset and recovery, and says what state they are in.
// Free of Electron: the window's process and the headless client both open exactly this.

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import type { AppState, NotesChange } from "../shared/ipc-contract";
import type { Note, NoteId } from "../shared/note";
import type { DiscardHooks } from "../shared/recovery/strategies/discard";
import { isRecovering, type ResetEvent, type ResetFacts, type ResetState } from "../shared/reset-machine";
import { type AppExtra, describeApp, endsSoon, isShownFromCopy, mayWriteNotes } from "./app-state";
import { createDailyCopies } from "./backups/daily-copy";
import { createSyncedCopies } from "./backups/synced-copies";
import type { Log } from "./log";
import type { NoteWriter } from "./notes/copied-notes";
import { createWaitingLine, type WaitingLine, type Writable } from "./notes/waiting-line";
import { openGenerations } from "./open-generations";
import { createOpenNotes } from "./open-notes";
import { type DataPaths, dataPaths } from "./paths";
import { openLastSyncedRealm } from "./realm/last-synced-realm";
import type { Leftovers } from "./realm/leftovers";
import type { SimulatedError } from "./realm/note-realm";
import { isProvedClosed } from "./realm/open-files";
import type { LoginResult, RealmApp } from "./realm/realm-app";
import { describeError, type SyncProblem } from "./realm/realm-errors";
import type { NoteSchemaName } from "./realm/schema";
import { createKeptAhead } from "./recovery/kept-ahead";
import { createLocalSideReader } from "./recovery/local-side";
import { createRecoveryRun } from "./recovery/recovery-run";
import { openReportStore, type ReportStore } from "./recovery/report-store";
import { createFetchedAhead } from "./reset/fetched-ahead";
import { causeOf, factsOf } from "./reset/find-reset";
import { createResetDriver } from "./reset/reset-driver";
import { createSafetyCopies } from "./reset/safety-copies";
import type { Sealing } from "./sealed-file";
import type { Session } from "./session";
import { type Given, openSettings, type Settings } from "./settings";
import { createShownNotes, type NotesShown, type ViewedCopy } from "./shown-notes";
import { createStartOrder } from "./start-order";

export type PerennialOptions = {
  readonly dataDir: string;
  /** Whether what lies in the data folder is encrypted, and with what. */
  readonly sealing: Sealing;
  readonly serverUrl: string;
  readonly embeddedServer: boolean;
  /** Why the embedded server is not there; notes can be taken all the same. */
  readonly serverProblem: string | null;
  readonly version: string;
  readonly runtime: string;
  readonly log: Log;
  readonly given: Given;
  readonly discardHooks?: DiscardHooks;
  readonly schema: NoteSchemaName;
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
  readonly paths: DataPaths;
  /** Whose notes are shown, or null before anybody signed in. */
  readonly userId: () => string | null;
  /** Shows a safety copy in the place of the notes, or (null) the notes again. Answers why it cannot be read. */
  readonly viewCopy: (copy: ViewedCopy | null) => Promise<string | null>;
  readonly makeCopy: () => Promise<{ kind: "ok" } | { kind: "failed"; message: string }>;
  readonly settings: Settings;
  readonly notes: () => NotesShown | null;
  readonly readNote: (id: NoteId) => Note | null;
  /** What the notes shown hold besides, where they are those of a copy. */
  readonly leftovers: () => Leftovers | null;
  /** The window shows this note: from now on it is told of texts that come by another hand. */
  readonly follow: (id: NoteId) => void;
  readonly dispatch: (event: ResetEvent) => void;
  readonly showBackup: () => Promise<void>;
  /** Only where no reset is under way and the notes are open. */
  readonly rebuild: () => void;
  /** For tests: what the open realm, shown or not, would hear from a server. */
  readonly simulateError: (error: SimulatedError) => void;
  readonly signIn: (how: (app: RealmApp) => Promise<LoginResult>) => Promise<LoginResult>;
  /** Makes an account for whoever writes without one. */
  readonly giveAccount: (email: string, password: string) => Promise<LoginResult>;
  /**
   * Changes that are not synced stay behind: with `keepCopy` in a verified safety copy, without it nobody is signed
   * out. Answers why not, in words for a person, or null.
   */
  readonly signOut: (keepCopy: boolean) => Promise<string | null>;
  readonly readOnly: () => boolean;
  /** What takes changes now: the open notes, or the copy that is shown while they are away; null: nothing does. */
  readonly writer: () => NoteWriter | null;
  /**
   * Does it now or, while the notes cannot be written to for a moment, afterwards and in order. It has to ask for the
   * writer itself: there may be none in the end.
   */
  readonly inTurn: WaitingLine["take"];
  readonly changed: () => void;
  readonly close: () => Promise<void>;
  /** `close` has begun. */
  readonly isClosing: () => boolean;
  readonly log: Log;
  /** What an action on top of this (undo, import) adds to the state. */
  readonly extend: (extra: () => AppExtra) => void;
};

const lastSignOut =
  "These notes belong to no account, so nobody could ever sign in to them again. Sign out keeping a safety copy, or export them first.";

/** How many of the notes read last the window is told about; it shows one at a time. */
const followedNotes = 16;

export function openPerennial(options: PerennialOptions): Perennial {
  const { dataDir, log, now } = options;
  mkdirSync(dataDir, { recursive: true });
  process.chdir(dataDir);
  const paths = dataPaths(dataDir, options.sealing);
  mkdirSync(paths.local, { recursive: true });
  const generations = openGenerations(paths, log);
  const reports = openReportStore(paths.reports, paths.sealing, currentUserId);
  const lastSynced = openLastSyncedRealm(paths.lastSyncedRealm, paths.sealing, (error) => {
    log("error", "the LastSynced realm was unreadable and starts anew", { error });
  });
  const driver = createResetDriver({ paths, generations, reports, now, log, onEntered });
  const copies = createSafetyCopies({ paths, generations, appVersion: options.version, now, log });
  const settings = openSettings(paths.settings, options.given, log);
  const localSide = createLocalSideReader({ lastSynced, folders: paths, log });
  const run = createRecoveryRun({
    paths,
    localSide,
    driver,
    reports,
    strategy: settings.recoveryStrategy,
    reviewFirst: settings.reviewFirst,
    discardHooks: options.discardHooks ?? {},
    now,
    log,
    onChange: changed,
  });
  const notes = createOpenNotes({
    schema: options.schema,
    paths,
    generations,
    lastSynced,
    reports,
    driver,
    localSide,
    serverProblem: options.serverProblem,
    now,
    log,
    onProblem,
    onNotes(change) {
      if (!shown.isCopy()) options.onNotes(change);
    },
    onForeignText(id, text) {
      if (followed.includes(id) && !shown.isCopy()) options.onText(id, text);
    },
    onWritable(session) {
      shown.announceAll();
      daily.start(session);
      syncedCopies.start(session);
    },
    onChange: changed,
  });
  const start = createStartOrder({
    options,
    paths,
    generations,
    driver,
    copies,
    notes,
    onChange: changed,
    adoptFetched: () => fetchedAhead.adopt(),
    onSecuring: options.onResetState,
    async onHeldBack() {
      if (driver.state().kind === "stopped") await showBackup();
      else showSource();
    },
    onCannotOpen: (facts) => driver.dispatch({ kind: "reset-found", facts }),
    onOpenedInReset(session) {
      if (isRecovering(driver.state())) void runRecovery(session);
      else void showBackup();
    },
  });
  const keptAhead = createKeptAhead({ paths, state: driver.state, session: notes.session, log });
  const fetchedAhead = createFetchedAhead({
    paths,
    generations,
    state: driver.state,
    session: notes.session,
    open: (userId, path, onProblem) => start.openBeside(userId, path, onProblem),
    onChange: changed,
    now,
    log,
  });
  const daily = createDailyCopies({
    backups: paths.backups,
    sealing: paths.sealing,
    appVersion: options.version,
    reportOf: reports.readAny,
    inUse() {
      const reset = driver.state();
      return {
        isBusy: reset.kind !== "idle",
        name: "copy" in reset && reset.copy !== null ? reset.copy.name : null,
      };
    },
    now,
    log,
    onChange: changed,
  });
  const syncedCopies = createSyncedCopies({
    backups: paths.backups,
    reportOf: reports.readAny,
    isBusy: () => driver.state().kind !== "idle",
    now,
    log,
  });
  const shown = createShownNotes({
    paths,
    localSide,
    state: driver.state,
    userId: currentUserId,
    store: () => notes.session()?.store ?? null,
    now,
    onNotes: options.onNotes,
    log,
  });
  let followed: readonly NoteId[] = [];
  let closed = false;
  const line = createWaitingLine(writable);
  let extra: () => AppExtra = () => ({ canUndo: null, canRedo: null, importing: null });

  /** Whose notes these are: the record's, while one is under way, else those of who is signed in. */
  function currentUserId(): string | null {
    const reset = driver.state();
    return "facts" in reset ? reset.facts.userId : (start.signedIn()?.id ?? null);
  }

  function changed(): void {
    if (closed) return;
    keptAhead.poke();
    fetchedAhead.poke();
    syncedCopies.look();
    options.onState(state());
    line.look();
  }

  /** The state is on the disk: now its work begins. The recovering states are run by `recover`. */
  function onEntered(entered: ResetState): void {
    run.stepEntered();
    // Before anybody plans with what was written.
    if (entered.kind !== "downloading") shown.endWriting();
    options.onResetState(entered);
    changed();
    const session = notes.session();
    if (entered.kind === "protecting") void protect(entered, session);
    if (entered.kind === "restarting") {
      void restart(entered).catch((error) => {
        log("error", "the reset is left to a restart", { reason: describeError(error) });
        options.relaunch();
      });
    }
    // Whoever waits for the fresh copy reads and writes meanwhile.
    const isWaiting = entered.kind === "downloading" || (entered.kind === "stopped" && !run.isRunning());
    if (isWaiting) void showBackup();
    if (entered.kind === "applying" && session !== null) void runRecovery(session);
  }

  async function protect(entered: Extract<ResetState, { kind: "protecting" }>, session: Session | null) {
    if (session !== null) return driver.dispatch(await copies.ofOpenRealm(session.realm, entered.facts));
    // Once the file left behind is away, another one is in its place or none, and a copy has to do.
    const { originalPath, moved } = entered.facts;
    if (start.isAppOpen() && !moved && existsSync(originalPath)) {
      shown.showFile({ kind: "file", path: originalPath });
      return driver.dispatch(await copies.ofFile(entered.facts));
    }
    driver.dispatch({ kind: "process-started" });
    await start.start();
  }

  function onProblem(problem: SyncProblem): void {
    log("warn", "sync error", { kind: problem.kind, code: problem.code, error: problem.message });
    // The server may have taken the log-in back.
    setImmediate(() => {
      start.lookWhoIsSignedIn();
      changed();
    });
    const session = notes.session();
    switch (problem.kind) {
      case "client-reset":
      case "delete-realm":
        // A file that was closed since (another user's): the order is stored, and found when it is opened again.
        if (session === null || session.realm.path !== problem.originalPath) return;
        session.markReset();
        driver.dispatch({
          kind: "reset-found",
          facts: factsNow(session, {
            cause: causeOf(problem),
            code: problem.code,
            serverMessage: problem.message,
          }),
        });
        return;
      case "fatal":
        session?.noteSyncStopped(problem);
        // A recovery would wait for ever for what does not come.
        driver.dispatch({ kind: "failed", message: problem.message });
        return;
      case "warning":
        changed();
        return;
    }
  }

  function factsNow(session: Session, about: Parameters<typeof factsOf>[2]): ResetFacts {
    const { userId, generation, realm } = session;
    const file = { userId, generation, path: realm.path, earlierRecovered: [] };
    return factsOf(file, { resetId: randomUUID(), atMs: now() }, about);
  }

  /** The old file gets out of the way: here, where that is wanted and can be proved safe, or by a restart. */
  async function restart(entered: Extract<ResetState, { kind: "restarting" }>): Promise<void> {
    if (settings.resetWay() === "restart" || !start.isAppOpen() || run.isRunning()) return options.relaunch();
    await shown.showRecovering(entered);
    notes.closeSession();
    if (!(await isProvedClosed(entered.facts.originalPath))) {
      log("warn", "the reset is left to a restart", { reason: "the file may still be open" });
      return options.relaunch();
    }
    driver.dispatch({ kind: "realms-closed" });
    await start.start();
  }

  /** What a server's reset does, asked for by a person whose notes do not sync any more. */
  function rebuild(): void {
    const session = notes.session();
    if (session === null || driver.state().kind !== "idle") return;
    const stopped = session.syncStopped();
    session.markReset();
    session.realm.pause();
    driver.dispatch({
      kind: "reset-found",
      facts: factsNow(session, {
        cause: "asked-for",
        order: "own",
        code: stopped?.code ?? 0,
        serverMessage: stopped?.message ?? "",
      }),
    });
  }

  async function runRecovery(session: Session): Promise<void> {
    if (run.isRunning()) return;
    await run.start(session);
    if (closed) return;
    if (driver.state().kind === "stopped") await showBackup();
    const open = notes.session();
    if (driver.state().kind === "idle" && open !== null) {
      shown.showRealm();
      localSide.forget();
      notes.becomeWritable(open);
    }
    changed();
  }

  async function showBackup(): Promise<void> {
    const reset = driver.state();
    if ("copy" in reset) await shown.showRecovering(reset);
    changed();
  }

  async function backToNotes(): Promise<null> {
    if (shown.viewed() === null) return null;
    shown.showRealm();
    if (isShownFromCopy(driver.state())) await showBackup();
    else shown.announceAll();
    return null;
  }

  function showSource(): void {
    const reset = driver.state();
    if ("facts" in reset) shown.showFile(copies.sourceOf(reset.facts, null));
    changed();
  }

  function writer(): NoteWriter | null {
    if (shown.isCopy()) return shown.writer();
    const session = notes.session();
    return session === null || !mayWriteNotes(driver.state(), notes.isFirstSyncDone()) ? null : session.store;
  }

  /** From the plan to the report nothing can be written, and whoever wants to waits: it does not take long. */
  function writable(): Writable {
    if (writer() !== null) return "now";
    const isSoon = !closed && shown.isOfRecovery() && endsSoon(driver.state(), isOffline());
    return isSoon ? "soon" : "no";
  }

  const isOffline = () => notes.session()?.realm.connection() === "disconnected";

  const readOnly = () => writable() === "no";

  function state(): AppState {
    const viewed = shown.viewed();
    const session = notes.session();
    const parts = { options, paths, driver, start, session, run, readOnly: readOnly(), extra: extra() };
    return describeApp({
      ...parts,
      copyOverdue: daily.overdue(),
      viewed,
      isCopyHere: fetchedAhead.isHere(),
      isCopyShown: shown.isOfRecovery(),
    });
  }

  return {
    async start() {
      run.stepEntered();
      // Before anything is opened: it can be read and written to by then.
      if (isShownFromCopy(driver.state())) void showBackup();
      await start.start();
    },
    state,
    paths,
    userId: currentUserId,
    async viewCopy(copy) {
      const problem = copy === null ? await backToNotes() : await shown.viewCopy(copy);
      changed();
      return problem;
    },
    async makeCopy() {
      // Of a fresh copy that is still coming no copy is made.
      if (shown.isOfRecovery()) {
        const message =
          "Your notes are being recovered, and have a safety copy already. Make another one afterwards.";
        return { kind: "failed", message };
      }
      const session = notes.session();
      if (session === null) return { kind: "failed", message: "The notes are not open yet." };
      return daily.makeNow(session);
    },
    resetState: driver.state,
    session: () => (shown.isCopy() ? null : notes.session()),
    reports,
    settings,
    // Of a fresh copy that is still coming nothing is told.
    notes: () => (isRecovering(driver.state()) && !shown.isCopy() ? null : shown.notes()),
    readNote: shown.read,
    leftovers: shown.leftovers,
    follow(id) {
      followed = [id, ...followed.filter((each) => each !== id)].slice(0, followedNotes);
    },
    dispatch: driver.dispatch,
    showBackup,
    rebuild,
    simulateError: (error) => notes.session()?.realm.simulateError(error),
    signIn: start.signIn,
    giveAccount: start.giveAccount,
    async signOut(keepCopy) {
      const session = notes.session();
      const pending = session?.pending() ?? 0;
      const isLast = start.signedIn()?.isAnonymous === true;
      if (session !== null && (pending > 0 || isLast)) {
        if (!keepCopy) return isLast ? lastSignOut : "Some changes are not synced yet.";
        const cause = isLast ? "signed-out-for-good" : "signed-out";
        const facts = factsNow(session, { cause, order: "own" });
        const made = await copies.ofOpenRealm(session.realm, facts);
        if (made.kind === "copy-failed") return copyFailedWords(made);
      }
      run.forget();
      daily.stop();
      syncedCopies.stop();
      fetchedAhead.stop();
      shown.showRealm();
      followed = [];
      await start.signOut();
      return null;
    },
    readOnly,
    writer,
    inTurn: line.take,
    changed,
    isClosing: () => closed,
    log,
    async close() {
      closed = true;
      line.empty();
      run.close();
      keptAhead.close();
      fetchedAhead.close();
      shown.endWriting();
      daily.stop();
      start.close();
      await notes.close();
      lastSynced.close();
    },
    extend(more) {
      extra = more;
    },
  };
}

function copyFailedWords({ message, bytesNeeded }: Extract<ResetEvent, { kind: "copy-failed" }>): string {
  const room = bytesNeeded === null ? "" : ` Free ${Math.ceil(bytesNeeded / 1_000_000)} MB, then try again.`;
  return `Nobody was signed out, because a safety copy could not be made. ${message}${room}`;
}
