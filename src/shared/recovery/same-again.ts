// Decisions of this device that happen to come to what a server shows which went back in time: an edit was taken back
// here, say, and the server has lost that very edit. Nothing differs, and yet the server does not have the decision:
// whoever has the lost edit would put it back over it. So the note is written once more, as this device had it. Pure.

import { sameNote, unacked } from "./field-decisions";
import type { PlanStep, RecoveryInput } from "./plan-types";

/** A step that changes nothing but the revision; done once there is none. Lines of the report it has none either. */
export function stepsForSameAgain({ local, remote, history, isOtherVersion }: RecoveryInput): PlanStep[] {
  const steps: PlanStep[] = [];
  for (const [id, { text }] of history) {
    const [mine, theirs] = [local.get(id), remote.get(id)];
    const [first] = unacked(text);
    if (mine === undefined || theirs === undefined || first === undefined) continue;
    if (!sameNote(mine, theirs) || first.before === mine.text || isOtherVersion?.(id) !== true) continue;
    steps.push({ note: theirs, expect: theirs, asItWas: true });
  }
  return steps;
}
