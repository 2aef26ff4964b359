// Two texts compared by the lines they have, in whatever order and blank ones aside: what is joined need not have those
// where either side had them. Pure. What minds the order is in merge-text.ts.

/** Whether each line of `part` is somewhere in `whole`. */
export function hasLinesOf(whole: string, part: string): boolean {
  return linesBeside(whole, part).length === 0;
}

/** The lines of `text` that `other` has not. */
export function linesBeside(other: string, text: string): readonly string[] {
  const had = new Set(other.split("\n"));
  return text.split("\n").filter((line) => line.trim() !== "" && !had.has(line));
}
