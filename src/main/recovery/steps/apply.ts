// The plan is written, in batches small enough for the server, each note as planned or as near to it as others' newer
// work allows. Decides nothing about notes; writes only through the note store.

import type { Note, NoteId } from "../../../shared/note";
import type { NoteChange } from "../../../shared/note-change";
import type { PlanStep } from "../../../shared/recovery/plan-types";
import { rebaseStep } from "../../../shared/recovery/rebase-step";
import type { InState, ResetEvent } from "../../../shared/reset-machine";
import { changesBetween } from "../../notes/note-changes";
import { afterRefusals } from "../batches";
import { type RecoveryDependencies, requirePlan } from "./step";
import { roundMs } from "./wait-for-server";

/**
 * So many are written before the first of them has reached the server. Each goes in a message of its own, so that this
 * bounds only what waits on the way; with few, the notes wait for the server in the midst of writing.
 */
const batchesUnderWay = 16;

export async function applyPlan(
  state: InState<"applying">,
  dependencies: RecoveryDependencies,
): Promise<ResetEvent> {
  const { realm, store, onProgress, log } = dependencies;
  const { plan: planned, revisions } = requirePlan(state.facts.resetId, dependencies);
  const { batches, leftOut } = afterRefusals(planned.steps, state.facts.halvings);
  // The report says of them what it says of all that the server did not keep.
  if (leftOut.length > 0)
    log("warn", "notes too large for the server are left out", { notes: leftOut.length });
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
