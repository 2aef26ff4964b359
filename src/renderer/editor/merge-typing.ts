// How what is typed meets what comes from elsewhere: merged where that is sure, otherwise all lines of both.

import { mergeText, mergeTextKeepingBoth } from "../../shared/merge-text";

export function mergeTyping(base: string, mine: string, theirs: string): string {
  const merged = mergeText(base, mine, theirs);
  return merged.kind === "merged" ? merged.text : mergeTextKeepingBoth(theirs, mine, base);
}
