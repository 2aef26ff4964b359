// The order in which a process starts: copies first, then Realm, then who is signed in, then the notes of that user
// (open-notes.ts). Holds Realm's App. Whatever fails leaves the steps after it undone and is said in `problem`.

import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import type { ResetFacts, ResetState } from "../shared/reset-machine";
import type { Log } from "./log";
import type { OpenNotes } from "./open-notes";
import { appId, type DataPaths } from "./paths";
import { readBackupRealm } from "./realm/backup-realm";
import type { FileGenerations } from "./realm/file-generation";
import { type OpenResult, openNoteRealm } from "./realm/note-realm";
import { type LoginResult, openRealmApp, type RealmApp } from "./realm/realm-app";
import { describeError, explainFailure, isDiskFull, type SyncProblem } from "./realm/realm-errors";
import { type NoteSchemaName, noteSchemas } from "./realm/schema";
import type { StoredOrder } from "./realm/stored-orders";
import { clearTheWay } from "./reset/clear-the-way";
import { isFetchedPath, removeFetched } from "./reset/fetched-file";
import { factsOf } from "./reset/find-reset";
import { recordResetsAtStart, recordSilentReset } from "./reset/reset-at-start";
import type { ResetDriver } from "./reset/reset-driver";
import type { SafetyCopies } from "./reset/safety-copies";
import { obstacleToFresh } from "./reset/scarce-disk";
import type { OtherServer } from "./server-address";
import type { Session } from "./session";

export type SignedIn = {
  readonly id: string;
  readonly email: string | null;
  /** Nobody can ever sign in again as who has no name and no password. */
  readonly isAnonymous: boolean;
};

export type StartOrder = {
  /** From wherever the last try ended. Never throws. */
  readonly start: () => Promise<void>;
  readonly signIn: (how: (app: RealmApp) => Promise<LoginResult>) => Promise<LoginResult>;
  /** Makes an account for whoever writes without one; nothing is closed or opened for it. */
  readonly giveAccount: (email: string, password: string) => Promise<LoginResult>;
  readonly signOut: () => Promise<void>;
  /** Another realm of who is signed in, with the same notes; null: this user is not. Not from a callback of Realm's. */
  readonly openBeside: (
    userId: string,
    path: string,
    onProblem: (problem: SyncProblem) => void,
  ) => OpenResult | null;
  readonly signedIn: () => SignedIn | null;
  /** Who was last, whether or not anybody is now. */
  readonly lastSignedIn: () => SignedIn | null;
  /** Realm may act: its App is open. */
  readonly isAppOpen: () => boolean;
  /** Why the start got no further, in words for a person. */
  readonly problem: () => string | null;
  readonly lookWhoIsSignedIn: () => void;
  /** Nothing more is opened. */
  readonly close: () => void;
};

export type StartOptions = {
  readonly serverUrl: string;
  readonly embeddedServer: boolean;
  /** Realm keeps to that one. */
  readonly otherServer?: OtherServer | null;
  readonly serverProblem: string | null;
  readonly schema: NoteSchemaName;
  readonly relaunch: () => void;
  readonly now: () => number;
  readonly log: Log;
};

type Dependencies = {
  readonly options: StartOptions;
  readonly paths: DataPaths;
  readonly generations: FileGenerations;
  readonly driver: ResetDriver;
  readonly copies: SafetyCopies;
  readonly notes: OpenNotes;
  readonly onChange: () => void;
  /** Puts a fresh copy that was fetched ahead into the empty place of the notes; true where it did. */
  readonly adoptFetched: () => Promise<boolean>;
  /** A record says that a reset is under way; its copy is made next. */
  readonly onSecuring: (state: ResetState) => void;
  /** No copy could be made, or somebody has to say 'try again' first: Realm must not act. */
  readonly onHeldBack: () => Promise<void>;
  /** The file is whole, but not of a kind that can be opened. */
  readonly onCannotOpen: (facts: ResetFacts) => void;
  /** The notes of whom the server signed out are going to be closed. Answers why they must not be, or null. */
  readonly secureLeft: () => Promise<string | null>;
  /** The open notes are closed next, for somebody else. */
  readonly onLeaving: () => void;
  /** The machine's state asks for more than showing the notes of the session. */
  readonly onOpenedInReset: (session: Session) => void;
};

const othersRecovery =
  "The notes of another account are being recovered on this computer. Sign in with that account to finish it.";

/** Between two tries to sign in at a server that is not there yet. */
const signInRetryMs = 2_000;

export function createStartOrder(dependencies: Dependencies): StartOrder {
  const { options, paths, generations, driver, copies, notes, onChange } = dependencies;
  const { serverUrl, embeddedServer, serverProblem, now, log } = options;
  const found = { paths, generations, driver, now, log };
  let app: RealmApp | null = null;
  let signedIn: SignedIn | null = null;
  let lastSignedIn: SignedIn | null = null;
  let problem: string | null = serverProblem;
  let closed = false;

  /**
   * Realm's users are asked only here, never while the state is told: that happens in Realm's callbacks too, some of
   * which come while Realm holds its lock on the user, and asking then would stand still for ever.
   */
  function lookWhoIsSignedIn(): void {
    const user = app?.currentUser() ?? null;
    signedIn =
      user === null
        ? null
        : {
            id: user.id,
            email: user.profile.email ?? null,
            // Who started without an account and was given one later is still told by the first way.
            isAnonymous: user.providerType === "anon-user" && user.profile.email === undefined,
          };
    lastSignedIn = signedIn ?? lastSignedIn;
  }

  async function start(): Promise<void> {
    try {
      await startInOrder();
    } catch (error) {
      notStarted(error);
    }
  }

  function notStarted(error: unknown): string {
    const message = `Perennial could not start: ${explainFailure(error)}`;
    problem = message;
    log("error", "the start failed", { error: describeError(error) });
    // In the midst of a reset somebody has to be able to try again; at any other time this is no event.
    driver.dispatch({ kind: "failed", message: explainFailure(error) });
    onChange();
    return message;
  }

  /** Copies first, and only then lets Realm act; with a failed copy nothing is touched and the notes are shown. */
  async function startInOrder(): Promise<void> {
    problem = null;
    const isFirst = app === null;
    if (isFirst && !(await prepareForOrders())) return;
    if (!(await secureIfNeeded())) return;
    app ??= openRealmApp(appId, serverUrl);
    if (!(await isWayClear(app, isFirst))) return;
    if (app.currentUser() === null) {
      // Nobody is signed in by himself at a server that is not the app's own.
      if (!embeddedServer || options.otherServer != null) return onChange();
      if (!(await signInAnonymously(app))) return;
    }
    await openCurrent(app);
  }

  /** `new Realm.App` is going to move or delete files: what is known of that goes into the record, or is copied. */
  async function prepareForOrders(): Promise<boolean> {
    const known = recordResetsAtStart(found);
    removeOrdered(known.orders);
    const state = driver.state();
    const failure = await copies.ofOthers(known, "facts" in state ? state.facts.originalPath : null);
    if (failure === null) return true;
    problem = failure;
    onChange();
    return false;
  }

  /** A fresh copy that was fetched ahead and then refused: Realm would keep it among the files that were left behind. */
  function removeOrdered(orders: readonly StoredOrder[]): void {
    for (const { originalPath } of orders) {
      if (isFetchedPath(originalPath)) removeFetched(dirname(originalPath), paths.fetchedAhead);
    }
  }

  /** True where Realm may act now. */
  async function secureIfNeeded(): Promise<boolean> {
    const state = driver.state();
    if (state.kind === "securing") {
      dependencies.onSecuring(state);
      driver.dispatch(await copies.secure(state));
    }
    const { kind } = driver.state();
    if (kind !== "copy-failed" && kind !== "stopped") return true;
    await dependencies.onHeldBack();
    return false;
  }

  /** The file that has to go is out of the notes' place, or this process ends. */
  async function isWayClear(at: RealmApp, isFirst: boolean): Promise<boolean> {
    const state = driver.state();
    if (state.kind !== "resetting") return true;
    const obstacle = await clearTheWay(state.facts, { app: at, isFirst, paths, now });
    if (obstacle !== null) {
      log("warn", "the reset is left to a restart", { reason: obstacle });
      options.relaunch();
      return false;
    }
    driver.dispatch({ kind: "file-moved" });
    return true;
  }

  /** The app's own server may come up after the window: goes on trying, and says so. */
  async function signInAnonymously(at: RealmApp): Promise<boolean> {
    while (!closed) {
      const result = await at.logInAnonymously();
      if (result.kind === "ok") {
        problem = null;
        return true;
      }
      problem = result.message;
      onChange();
      await new Promise((resolve) => setTimeout(resolve, signInRetryMs));
    }
    return false;
  }

  async function openCurrent(at: RealmApp): Promise<void> {
    lookWhoIsSignedIn();
    const user = at.currentUser();
    if (user === null) return;
    const file = generations.of(user.id);
    if (driver.state().kind === "idle" && file !== null) {
      // This user was not signed in when the process started, and an order of theirs has been carried out since.
      recordSilentReset({ userId: user.id, ...file }, [], found);
    }
    if (!(await secureIfNeeded()) || !(await isWayClear(at, false))) return;
    const state = driver.state();
    const facts = "facts" in state ? state.facts : null;
    if (facts !== null && facts.userId !== user.id) {
      problem = othersRecovery;
      return onChange();
    }
    const isAdopted = await dependencies.adoptFetched();
    const obstacle = await obstacleToFresh(driver.state(), paths.backups);
    if (closed) return;
    if (obstacle !== null) {
      driver.dispatch({ kind: "failed", message: obstacle });
      return onChange();
    }
    const leavingGeneration = facts?.generation ?? null;
    const opened = notes.open(user, { leavingGeneration, isAdopted, reconnect: at.reconnect });
    if (opened.kind === "cannot-open") {
      problem = explainFailure(opened.message);
      log("error", "the realm cannot be opened", { error: opened.message });
      const isOfTheFile = !isDiskFull(opened.message) && file !== null;
      if (isOfTheFile && readBackupRealm(file.path, paths.sealing).kind === "ok") {
        const about = { cause: "cannot-open", serverMessage: opened.message, order: "own" } as const;
        const mint = { resetId: randomUUID(), atMs: now() };
        dependencies.onCannotOpen(factsOf({ userId: user.id, ...file }, mint, about));
      } else {
        driver.dispatch({ kind: "failed", message: problem });
      }
      return onChange();
    }
    if (opened.kind === "not-fresh") {
      log("error", "the fresh file is not a new one; a restart makes it one");
      return options.relaunch();
    }
    if (driver.state().kind !== "idle") return dependencies.onOpenedInReset(opened.session);
    notes.awaitFirstSync(opened.session);
  }

  return {
    start,
    async signIn(how) {
      if (app === null) return { kind: "refused", message: "Perennial is still starting." };
      // Notes stay open when the server ends a log-in.
      if (notes.session() !== null && signedIn !== null)
        return { kind: "refused", message: "Sign out first." };
      const result = await how(app);
      if (result.kind !== "ok") return result;
      const state = driver.state();
      if ("facts" in state && state.facts.userId !== result.user.id) {
        await app.logOut();
        onChange();
        return { kind: "refused", message: othersRecovery };
      }
      problem = null;
      const open = notes.session();
      if (open !== null && open.userId === result.user.id) {
        // Realm goes on with the file that is open.
        lookWhoIsSignedIn();
        onChange();
        return result;
      }
      if (open !== null) {
        const why = await dependencies.secureLeft();
        if (why !== null) {
          await app.logOut();
          return { kind: "refused", message: why };
        }
        dependencies.onLeaving();
        notes.closeSession();
      }
      try {
        await openCurrent(app);
      } catch (error) {
        return { kind: "refused", message: notStarted(error) };
      }
      onChange();
      return result;
    },
    async giveAccount(email, password) {
      if (app === null || notes.session() === null)
        return { kind: "refused", message: "Perennial is still starting." };
      if (signedIn?.isAnonymous !== true) return { kind: "refused", message: "Sign out first." };
      const result = await app.giveAccount(email, password);
      lookWhoIsSignedIn();
      onChange();
      return result;
    },
    async signOut() {
      dependencies.onLeaving();
      notes.closeSession();
      await app?.logOut();
      lookWhoIsSignedIn();
      onChange();
    },
    openBeside(userId, path, onProblem) {
      const user = app?.currentUser() ?? null;
      if (user?.id !== userId) return null;
      return openNoteRealm(user, noteSchemas[options.schema], paths.sealing, onProblem, path);
    },
    signedIn: () => signedIn,
    lastSignedIn: () => lastSignedIn,
    isAppOpen: () => app !== null,
    problem: () => problem,
    lookWhoIsSignedIn,
    close() {
      closed = true;
    },
  };
}
