// Each note is looked at once more, the report of it is written, and from then on what is there counts as seen. Writes
// no note.

import type { NotesById } from "../../../shared/note";
import type { PlanStep, RecoveryReport } from "../../../shared/recovery/plan-types";
import { rebaseStep } from "../../../shared/recovery/rebase-step";
import type { InState, ResetEvent } from "../../../shared/reset-machine";
import { changesBetween } from "../../notes/note-changes";
import { readBackup } from "../../reset/backup";
import { callHook } from "../discard-hooks";
import { leftoversOf } from "../leftovers-of-copy";
import { planMissing, type RecoveryDependencies } from "./step";

export async function writeReport(
  state: InState<"reporting">,
  dependencies: RecoveryDependencies,
): Promise<ResetEvent> {
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

/** What has to be written so that the note is as planned, or as near to it as others' newer work allows. */
function changesFor(step: PlanStep, notes: NotesById) {
  const current = notes.get(step.note.id) ?? null;
  return changesBetween(current, rebaseStep(step, current));
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
