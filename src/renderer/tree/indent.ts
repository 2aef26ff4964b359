// How far the lines of a tree are pushed in, by their level.

const deepest = 24;

/** Where a line's content begins. Beyond a depth it stays, so that very deep notes remain within the sidebar. */
export function indentPx(level: number): number {
  return 8 + Math.min(level - 1, deepest) * 16;
}
