// While a person reads that the notes have to be fetched anew, and no longer: fetches them, into a file of their own
// beside the notes' (fetched-file.ts), and after the restart gives it out, so that only what is newer has to come. Reads no note: the
// thread that JavaScript has is left to the person. Whatever is in the way of it is no failure, and nobody else hears
// of it: then the fresh copy is fetched after the restart, as ever.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { ResetFacts, ResetState } from "../../shared/reset-machine";
import { fsyncFile } from "../durable-file";
import type { Log } from "../log";
import type { DataPaths } from "../paths";
import type { FileGenerations } from "../realm/file-generation";
import type { NoteRealm, OpenResult } from "../realm/note-realm";
import { isProvedClosed } from "../realm/open-files";
import { describeError, type SyncProblem } from "../realm/realm-errors";
import type { Session } from "../session";
import { adoptFetched, fetchedPathOf, markFetched, removeFetched } from "./fetched-file";
import { promptedReset } from "./prompted-reset";
import { isDiskScarce } from "./scarce-disk";

export type FetchedAhead = {
  /** The state of the reset, or the notes, may be others now. */
  readonly poke: () => void;
  /** Before somebody signs out: what is being fetched is of their account. */
  readonly stop: () => void;
  /** A copy for the reset under way is complete. */
  readonly isHere: () => boolean;
  /**
   * After the restart: what was fetched goes into the empty place of the notes, before anything is opened there. True
   * where it did.
   */
  readonly adopt: () => Promise<boolean>;
  /** Resolves at once or, where everything has come just now, when it can be used after the restart. */
  readonly close: () => Promise<void>;
};

type Beside = Pick<
  NoteRealm,
  "waitForSubscriptions" | "waitForDownload" | "subscriptionsComplete" | "pause" | "close"
>;

type Dependencies = {
  readonly paths: Pick<DataPaths, "fetchedAhead" | "recoveredRealms" | "sealing">;
  readonly generations: FileGenerations;
  readonly state: () => ResetState;
  readonly session: () => Pick<Session, "userId" | "generation"> | null;
  /** Opens another realm of who is signed in; null: that is somebody else, or nobody. */
  readonly open: (
    userId: string,
    path: string,
    onProblem: (problem: SyncProblem) => void,
  ) => OpenResult | null;
  readonly onChange: () => void;
  readonly now: () => number;
  readonly log: Log;
};

/** The prompt is seen first. */
const firstAfterMs = 200;
const roundMs = 15_000;
const retryMs = 1_000;

export function createFetchedAhead(dependencies: Dependencies): FetchedAhead {
  const { paths, generations, state, session, open, onChange, now, log } = dependencies;
  /** Files that have been open in this process. */
  const opened = new Set<string>();
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let stopFetching: ((why: string) => void) | null = null;
  /** The reset that it was tried for. */
  let triedFor: string | null = null;
  let here: string | null = null;
  let mayBeThere = true;
  /** Everything has come, and its marker is to be written. */
  let finishing: Promise<unknown> | null = null;
  let endWaiting: () => void = () => undefined;
  const ending = new Promise<void>((resolve) => {
    endWaiting = resolve;
  });

  /** The reset whose prompt stands, while the notes that it leaves behind are open. */
  function waiting(): ResetFacts | null {
    return closed ? null : promptedReset(state(), session());
  }

  function poke(): void {
    const facts = waiting();
    if (facts === null) {
      stop();
      if (state().kind === "idle" && !closed) over();
      return;
    }
    if (stopFetching !== null || timer !== null || triedFor === facts.resetId) return;
    timer = setTimeout(() => {
      timer = null;
      const wanted = waiting();
      if (wanted !== null) void fetchFor(wanted);
    }, firstAfterMs).unref();
  }

  function stop(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    stopFetching?.("nobody waits for it any more");
  }

  /** The next reset is another one. */
  function over(): void {
    triedFor = null;
    here = null;
    if (!mayBeThere) return;
    mayBeThere = false;
    for (const { path } of generations.all()) remove(path);
  }

  function remove(besideRealm: string): void {
    try {
      removeFetched(dirname(besideRealm), paths.fetchedAhead);
    } catch (error) {
      log("warn", "a fresh copy fetched ahead could not be removed", { error: describeError(error) });
    }
  }

  async function fetchFor(facts: ResetFacts): Promise<void> {
    triedFor = facts.resetId;
    mayBeThere = true;
    const startedAtMs = performance.now();
    const stopped = new Promise<string>((resolve) => {
      stopFetching = resolve;
    });
    const fetched = await fetchInto(facts, stopped).catch((error): string => describeError(error));
    stopFetching = null;
    if (typeof fetched === "string") {
      log("info", "the fresh copy was not fetched ahead", { reason: fetched });
      if (!closed) remove(facts.originalPath);
      return poke();
    }
    const tookMs = Math.round(performance.now() - startedAtMs);
    log("info", "the fresh copy was fetched ahead", { ms: tookMs, bytes: fetched.bytes });
    here = facts.resetId;
    if (!closed) onChange();
  }

  /** Answers how large the file is, or why there is none. */
  async function fetchInto(facts: ResetFacts, stopped: Promise<string>): Promise<{ bytes: number } | string> {
    if (await isDiskScarce(facts.originalPath)) return "there is little room on this disk";
    if (waiting()?.resetId !== facts.resetId) return "nobody waits for it any more";
    const path = fetchedPathOf(facts);
    removeFetched(dirname(path), paths.fetchedAhead);
    opened.add(path);
    const why = await openAndWait(facts, path, stopped);
    if (why !== null) return why;
    const finished = finish(facts, path);
    finishing = finished.catch(() => undefined);
    return finished;
  }

  /** Goes on where the person restarts meanwhile: what is left to do is little beside fetching everything again. */
  async function finish(facts: ResetFacts, path: string): Promise<{ bytes: number } | string> {
    // It is closed now or, where that cannot be told, when this process ends.
    await Promise.race([isProvedClosed(path), ending]);
    // Its marker must not outlive a power cut that it does not.
    await fsyncFile(path);
    const reset = state();
    const isWanted = ["prompting", "postponed", "restarting"].includes(reset.kind);
    if (!isWanted || !("facts" in reset) || reset.facts.resetId !== facts.resetId)
      return "nobody waits for it any more";
    return { bytes: markFetched(facts, now(), paths) };
  }

  /** In a scope of its own, so that nothing of the realm is held when it is closed. Answers why it is not here, or null. */
  async function openAndWait(
    facts: ResetFacts,
    path: string,
    stopped: Promise<string>,
  ): Promise<string | null> {
    let fail: (why: string) => void = () => undefined;
    const failed = new Promise<string>((resolve) => {
      fail = resolve;
    });
    const result = open(facts.userId, path, (problem) => {
      if (problem.kind !== "warning") fail(problem.message);
    });
    if (result === null) return "its user is not signed in";
    if (result.kind === "cannot-open") return result.message;
    const { realm } = result;
    try {
      let isOver = false;
      const why = await Promise.race([untilHere(realm, () => isOver), stopped, failed]);
      isOver = true;
      return why;
    } finally {
      // Its session ends now, not when it has nothing more to send.
      realm.pause();
      realm.close();
    }
  }

  /** Goes on for as long as the prompt stands: being offline is no failure. */
  async function untilHere(realm: Beside, isOver: () => boolean): Promise<null> {
    while (!isOver()) {
      try {
        await realm.waitForSubscriptions(roundMs);
        await realm.waitForDownload(roundMs);
        if (realm.subscriptionsComplete()) break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    return null;
  }

  async function adopt(): Promise<boolean> {
    const reset = state();
    if (reset.kind !== "downloading" || existsSync(reset.facts.originalPath)) return false;
    const { facts } = reset;
    const path = fetchedPathOf(facts);
    const isOpen = opened.has(path) && !(await isProvedClosed(path));
    try {
      const adoption = adoptFetched(facts, { paths, generations, now, isOpen });
      if (adoption.kind === "adopted") log("info", "the fresh copy is the one that was fetched ahead");
      else log("info", "no fresh copy that was fetched ahead is used", { reason: adoption.why });
      return adoption.kind === "adopted";
    } catch (error) {
      log("warn", "the fresh copy fetched ahead cannot be used", { error: describeError(error) });
      return false;
    }
  }

  return {
    poke,
    stop,
    isHere() {
      const reset = state();
      return "facts" in reset && reset.facts.resetId === here && existsSync(paths.fetchedAhead);
    },
    adopt,
    async close() {
      closed = true;
      stop();
      endWaiting();
      await finishing;
    },
  };
}
