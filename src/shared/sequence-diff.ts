// What changed between two sequences of strings (lines or words). First the elements that occur once on both sides
// are lined up (the longest rising run of them), because those are what a person would recognise; between them
// Myers' O(ND) search looks for the shortest script. The work is bounded: what cannot be lined up within the bound
// is one large difference, which is always true, only less precise.
//
// Sources: E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986; the unique-lines idea is Bram Cohen's
// patience diff.

/** `a[fromA..toA)` became `b[fromB..toB)`. Between two hunks there is at least one element that both sides share. */
export type Hunk = {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
};

/** Comparisons that one diff may cost before it settles for coarser hunks: a fraction of a second. */
const workLimit = 8_000_000;
/** The longest script that Myers' search is let look for; its memory grows with the square. */
const scriptLimit = 1_000;

export function diffSequences(a: readonly string[], b: readonly string[]): Hunk[] {
  const numbers = new Map<string, number>();
  const numbered = (elements: readonly string[]) =>
    Int32Array.from(elements, (element) => {
      const known = numbers.get(element);
      if (known !== undefined) return known;
      numbers.set(element, numbers.size);
      return numbers.size - 1;
    });
  const numbersOfA = numbered(a);
  const numbersOfB = numbered(b);
  return slideDown(diffNumbers(numbersOfA, numbersOfB), numbersOfA, numbersOfB);
}

/**
 * An addition or deletion amid equal elements can be told in several ways (which of two blank lines is new?).
 * The lowest place is taken always, so that two diffs of the same change say the same; hunks never come to touch.
 */
function slideDown(hunks: readonly Hunk[], a: Int32Array, b: Int32Array): Hunk[] {
  const slid: Hunk[] = [];
  for (const hunk of hunks.toReversed()) {
    const next = slid.at(-1);
    const end = next === undefined ? a.length : next.fromA - 1;
    let { fromA, toA, fromB, toB } = hunk;
    const slides = () => (fromA === toA ? b[fromB] === b[toB] : fromB === toB && a[fromA] === a[toA]);
    while (toA < end && slides()) {
      fromA += 1;
      toA += 1;
      fromB += 1;
      toB += 1;
    }
    slid.push({ fromA, toA, fromB, toB });
  }
  return slid.reverse();
}

function diffNumbers(a: Int32Array, b: Int32Array): Hunk[] {
  const hunks: Hunk[] = [];
  let work = workLimit;
  const waiting: Hunk[] = [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length }];
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    let { fromA, toA, fromB, toB } = range;
    while (fromA < toA && fromB < toB && a[fromA] === b[fromB]) {
      fromA += 1;
      fromB += 1;
    }
    while (fromA < toA && fromB < toB && a[toA - 1] === b[toB - 1]) {
      toA -= 1;
      toB -= 1;
    }
    if (fromA === toA && fromB === toB) continue;
    const trimmed: Hunk = { fromA, toA, fromB, toB };
    if (fromA === toA || fromB === toB || work <= 0) {
      hunks.push(trimmed);
      continue;
    }
    work -= toA - fromA + toB - fromB;
    const anchors = findAnchors(a, b, trimmed);
    if (anchors.length > 0) {
      for (const gap of gapsBetween(anchors, trimmed).reverse()) waiting.push(gap);
      continue;
    }
    const limit = Math.min(scriptLimit, Math.floor(Math.sqrt(Math.max(0, work))));
    const found = shortestScript(a, b, trimmed, limit);
    work -= found.work;
    hunks.push(...found.hunks);
  }
  return hunks;
}

/** Positions of elements that occur once on each side, in the longest run that rises on both. */
function findAnchors(a: Int32Array, b: Int32Array, range: Hunk): [number, number][] {
  const onceInA = positionsOfUnique(a, range.fromA, range.toA);
  const onceInB = positionsOfUnique(b, range.fromB, range.toB);
  const pairs: [number, number][] = [];
  for (const [element, atA] of onceInA) {
    const atB = onceInB.get(element);
    if (atA >= 0 && atB !== undefined && atB >= 0) pairs.push([atA, atB]);
  }
  return longestRising(pairs);
}

/** Elements in order of first occurrence; -1 for those that occur again. */
function positionsOfUnique(elements: Int32Array, from: number, to: number): Map<number, number> {
  const positions = new Map<number, number>();
  for (let at = from; at < to; at += 1) {
    const element = elements[at]!;
    positions.set(element, positions.has(element) ? -1 : at);
  }
  return positions;
}

function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const tails: number[] = [];
  const previous = new Int32Array(pairs.length).fill(-1);
  for (const [index, [, atB]] of pairs.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (pairs[tails[mid]!]![1] < atB) low = mid + 1;
      else high = mid;
    }
    if (low > 0) previous[index] = tails[low - 1]!;
    tails[low] = index;
  }
  const run: [number, number][] = [];
  for (let index = tails.at(-1) ?? -1; index !== -1; index = previous[index]!) run.push(pairs[index]!);
  return run.reverse();
}

function gapsBetween(anchors: readonly [number, number][], range: Hunk): Hunk[] {
  const gaps: Hunk[] = [];
  let fromA = range.fromA;
  let fromB = range.fromB;
  for (const [atA, atB] of anchors) {
    gaps.push({ fromA, toA: atA, fromB, toB: atB });
    fromA = atA + 1;
    fromB = atB + 1;
  }
  gaps.push({ fromA, toA: range.toA, fromB, toB: range.toB });
  return gaps;
}

function shortestScript(
  a: Int32Array,
  b: Int32Array,
  range: Hunk,
  limit: number,
): { hunks: Hunk[]; work: number } {
  const sizeA = range.toA - range.fromA;
  const sizeB = range.toB - range.fromB;
  const offset = limit + 1;
  const furthest = new Int32Array(2 * offset + 1);
  const trail: Int32Array[] = [];
  let work = 0;
  for (let script = 0; script <= limit; script += 1) {
    trail.push(furthest.slice(offset - script - 1, offset + script + 2));
    for (let diagonal = -script; diagonal <= script; diagonal += 2) {
      const down =
        diagonal === -script ||
        (diagonal !== script && furthest[offset + diagonal - 1]! < furthest[offset + diagonal + 1]!);
      let x = down ? furthest[offset + diagonal + 1]! : furthest[offset + diagonal - 1]! + 1;
      const start = x;
      while (x < sizeA && x - diagonal < sizeB && a[range.fromA + x] === b[range.fromB + x - diagonal]) {
        x += 1;
      }
      work += 1 + x - start;
      furthest[offset + diagonal] = x;
      if (x >= sizeA && x - diagonal >= sizeB) return { hunks: walkBack(trail, range, script), work };
    }
  }
  return { hunks: [range], work };
}

function walkBack(trail: readonly Int32Array[], range: Hunk, scriptLength: number): Hunk[] {
  const hunks: Hunk[] = [];
  let x = range.toA - range.fromA;
  let y = range.toB - range.fromB;
  for (let script = scriptLength; script > 0; script -= 1) {
    const furthest = trail[script]!;
    const at = (diagonal: number) => furthest[diagonal + script + 1]!;
    const diagonal = x - y;
    const down = diagonal === -script || (diagonal !== script && at(diagonal - 1) < at(diagonal + 1));
    const fromX = down ? at(diagonal + 1) : at(diagonal - 1);
    const fromY = fromX - (down ? diagonal + 1 : diagonal - 1);
    const toX = down ? fromX : fromX + 1;
    const toY = down ? fromY + 1 : fromY;
    const last = hunks.at(-1);
    const touches = last?.fromA === range.fromA + toX && last.fromB === range.fromB + toY;
    const step: Hunk = {
      fromA: range.fromA + fromX,
      fromB: range.fromB + fromY,
      toA: touches ? last.toA : range.fromA + toX,
      toB: touches ? last.toB : range.fromB + toY,
    };
    if (touches) hunks.pop();
    hunks.push(step);
    x = fromX;
    y = fromY;
  }
  return hunks.reverse();
}
