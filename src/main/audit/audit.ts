// The continuous audit: compares what the server should have with what it has, whenever sync has proved to be up to
// date, and puts back what vanished although nobody deleted it. No reset is needed for that. Decides nothing itself
// (planAudit does), and writes nothing while the notes are read-only or where unusually much is gone: then it asks.

import { randomUUID } from "node:crypto";
import type { NoteId } from "../../shared/note";
import { type AuditPlan, planAudit } from "../../shared/recovery/audit";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import type { Log } from "../log";
import type { StoredJournal } from "../notes/journal";
import { changesBetween } from "../notes/note-changes";
import type { Losses, NoteStore } from "../notes/note-store";
import type { SeenStates } from "../notes/seen";
import { intoBatches } from "../recovery/batches";
import type { ReportStore } from "../recovery/report-store";
import type { Tracker } from "../sync/last-synced";
import { lastKnownOf, type NotesCopy } from "./last-known";

export type Audit = {
  /** Something may be missing. Looks once sync has settled. */
  readonly poke: () => void;
  /** Looks again where the last look failed, as when the disk was full. Costs nothing otherwise. */
  readonly retry: () => void;
  /** How many notes are gone, where that is so many that a person has to say what to do. */
  readonly asks: () => number | null;
  /** The answer: put everything back, or leave it away for good. */
  readonly answer: (choice: "put-back" | "leave") => Promise<void>;
  /** What was put back last by this process. */
  readonly mended: () => { readonly reportId: string; readonly notes: number } | null;
  readonly stop: () => void;
};

export type AuditDependencies = {
  readonly store: NoteStore;
  readonly seen: SeenStates;
  readonly tracker: Pick<Tracker, "settle">;
  readonly reports: ReportStore;
  /** Of this user, oldest generation first. */
  readonly journals: () => readonly StoredJournal[];
  readonly recoveredId: NoteId;
  /** The user's safety copies that can be read, newest first. */
  readonly copies: () => Promise<readonly (NotesCopy & { readonly name: string })[]>;
  readonly mayWrite: () => boolean;
  readonly now: () => number;
  readonly log: Log;
  readonly onChange: () => void;
};

/** A change that takes a note from one place and puts it in another may come in two parts. */
const restMs = 1_000;
const settleMs = 30_000;
/** Before an older version is put back, devices that know a newer one have so long to do it. */
const othersTurnMs = 10_000;
/** More than so many at once, and more than this share, is nothing to act upon unasked. */
const fewNotes = 50;
const usualShare = 0.3;

export function createAudit(dependencies: AuditDependencies): Audit {
  const { store, seen, tracker, reports, now, log, onChange } = dependencies;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let stopped = false;
  let asked: number | null = null;
  let mended: ReturnType<Audit["mended"]> = null;
  /** The last look failed; whether a person had said 'put back' is remembered with it. */
  let failed: { readonly isAnswered: boolean } | null = null;
  /** Written into the notes, and into no report yet. */
  let unreported: RecoveryReport | null = null;
  let notesOfUnreported = 0;
  const missedSince = new Map<NoteId, number>();

  function poke(): void {
    if (stopped || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      void begin(failed?.isAnswered ?? false);
    }, restMs).unref();
  }

  function begin(isAnswered: boolean): Promise<void> {
    running = (running ?? Promise.resolve())
      .then(async () => {
        failed = null;
        keepReport();
        await look(isAnswered);
      })
      .catch((error: unknown) => {
        failed = { isAnswered };
        log("error", "the audit failed", { error: error instanceof Error ? error.message : String(error) });
      });
    return running;
  }

  async function look(isAnswered: boolean): Promise<void> {
    if (stopped || countOf(store.losses()) === 0) return ask(null);
    // What is missing on a server that has not told everything yet is not missing.
    if (!dependencies.mayWrite() || !(await tracker.settle(settleMs))) {
      if (!stopped) poke();
      return;
    }
    const losses = store.losses();
    if (stopped || !dependencies.mayWrite() || countOf(losses) === 0) return ask(null);
    const limit = Math.max(fewNotes, usualShare * store.rows().size);
    if (!isAnswered && countOf(losses) > limit) return ask(countOf(losses));
    await mend(losses);
    ask(null);
  }

  function ask(count: number | null): void {
    if (asked === count) return;
    asked = count;
    onChange();
  }

  async function mend(losses: Losses): Promise<void> {
    const wanted = new Set([...losses.vanished, ...losses.wentBack, ...losses.unplaced.keys()]);
    const journals = dependencies.journals();
    const copies = await dependencies.copies();
    const lastKnown = lastKnownOf(wanted, journals, copies, seen);
    const unplaced = new Map(
      [...losses.unplaced].map(([id, hungUnder]) => [id, hungUnder ?? lastKnown.hungUnder(id)]),
    );
    const { notes: live } = store.readAll();
    const plan = planAudit({
      rootId: store.rootId,
      recoveredId: dependencies.recoveredId,
      live,
      vanished: losses.vanished,
      wentBack: losses.wentBack,
      unplaced,
      known: lastKnown.known,
      timesMended: seen.timesMended,
      mayUseOlder(id) {
        const since = missedSince.get(id) ?? performance.now();
        missedSince.set(id, since);
        return performance.now() - since >= othersTurnMs;
      },
    });
    if (plan.waiting.length === 0) missedSince.clear();
    else setTimeout(poke, othersTurnMs).unref();
    const backupName = copies[0]?.name ?? "";
    const written = new Set<NoteId>();
    try {
      await write(plan, written);
    } catch (error) {
      // The rest is missed still, and is looked at again; what was put back is told now.
      const items = plan.items.filter(({ noteId }) => written.has(noteId));
      if (items.length > 0) report({ ...plan, items }, live.size, backupName);
      throw error;
    }
    settleRest(plan, losses);
    if (plan.items.length > 0) report(plan, live.size, backupName);
    log("warn", "notes had vanished without being deleted", {
      vanished: losses.vanished.length,
      wentBack: losses.wentBack.length,
      unplaced: losses.unplaced.size,
      putBack: plan.steps.length,
      unknown: plan.unknown.length,
      waiting: plan.waiting.length,
    });
  }

  async function write({ steps }: AuditPlan, written: Set<NoteId>): Promise<void> {
    const revisions = new Map(steps.map(({ note, revision }) => [note.id, revision ?? undefined]));
    for (const batch of intoBatches(steps)) {
      if (stopped) return;
      store.commit(
        batch.flatMap(({ note }) => changesBetween(store.read(note.id), note)),
        { revisionOf: (id) => revisions.get(id), mirrors: "leave" },
      );
      for (const { note } of batch) {
        seen.settle(note, store.revisionOf(note.id));
        seen.markMended(note.id);
        written.add(note.id);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What cannot or must not be put back by itself is told once, and not missed any more. */
  function settleRest({ steps, waiting }: AuditPlan, losses: Losses): void {
    const written = new Set([...steps.map(({ note }) => note.id), ...waiting]);
    for (const id of losses.vanished) if (!written.has(id)) seen.settleGone(id);
    for (const id of losses.wentBack) {
      const note = written.has(id) ? null : store.read(id);
      if (note !== null) seen.settle(note, store.revisionOf(id));
    }
    store.forgetLosses();
  }

  function report({ steps, items }: AuditPlan, liveNotes: number, backupName: string): void {
    const reportId = randomUUID();
    unreported = {
      version: 1,
      resetId: reportId,
      cause: "vanished",
      strategy: "merge",
      startedAtMs: now(),
      finishedAtMs: now(),
      rolledBack: false,
      backupName,
      notesFromServer: liveNotes,
      changesRestored: items.filter(({ outcome }) => outcome !== "left-out").length,
      items,
      failed: [],
      confirmed: false,
    };
    notesOfUnreported = steps.length > 0 ? unreported.changesRestored : 0;
    keepReport();
  }

  /** Throws what the file system throws; the report is kept until it can be written. */
  function keepReport(): void {
    if (unreported === null) return;
    reports.write(unreported);
    mended = { reportId: unreported.resetId, notes: notesOfUnreported };
    unreported = null;
    onChange();
  }

  return {
    poke,
    retry() {
      if (failed !== null) poke();
    },
    asks: () => asked,
    async answer(choice) {
      await running;
      if (choice === "put-back") {
        await begin(true);
        return;
      }
      const losses = store.losses();
      for (const id of losses.vanished) seen.settleGone(id);
      for (const id of losses.wentBack) {
        const note = store.read(id);
        if (note !== null) seen.settle(note, store.revisionOf(id));
      }
      store.forgetLosses();
      ask(null);
    },
    mended: () => mended,
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function countOf({ vanished, wentBack, unplaced }: Losses): number {
  return vanished.length + wentBack.length + unplaced.size;
}
