// A planned step meets the note as it is when the step is carried out: somebody may have changed it since the plan
// was made. Their change stays, and the plan's is merged into it.

import { mergeText, mergeTextKeepingBoth } from "../merge-text";
import type { Note } from "../note";
import type { PlanStep } from "./plan-types";

/** The note to write. Where nobody interfered that is the plan's; carried out twice it is the same as once. */
export function rebaseStep(step: PlanStep, current: Note | null): Note {
  const { note: planned, expect } = step;
  if (current === null) return planned;
  return {
    ...current,
    text: rebaseText(expect?.text ?? null, planned.text, current.text),
    ...(isSamePlace(current, expect) ? { parentId: planned.parentId, orderKey: planned.orderKey } : {}),
    deletedAtMs:
      current.deletedAtMs === (expect?.deletedAtMs ?? null) ? planned.deletedAtMs : current.deletedAtMs,
  };
}

function rebaseText(expected: string | null, planned: string, current: string): string {
  if (current === planned || current === expected) return planned;
  if (expected === null) return mergeTextKeepingBoth(current, planned);
  const merged = mergeText(expected, planned, current);
  return merged.kind === "merged" ? merged.text : mergeTextKeepingBoth(current, planned, expected);
}

function isSamePlace(current: Note, expect: Note | null): boolean {
  return expect !== null && current.parentId === expect.parentId && current.orderKey === expect.orderKey;
}
