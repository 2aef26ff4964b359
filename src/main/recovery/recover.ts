// Carries a recovery from the fresh, empty realm to the report: one step of the state machine at a time, each of
// them repeatable, so that a crash anywhere goes on from the last recorded state. Decides nothing about notes:
// that is the strategy in force; writes only through the note store.

import { isTombstone, type Note, type NoteId, type NotesById } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { withLinesOf } from "../../shared/recovery/plan-again";
import type {
  NoteHistory,
  PlanStep,
  RecoveryReport,
  ResetCause,
  StrategyName,
} from "../../shared/recovery/plan-types";
import { rebaseStep } from "../../shared/recovery/rebase-step";
import type { DiscardHooks } from "../../shared/recovery/strategies/discard";
import { brokenFields } from "../../shared/recovery/strategies/schema-break";
import { planWith, strategyInForce } from "../../shared/recovery/strategies/strategy";
import type { ResetEvent, ResetState } from "../../shared/reset-machine";
import { sparseTree } from "../../shared/sparse-tree";
import { areAllUnder, buildTree } from "../../shared/tree";
import { planTreeRepair } from "../../shared/tree-check";
import type { Log } from "../log";
import { changesBetween } from "../notes/note-changes";
import type { NoteStore } from "../notes/note-store";
import type { SeenStates } from "../notes/seen";
import { readBackupFields } from "../realm/backup-realm";
import type { LastSyncedRealm } from "../realm/last-synced-realm";
import type { NoteRealm } from "../realm/note-realm";
import { describeError } from "../realm/realm-errors";
import { backupRealmPath, readBackup } from "../reset/backup";
import type { Sealing } from "../sealed-file";
import { intoBatches } from "./batches";
import { cameBefore } from "./came-before";
import { arrivedFrom, interimSide, revisionAsItWas } from "./interim-copies";
import { leftoversOf, withCopyOf } from "./leftovers-of-copy";
import type { LocalSideReader } from "./local-side";
import { needsReview } from "./mass-change";
import type { ReportStore } from "./report-store";
import type { PlanStore, StoredPlan } from "./stored-plan";

export type RecoveryDependencies = {
  readonly localSide: LocalSideReader;
  readonly realm: NoteRealm;
  readonly store: NoteStore;
  readonly seen: SeenStates;
  readonly lastSynced: LastSyncedRealm;
  readonly reports: ReportStore;
  readonly plans: PlanStore;
  readonly folders: { readonly backups: string; readonly planFile: string; readonly sealing: Sealing };
  readonly recoveredId: NoteId;
  /** What this device has written into the fresh file. */
  readonly writtenHere: () => ReadonlyMap<NoteId, NoteHistory>;
  /** What is chosen now; a recovery that has been planned once keeps what was chosen then. */
  readonly strategy: () => StrategyName;
  /** Somebody wants to see every plan before it is carried out. */
  readonly reviewFirst: () => boolean;
  readonly discardHooks: DiscardHooks;
  readonly state: () => ResetState;
  readonly dispatch: (event: ResetEvent) => void;
  /** It is on the disk. */
  readonly onReport: (report: RecoveryReport) => void;
  readonly onProgress: (counts: { done: number; total: number }) => void;
  readonly now: () => number;
  readonly log: Log;
};

const roundMs = 15_000;
/**
 * So many are written before the first of them has reached the server. Each goes in a message of its own, so that this
 * bounds only what waits on the way; with few, the notes wait for the server in the midst of writing.
 */
const batchesUnderWay = 16;

/** Runs until the machine is idle or waits for somebody. Everything that can be expected ends in an event. */
export async function recover(dependencies: RecoveryDependencies): Promise<void> {
  const { state, dispatch, log } = dependencies;
  for (;;) {
    const before = state();
    let event: ResetEvent | null;
    try {
      event = await runState(before, dependencies);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log("error", "a recovery step failed", { state: before.kind, error: message });
      event = { kind: "failed", message };
    }
    // A second reset may have changed the state while the step ran; its result then means nothing any more.
    if (state() !== before) continue;
    if (event === null) return;
    dispatch(event);
  }
}

async function runState(state: ResetState, dependencies: RecoveryDependencies): Promise<ResetEvent | null> {
  switch (state.kind) {
    case "downloading":
      return download(state, dependencies);
    case "planning":
      return plan(state, dependencies);
    case "applying":
      return apply(state, dependencies);
    case "checking":
      return check(state, dependencies);
    case "uploading":
      return upload(state, dependencies);
    case "reporting":
      return report(state, dependencies);
    default:
      return null;
  }
}

type InState<K extends ResetState["kind"]> = Extract<ResetState, { kind: K }>;

async function download(
  state: InState<"downloading">,
  dependencies: RecoveryDependencies,
): Promise<ResetEvent> {
  const { realm, onProgress, log } = dependencies;
  const total = state.copy.notes;
  onProgress({ done: 0, total });
  realm.onTransfer((direction, done, all) => {
    if (direction === "download" && all > 0) {
      onProgress({ done: Math.min(total, Math.round((done / all) * total)), total });
    }
  });
  // Realm downloads on a thread of its own. What comes of it is looked at when it is planned with.
  const readAhead = dependencies.localSide
    .read(state.facts, state.copy)
    .then(async (local) => {
      // What shows the copy's notes waits for the same reading, and has its turn first.
      await new Promise((resolve) => setImmediate(resolve));
      const isWanted = () => dependencies.state() === state;
      if (local.kind === "ok" && isWanted()) await dependencies.store.readAhead(local, isWanted);
    })
    .catch(() => undefined);
  await untilDone(dependencies, async () => {
    await realm.waitForSubscriptions(roundMs);
    await realm.waitForDownload(roundMs);
    if (!realm.subscriptionsComplete()) throw new Error("the subscription is not complete yet");
    realm.refresh();
  });
  // Of a copy that was fetched ahead everything may be here before the half of it is read.
  await readAhead;
  log("info", "the fresh copy is here", { resetId: state.facts.resetId });
  return { kind: "downloaded" };
}

/** Goes on until it works or the state has changed: being offline is no failure, and no hurry. */
async function untilDone({ state, log }: RecoveryDependencies, work: () => Promise<void>): Promise<void> {
  const started = state();
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (state() !== started) return;
      log("info", "waiting for the server", { state: started.kind, reason: (error as Error).message });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function plan(state: InState<"planning">, dependencies: RecoveryDependencies): Promise<ResetEvent> {
  const { store, seen, plans, now, log } = dependencies;
  const { facts, copy } = state;
  const local = await dependencies.localSide.read(facts, copy);
  if (local.kind === "unusable") return { kind: "failed", message: local.message };
  const { history, historyTrusted } = local;
  const { notes: remote, revisions } = store.readAll();
  const earlier = plans.read(facts.resetId);
  const chosen = earlier?.chosen ?? dependencies.strategy();
  const broken = chosen === "discard" ? fieldsBroken(state, dependencies) : [];
  const { strategy, insteadOf } = strategyInForce(
    chosen,
    schemaCauses.includes(facts.cause) || broken.length > 0,
  );
  if (insteadOf !== null) {
    log("warn", "the schema has changed, so nothing is discarded", {
      chosen: insteadOf,
      broken: broken.join("; "),
    });
  }
  if (strategy === "discard") {
    await callHook("before", () => dependencies.discardHooks.before?.(local.notes), log);
  }
  const here: ReadonlyMap<NoteId, NoteHistory> =
    local.interim.length === 0 ? new Map() : dependencies.writtenHere();
  const hasWrittenOver = (id: NoteId, text: string) =>
    here.get(id)?.text.some(({ before }) => before === text) === true;
  const anew = planWith(strategy, {
    resetId: facts.resetId,
    rootId: store.rootId,
    recoveredId: dependencies.recoveredId,
    local: local.notes,
    remote,
    history,
    seen: {
      earlier(id) {
        const theirs = { note: remote.get(id), revision: revisions.get(id) };
        return cameBefore(seen, theirs, { note: local.notes.get(id), revision: local.revisions.get(id) });
      },
      known: (id) => seen.knows(id) && history.get(id)?.created !== "unacked",
    },
    // Sync that was terminated and enabled again keeps the server's notes; should it not, the notes show it.
    serverWentBack: facts.cause === "restored",
    hasWrittenOver,
    isOtherVersion: (id) => local.revisions.get(id) !== revisions.get(id),
    interim: local.interim.map((side) =>
      interimSide(side, { notes: remote, revisions }, { local, history, seen, hasWrittenOver }),
    ),
    timeText: timeWords,
    historyTrusted,
  });
  const planned = withLinesOf(
    earlier?.plan ?? null,
    anew,
    remote,
    arrivedFrom(local.interim, { notes: remote, revisions }),
  );
  const asTheyWere = planned.steps.filter(({ asItWas }) => asItWas);
  const stored: StoredPlan = {
    resetId: facts.resetId,
    startedAtMs: now(),
    plan: planned,
    chosen,
    revisions: Object.fromEntries(
      asTheyWere.flatMap((step) => {
        const revision = revisionAsItWas(step, local, local.interim);
        return revision === undefined ? [] : [[step.note.id, revision]];
      }),
    ),
  };
  plans.write(stored);
  log("info", "the plan is made", {
    strategy,
    ...planned.counts,
    steps: planned.steps.length,
    rolledBack: planned.rolledBack,
  });
  const isWished = dependencies.reviewFirst() && planned.steps.length > 0;
  return { kind: "planned", needsReview: isWished || needsReview(planned.counts) !== null };
}

/** A reset for one of these is about the shape of the notes, whatever the files show. */
const schemaCauses: readonly ResetCause[] = ["schema", "cannot-open"];

/** What makes Realm's own discard give way to the manual road: fields of the backup that the fresh copy has not. */
function fieldsBroken(
  state: InState<"planning">,
  { realm, folders }: RecoveryDependencies,
): readonly string[] {
  const { backups, planFile, sealing } = folders;
  const before = readBackupFields(backupRealmPath(backups, state.copy.name), sealing);
  const now = withCopyOf(realm, planFile, (path) => readBackupFields(path, sealing));
  return before === null || now === null ? [] : brokenFields(before, now);
}

/** What a hook throws must not stand in the way of the notes. */
async function callHook(name: string, hook: () => void | Promise<void>, log: Log): Promise<void> {
  try {
    await hook();
  } catch (error) {
    log("error", `the hook '${name}' of a discard failed`, { error: describeError(error) });
  }
}

const planMissing = "The plan is missing on the disk; trying again makes a new one.";

function requirePlan(resetId: string, dependencies: RecoveryDependencies): StoredPlan {
  const stored = dependencies.plans.read(resetId);
  if (stored === null) throw new Error(planMissing);
  return stored;
}

async function apply(state: InState<"applying">, dependencies: RecoveryDependencies): Promise<ResetEvent> {
  const { realm, store, onProgress } = dependencies;
  const { plan: planned, revisions } = requirePlan(state.facts.resetId, dependencies);
  const batches = intoBatches(planned.steps, state.facts.halvings);
  let done = 0;
  const underWay: Promise<void>[] = [];
  for (const batch of batches) {
    if (dependencies.state() !== state) break;
    const undisturbed = new Set<NoteId>();
    const decide = (read: (id: NoteId) => Note | null) =>
      batch.flatMap((step) => {
        const current = read(step.note.id);
        const rebased = rebaseStep(step, current);
        // Nobody has changed the note since the plan was made, so what is written is what was planned.
        if (changesBetween(rebased, step.note).length === 0) undisturbed.add(step.note.id);
        const changes = changesBetween(current, rebased);
        return changes.length === 0 ? sameAgain(step, rebased) : changes;
      });
    const revisionOf = (id: NoteId) => (undisturbed.has(id) ? revisions[id] : undefined);
    store.commitRead(decide, { revisionOf, mirrors: "follow" });
    done += batch.length;
    onProgress({ done, total: planned.steps.length });
    // So that what waits to be sent stays far below the server's limits; offline it goes on all the same.
    if (realm.connection() === "connected")
      underWay.push(realm.waitForUpload(roundMs).catch(() => undefined));
    if (underWay.length > batchesUnderWay) await underWay.shift();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { kind: "applied" };
}

/** Where only the revision is to be written: a change that changes nothing. */
function sameAgain({ note, expect }: PlanStep, { id, text }: Note): readonly NoteChange[] {
  const isPlanned = expect !== null && changesBetween(expect, note).length === 0;
  return isPlanned && text === note.text ? [{ kind: "text", id, before: text, after: text }] : [];
}

/** What has to be written so that the note is as planned, or as near to it as others' newer work allows. */
function changesFor(step: PlanStep, notes: NotesById) {
  const current = notes.get(step.note.id) ?? null;
  return changesBetween(current, rebaseStep(step, current));
}

const timeFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

function timeWords(atMs: number): string {
  return timeFormat.format(atMs);
}

/**
 * Every note that recovery wrote must be reachable, whatever others did meanwhile. What it did not write is left
 * alone even where it is damaged: two devices must not repair against each other, and the tree shows it anyway.
 */
function check(state: InState<"checking">, dependencies: RecoveryDependencies): ResetEvent {
  const { store, recoveredId, log } = dependencies;
  const written = new Set(
    requirePlan(state.facts.resetId, dependencies).plan.steps.map(({ note }) => note.id),
  );
  const notes = withoutTombstones(store.readAll().notes);
  const isWhole = areAllUnder(sparseTree(notes, new Map(), store.rootId), written, store.rootId);
  const repairs = isWhole ? [] : planTreeRepair(buildTree(notes.values(), store.rootId), recoveredId);
  const strays = repairs.filter((change) => change.kind === "place" && written.has(change.id));
  const home = strays.length > 0 ? repairs.filter(({ kind }) => kind === "create") : [];
  log("info", "the tree is checked", { strays: strays.length, leftAlone: repairs.length - strays.length });
  store.commit([...home, ...strays], { mirrors: "follow" });
  return { kind: "checked" };
}

/** Nothing hangs under what is left of a note that was deleted for good. */
function withoutTombstones(notes: NotesById): NotesById {
  for (const note of notes.values()) {
    if (isTombstone(note)) return new Map([...notes].filter(([, each]) => !isTombstone(each)));
  }
  return notes;
}

async function upload(state: InState<"uploading">, dependencies: RecoveryDependencies): Promise<ResetEvent> {
  const { realm, store, plans, reports } = dependencies;
  const uploaded = untilDone(dependencies, async () => {
    await realm.waitForUpload(roundMs);
    await realm.waitForDownload(roundMs);
    realm.refresh();
  });
  // Meanwhile what takes its time in a large tree and waits for no answer.
  store.prepareToRemember();
  const stored = plans.read(state.facts.resetId);
  if (stored !== null) reports.prepare(stored.plan.items);
  await uploaded;
  return { kind: "uploaded" };
}

async function report(state: InState<"reporting">, dependencies: RecoveryDependencies): Promise<ResetEvent> {
  const { store, reports, plans, folders, now } = dependencies;
  const { resetId, cause } = state.facts;
  const stored = plans.read(resetId);
  if (stored === null && reports.has(resetId)) {
    // Written already, and then the process ended before the record said so.
    await settleSeen(state, dependencies);
    return { kind: "reported" };
  }
  if (stored === null) throw new Error(planMissing);
  const { plan: planned } = stored;
  const { notes } = store.readAll();
  const failed = planned.steps
    .filter((step) => changesFor(step, notes).length > 0)
    .map(({ note }) => note.id);
  const written: RecoveryReport = {
    version: 1,
    resetId,
    cause,
    strategy: planned.strategy,
    ...(stored.chosen === undefined || stored.chosen === planned.strategy
      ? {}
      : { insteadOf: stored.chosen }),
    startedAtMs: stored.startedAtMs,
    finishedAtMs: now(),
    rolledBack: planned.rolledBack,
    backupName: state.copy.name,
    notesFromServer: planned.counts.remote,
    changesRestored: planned.items.filter(({ outcome }) => outcome !== "left-out").length,
    items: planned.items,
    failed,
    ...(await leftoversOf(state, dependencies)),
    confirmed: false,
  };
  if (planned.strategy === "discard") {
    const backup = await readBackup(folders.backups, state.copy.name, folders.sealing);
    const had = backup.kind === "ok" ? backup.notes : new Map();
    await callHook(
      "after",
      () => dependencies.discardHooks.after?.(had, store.readAll().notes),
      dependencies.log,
    );
  }
  reports.write(written);
  dependencies.onReport(written);
  plans.remove();
  await settleSeen(state, dependencies);
  return { kind: "reported" };
}

/**
 * What the recovery came to is how the notes are to be, and that is on the disk before the record says that it is over.
 * Else a process that died in between would find older texts than it had seen (what was undone while the fresh copy
 * came), and put the newer ones back.
 */
async function settleSeen(
  { facts, copy }: InState<"reporting">,
  { localSide, store }: RecoveryDependencies,
): Promise<void> {
  // It decided on the notes of its copy. One that had vanished before is for the audit to look after.
  const local = await localSide.read(facts, copy);
  store.remember((id) => local.kind !== "ok" || local.notes.has(id));
}
