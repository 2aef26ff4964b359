// Two versions of a text as lines to look at: what stayed, what went, what came. Pure.

import { diffSequences } from "../../shared/sequence-diff";

export type ComparedLine = { readonly kind: "same" | "added" | "removed"; readonly text: string };

/** `after` line by line, with the lines of `before` that are gone where they stood. */
export function compareLines(before: string, after: string): readonly ComparedLine[] {
  const from = before.split("\n");
  const to = after.split("\n");
  const lines: ComparedLine[] = [];
  let at = 0;
  const same = (end: number) => {
    for (; at < end; at++) lines.push({ kind: "same", text: to[at] ?? "" });
  };
  for (const hunk of diffSequences(from, to)) {
    same(hunk.fromB);
    for (const text of from.slice(hunk.fromA, hunk.toA)) lines.push({ kind: "removed", text });
    for (const text of to.slice(hunk.fromB, hunk.toB)) lines.push({ kind: "added", text });
    at = hunk.toB;
  }
  same(to.length);
  return lines;
}
