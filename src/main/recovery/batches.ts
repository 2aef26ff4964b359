// Cuts a plan into pieces that each become one small transaction and so one small upload. Pure.

import type { PlanStep } from "../../shared/recovery/plan-types";

const maxNotes = 1_000;
const maxCharacters = 256 * 1024;

/**
 * At most 1,000 notes and about 512 KB a batch; a single larger note is a batch of its own. Order is kept. Each of
 * `halvings` makes batches half as large.
 */
export function intoBatches(steps: readonly PlanStep[], halvings = 0): PlanStep[][] {
  const mostNotes = Math.max(1, maxNotes >> halvings);
  const mostCharacters = maxCharacters >> halvings;
  const batches: PlanStep[][] = [];
  let batch: PlanStep[] = [];
  let characters = 0;
  for (const step of steps) {
    if (
      batch.length > 0 &&
      (batch.length === mostNotes || characters + step.note.text.length > mostCharacters)
    ) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(step);
    characters += step.note.text.length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
