// What this device's text of a note is meant to be, where another hand's text came over it before it was synced.
// Realm keeps the later of two texts whole, so the words of the earlier one are in the edit journal alone. Pure.

import { mergeText, mergeTextKeepingBoth } from "../merge-text";
import type { FieldChange } from "./plan-types";

/**
 * `pending`: the changes of the text that the server was not seen to have, oldest first. A change that does not begin
 * where the one before it ended was made to another hand's text, and so what came before it has been replaced. Answers
 * the device's text with what was replaced merged into it; where that cannot be, with the lines of both.
 */
export function ownText(local: string, pending: readonly FieldChange<string>[]): string {
  return runsOf(pending)
    .filter(({ end }) => end !== local)
    .reduce((text, { base, end }) => {
      const merged = mergeText(base, end, text);
      return merged.kind === "merged" ? merged.text : mergeTextKeepingBoth(text, end, base);
    }, local);
}

type Run = { readonly base: string; readonly end: string };

/** Changes one upon the other, from the text they began with to the one they ended with. */
function runsOf(changes: readonly FieldChange<string>[]): Run[] {
  const runs: Run[] = [];
  for (const { before, after } of changes) {
    const last = runs.at(-1);
    if (last?.end === before) runs[runs.length - 1] = { base: last.base, end: after };
    else runs.push({ base: before, end: after });
  }
  return runs;
}
