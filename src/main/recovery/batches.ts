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

/**
 * What is written of a plan after the server has refused so many uploads of it as too large: batches that are smaller each
 * time and, once each is a single note, one note fewer each time, the largest. `leftOut`: those, in order.
 */
export function afterRefusals(
  steps: readonly PlanStep[],
  refusals: number,
): { readonly batches: PlanStep[][]; readonly leftOut: readonly PlanStep[] } {
  let batches = intoBatches(steps);
  let halvings = 0;
  let left = refusals;
  while (left > 0 && batches.length < steps.length) {
    const before = batches.length;
    while (batches.length === before) {
      halvings += 1;
      batches = intoBatches(steps, halvings);
    }
    left -= 1;
  }
  if (left === 0) return { batches, leftOut: [] };
  const bytesOf = ({ note }: PlanStep) => Buffer.byteLength(note.text);
  const tooLarge = new Set([...steps].sort((a, b) => bytesOf(b) - bytesOf(a)).slice(0, left));
  const rest = steps.filter((step) => !tooLarge.has(step));
  return { batches: rest.map((step) => [step]), leftOut: steps.filter((step) => tooLarge.has(step)) };
}
