// Cuts a plan into pieces that each become one small transaction and so one small upload. Pure.

import type { PlanStep } from "../../shared/recovery/plan-types";

const maxNotes = 1_000;
const maxBytes = 512 * 1024;

/**
 * At most 1,000 notes and 512 KB of text a batch; a single larger note is a batch of its own. Order is kept. Each of
 * `halvings` makes batches half as large.
 */
export function intoBatches(steps: readonly PlanStep[], halvings = 0): PlanStep[][] {
  const mostNotes = Math.max(1, maxNotes >> halvings);
  const mostBytes = maxBytes >> halvings;
  const batches: PlanStep[][] = [];
  let batch: PlanStep[] = [];
  let bytes = 0;
  for (const step of steps) {
    const size = Buffer.byteLength(step.note.text);
    if (batch.length > 0 && (batch.length === mostNotes || bytes + size > mostBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(step);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
