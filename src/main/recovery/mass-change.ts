// The mass-change guard: a plan that would change unusually much is shown before anything is written. Pure.

import type { RecoveryPlan } from "../../shared/recovery/plan-types";

const alwaysFine = 50;
const usualShare = 0.3;

/** A sentence that says why somebody should look first, or null. */
export function needsReview(counts: RecoveryPlan["counts"]): string | null {
  const { local, remote, changed, trashed } = counts;
  if (remote <= 1 && local > 20) return "The server sent no notes, but this computer has many.";
  const limit = Math.max(alwaysFine, local * usualShare);
  if (trashed > limit) return "Recovery would put unusually many notes into the trash.";
  if (changed > limit) return "Recovery would change unusually many notes on the server.";
  return null;
}
