// The app without its window: composes realm, notes, sync, reset and recovery, and says what state they are in.
// Free of Electron: the window's process and the headless client both open exactly this.

import { mkdirSync } from "node:fs";
import type { AppState, NotesChange } from "../shared/ipc-contract";
import type { Note, NoteId } from "../shared/note";
import type { DiscardHooks } from "../shared/recovery/strategies/discard";
import { isRecovering, type ResetEvent, type ResetState } from "../shared/reset-machine";
import { type AppExtra, describeApp, endsSoon, isShownFromCopy, mayWriteNotes } from "./app-state";
import { createDailyCopies } from "./backups/daily-copy";
import { createSyncedCopies } from "./backups/synced-copies";
import { createEndedLogIn } from "./ended-log-in";
import type { Log } from "./log";
import type { NoteWriter } from "./notes/copied-notes";
import { createWaitingLine, type WaitingLine, type Writable } from "./notes/waiting-line";
import { openGenerations } from "./open-generations";
import { createOpenNotes } from "./open-notes";
import { type DataPaths, dataPaths } from "./paths";
import { openLastSyncedRealm } from "./realm/last-synced-realm";
import type { Leftovers } from "./realm/leftovers";
import type { SimulatedError } from "./realm/note-realm";
import type { LoginResult, RealmApp } from "./realm/realm-app";
import type { NoteSchemaName } from "./realm/schema";
import { createKeptAhead } from "./recovery/kept-ahead";
import { createLocalSideReader } from "./recovery/local-side";
import { createRecoveryRun } from "./recovery/recovery-run";
import { openReportStore, type ReportStore } from "./recovery/report-store";
import { createBeginReset } from "./reset/begin-reset";
import { createFetchedAhead } from "./reset/fetched-ahead";
import { createResetDriver } from "./reset/reset-driver";
import { createSafetyCopies } from "./reset/safety-copies";
import { createResetWork } from "./reset-work";
import type { Sealing } from "./sealed-file";
import type { OtherServer } from "./server-address";
import type { Session } from "./session";
import { type Given, openSettings, type Settings } from "./settings";
import { createShownNotes, type NotesShown, type ViewedCopy } from "./shown-notes";
import { secureForSignOut } from "./sign-out";
import { createStartOrder } from "./start-order";

export type PerennialOptions = {
  readonly dataDir: string;
  /** Whether what lies in the data folder is encrypted, and with what. */
  readonly sealing: Sealing;
  readonly serverUrl: string;
  readonly embeddedServer: boolean;
  /** The notes belong to another server than this one, and stay with it. */
  readonly otherServer?: OtherServer | null;
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
    log("error", "the LastSynced realm was unreadable, so nothing counts as synced yet", { error });
  });
  const driver = createResetDriver({
    paths,
    generations,
    reports,
    now,
    log,
    onEntered: (entered) => work.onEntered(entered),
  });
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
    onProblem: (problem) => begin.onProblem(problem),
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
    onHeldBack: () => work.onHeldBack(),
    onCannotOpen: (facts) => driver.dispatch({ kind: "reset-found", facts }),
    onOpenedInReset: (session) => work.onOpened(session),
    secureLeft: () => endedLogIn.secure(),
    onLeaving() {
      run.forget();
      daily.stop();
      syncedCopies.stop();
      fetchedAhead.stop();
      shown.showRealm();
      followed = [];
    },
  });
  const { signedIn, lastSignedIn } = start;
  const endedLogIn = createEndedLogIn({
    ...{ session: notes.session, signedIn, lastSignedIn, copies, now, log },
    onChange: changed,
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
  const begin = createBeginReset({
    driver,
    session: notes.session,
    lookWhoIsSignedIn: start.lookWhoIsSignedIn,
    hasLogInEnded: endedLogIn.look,
    onChange: changed,
    now,
    log,
  });
  const work = createResetWork({
    driver,
    copies,
    run,
    notes,
    start,
    shown,
    localSide,
    resetWay: settings.resetWay,
    relaunch: options.relaunch,
    onResetState: options.onResetState,
    onChange: changed,
    log,
  });
  let followed: readonly NoteId[] = [];
  let closed = false;
  const line = createWaitingLine(writable);
  let extra: () => AppExtra = () => ({ canUndo: null, canRedo: null, importing: null });

  /** Whose notes these are: the record's, while one is under way, else those of who is signed in. */
  function currentUserId(): string | null {
    const reset = driver.state();
    return "facts" in reset ? reset.facts.userId : (start.signedIn()?.id ?? notes.session()?.userId ?? null);
  }

  function changed(): void {
    if (closed) return;
    keptAhead.poke();
    fetchedAhead.poke();
    syncedCopies.look();
    options.onState(state());
    line.look();
  }

  async function backToNotes(): Promise<null> {
    if (shown.viewed() === null) return null;
    shown.showRealm();
    if (isShownFromCopy(driver.state())) await work.showBackup();
    else shown.announceAll();
    return null;
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
    const parts = {
      options,
      paths,
      driver,
      start,
      session,
      endedLogIn,
      run,
      readOnly: readOnly(),
      extra: extra(),
    };
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
      if (isShownFromCopy(driver.state())) void work.showBackup();
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
    showBackup: work.showBackup,
    rebuild: begin.rebuild,
    simulateError: (error) => notes.session()?.realm.simulateError(error),
    signIn: start.signIn,
    giveAccount: start.giveAccount,
    async signOut(keepCopy) {
      const session = notes.session();
      const isLast = start.lastSignedIn()?.isAnonymous === true;
      const why =
        session === null ? null : await secureForSignOut(session, { isLast, keepCopy, copies, now });
      if (why !== null) return why;
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
      work.close();
      line.empty();
      run.close();
      keptAhead.close();
      const fetched = fetchedAhead.close();
      shown.endWriting();
      daily.stop();
      start.close();
      await notes.close();
      await fetched;
      lastSynced.close();
    },
    extend(more) {
      extra = more;
    },
  };
}
