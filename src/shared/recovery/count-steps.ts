// What a plan comes to, in numbers, counted from its steps. Pure.

import type { PlanStep, RecoveryInput, RecoveryPlan } from "./plan-types";

export function countSteps(
  { local, remote }: RecoveryInput,
  steps: readonly PlanStep[],
): RecoveryPlan["counts"] {
  const created = steps.filter(({ expect }) => expect === null).length;
  const trashed = steps.filter(
    ({ note, expect }) => expect?.deletedAtMs === null && note.deletedAtMs !== null,
  ).length;
  return {
    local: local.size,
    remote: remote.size,
    created,
    changed: steps.length - created - trashed,
    trashed,
  };
}
