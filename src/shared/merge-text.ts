// Merges what two hands made of one text. Three-way by lines, and by words inside a line that both changed; in
// doubt it answers 'conflict' and the caller keeps both texts. Two promises: a line that either side added is in
// the merged text, and merging the same change into the merged text again changes nothing (so a recovery that
// runs twice writes once).

import { diffSequences } from "./sequence-diff";

export type TextMerge = { readonly kind: "merged"; readonly text: string } | { readonly kind: "conflict" };

const conflict: TextMerge = { kind: "conflict" };

/**
 * Rules, for a region of the base that both sides changed: the same change counts once; what one side did besides
 * all that the other did stands; an edit of a line wins over its deletion; lines added at one spot are all kept,
 * theirs first; lines changed one for one are merged by words. Anything else is a conflict, and so is a result in
 * which a line occurs more often than on either side (it was moved twice).
 */
export function mergeText(base: string, mine: string, theirs: string): TextMerge {
  if (mine === theirs || mine === base) return { kind: "merged", text: theirs };
  if (theirs === base) return { kind: "merged", text: mine };
  const merged = mergeOnce(base, mine, theirs);
  const isStable =
    merged !== null && mergeOnce(base, mine, merged) === merged && mergeOnce(base, theirs, merged) === merged;
  return isStable ? { kind: "merged", text: merged } : conflict;
}

/**
 * A text with all lines of both, those they share once, theirs first where they differ, in my order where a line was
 * moved. With a base, lines that
 * `mine` deleted from it stay deleted; lines that `theirs` lacks do not count as deleted by anybody, because the
 * server may never have had them. A line end at the very end is no line that could be missing.
 */
export function mergeTextKeepingBoth(theirs: string, mine: string, base?: string): string {
  const both = keepBoth(theirs, mine, base);
  return both === `${theirs}\n` ? theirs : both;
}

function keepBoth(theirs: string, mine: string, base: string | undefined): string {
  const joined = joinBoth(theirs, mine);
  if (base === undefined) return joined;
  return settle(theirs, mine, base) ?? settle(joined, mine, base) ?? joined;
}

/** Joins until joining once more changes nothing, so that recovering twice writes once; null if that never comes. */
function settle(theirs: string, mine: string, base: string): string | null {
  let text = theirs;
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    const next = joinWithBase(text, mine, base);
    if (next === text) return text;
    text = next;
  }
  return null;
}

const attemptLimit = 5;

function joinWithBase(theirs: string, mine: string, base: string): string {
  const sharedBase = sharedLines(base, theirs);
  const merged = joinRegions(sharedBase, linesOf(mine), linesOf(theirs), (region) =>
    resolveRegion(region, (_base, mineLines, theirLines) => bothOf(theirLines, mineLines)),
  );
  const text = merged && withoutRepeats(merged, linesOf(mine), linesOf(theirs)).join("\n");
  return text !== null && containsLines(text, mine) ? text : joinBoth(theirs, mine);
}

function joinBoth(theirs: string, mine: string): string {
  const [first, second] = [linesOf(theirs), linesOf(mine)];
  return withoutRepeats(bothOf(first, second), second, first).join("\n");
}

/** Whether all lines of `part` are in `whole`, in the same order. */
export function containsLines(whole: string, part: string): boolean {
  return isSubsequence(linesOf(part), linesOf(whole));
}

/** The empty text has no lines, so that what two hands write into an empty note are two additions. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let found = 0;
  for (const line of whole) {
    if (found < part.length && part[found] === line) found += 1;
  }
  return found === part.length;
}

function sharedLines(a: string, b: string): string[] {
  const lines = linesOf(a);
  const shared: string[] = [];
  let at = 0;
  for (const { fromA, toA } of diffSequences(lines, linesOf(b))) {
    shared.push(...lines.slice(at, fromA));
    at = toA;
  }
  return [...shared, ...lines.slice(at)];
}

/** All of both, in an order that keeps the order of each; what they share is there once. */
function bothOf(first: readonly string[], second: readonly string[]): readonly string[] {
  if (isSubsequence(second, first)) return first;
  if (isSubsequence(first, second)) return second;
  const both: string[] = [];
  let at = 0;
  for (const { toA, fromB, toB } of diffSequences(first, second)) {
    both.push(...first.slice(at, toA), ...second.slice(fromB, toB));
    at = toA;
  }
  return [...both, ...first.slice(at)];
}

function mergeOnce(base: string, mine: string, theirs: string): string | null {
  const mineLines = linesOf(mine);
  const theirLines = linesOf(theirs);
  const merged = joinRegions(linesOf(base), mineLines, theirLines, (region) =>
    resolveRegion(region, mergeLineByLine),
  );
  return merged === null || repeatsALine(merged, mineLines, theirLines) ? null : merged.join("\n");
}

/** One change of one side: base elements `[from..to)` became `elements`. */
type Change = { readonly from: number; readonly to: number; readonly elements: readonly string[] };

function changesOf(base: readonly string[], side: readonly string[]): Change[] {
  return diffSequences(base, side).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: toA,
    elements: side.slice(fromB, toB),
  }));
}

/** A stretch of the base with the changes of both sides that overlap or touch in it. */
type Region = {
  readonly base: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly mine: readonly Change[];
  readonly theirs: readonly Change[];
};

/** Puts the sides together, asking `resolve` for each region that both changed; null when it cannot tell. */
function joinRegions(
  base: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
  resolve: (region: Region) => readonly string[] | null,
): string[] | null {
  const waiting = [
    ...changesOf(base, mine).map((change) => ({ ...change, isMine: true })),
    ...changesOf(base, theirs).map((change) => ({ ...change, isMine: false })),
  ].sort((a, b) => a.from - b.from || a.to - b.to);
  const joined: string[] = [];
  let at = 0;
  for (let index = 0; index < waiting.length; ) {
    const from = waiting[index]!.from;
    let to = from;
    const inside: typeof waiting = [];
    for (; index < waiting.length && waiting[index]!.from <= to; index += 1) {
      inside.push(waiting[index]!);
      to = Math.max(to, waiting[index]!.to);
    }
    const region: Region = {
      base,
      from,
      to,
      mine: inside.filter(({ isMine }) => isMine),
      theirs: inside.filter(({ isMine }) => !isMine),
    };
    const elements =
      region.theirs.length === 0
        ? elementsOf(region, region.mine)
        : region.mine.length === 0
          ? elementsOf(region, region.theirs)
          : resolve(region);
    if (elements === null) return null;
    joined.push(...base.slice(at, from), ...elements);
    at = to;
  }
  return [...joined, ...base.slice(at)];
}

/** The region with the given changes made. They must not overlap. */
function elementsOf({ base, from, to }: Region, changes: readonly Change[]): string[] {
  const elements: string[] = [];
  let at = from;
  for (const change of changes) {
    elements.push(...base.slice(at, change.from), ...change.elements);
    at = change.to;
  }
  return [...elements, ...base.slice(at, to)];
}

function resolveRegion(
  region: Region,
  resolveOverlap: (
    base: readonly string[],
    mine: readonly string[],
    theirs: readonly string[],
  ) => readonly string[] | null,
): readonly string[] | null {
  const mine = elementsOf(region, region.mine);
  const theirs = elementsOf(region, region.theirs);
  if (sameElements(mine, theirs)) return theirs;
  if (includesChanges(region, theirs, region.theirs, mine, region.mine)) return theirs;
  if (includesChanges(region, mine, region.mine, theirs, region.theirs)) return mine;
  return joinTouching(region) ?? resolveOverlap(region.base.slice(region.from, region.to), mine, theirs);
}

function sameElements(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((element, index) => element === b[index]);
}

/** Whether `whole` has all that `part` added, and has deleted all that `part` deleted. */
function includesChanges(
  { from }: Region,
  whole: readonly string[],
  wholeChanges: readonly Change[],
  part: readonly string[],
  partChanges: readonly Change[],
): boolean {
  for (const change of partChanges) {
    for (let at = change.from; at < change.to; at += 1) {
      if (!wholeChanges.some((other) => other.from <= at && at < other.to)) return false;
    }
  }
  const missing = diffSequences(part, whole);
  let shift = -from;
  for (const change of partChanges) {
    const start = change.from + shift;
    const end = start + change.elements.length;
    if (missing.some(({ fromA, toA }) => fromA < end && start < toA)) return false;
    shift += change.elements.length - (change.to - change.from);
  }
  return true;
}

/** All changes made side by side, where they only touch; null where they overlap. */
function joinTouching(region: Region): string[] | null {
  const sides = [
    ...region.theirs.map((change) => ({ ...change, order: 0 })),
    ...region.mine.map((change) => ({ ...change, order: 1 })),
  ].sort((a, b) => a.from - b.from || a.to - b.to || a.order - b.order);
  const changes: Change[] = [];
  for (const change of sides) {
    const last = changes.at(-1);
    if (last !== undefined && change.from < last.to) return null;
    const sameSpot = last !== undefined && last.from === change.from && last.to === change.to;
    if (sameSpot) changes.pop();
    changes.push(sameSpot ? { ...change, elements: bothOf(last.elements, change.elements) } : change);
  }
  return elementsOf(region, changes);
}

function mergeLineByLine(
  base: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
): string[] | null {
  if (base.length !== mine.length || base.length !== theirs.length) return null;
  const merged: string[] = [];
  for (const [index, line] of base.entries()) {
    const mergedLine = mergeLine(line, mine[index]!, theirs[index]!);
    if (mergedLine === null) return null;
    merged.push(mergedLine);
  }
  return merged;
}

/** By words: what the sides changed must be the same or have an unchanged word or space between. */
function mergeLine(base: string, mine: string, theirs: string): string | null {
  if (mine === theirs || mine === base) return theirs;
  if (theirs === base) return mine;
  const merged = joinRegions(wordsOf(base), wordsOf(mine), wordsOf(theirs), (region) => {
    const theirWords = elementsOf(region, region.theirs);
    return sameElements(elementsOf(region, region.mine), theirWords) ? theirWords : null;
  });
  return merged?.join("") ?? null;
}

function wordsOf(line: string): string[] {
  return line.match(/\s+|\S+/g) ?? [];
}

/**
 * A line that stands in different places on the two sides was moved by one of them: it stays where `mine` has it.
 * Every line of `mine` stays, in its order, and none goes that either side has so often.
 */
function withoutRepeats(
  joined: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
): readonly string[] {
  const surplus = repeats(joined, mine, theirs);
  if (surplus.size === 0) return joined;
  let found = 0;
  return joined.filter((line) => {
    if (line === mine[found]) {
      found += 1;
      return true;
    }
    const tooMany = surplus.get(line) ?? 0;
    if (tooMany > 0) surplus.set(line, tooMany - 1);
    return tooMany === 0;
  });
}

function repeatsALine(
  merged: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
): boolean {
  return repeats(merged, mine, theirs).size > 0;
}

/**
 * The lines that are there more often than on either side, each with how much more often. Only lines with a letter
 * or a digit: rules and blank lines may well be added twice.
 */
function repeats(
  merged: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
): Map<string, number> {
  const surplus = new Map<string, number>();
  const allowed = countLines(mine);
  for (const [line, count] of countLines(theirs)) allowed.set(line, Math.max(count, allowed.get(line) ?? 0));
  for (const [line, count] of countLines(merged)) {
    const most = allowed.get(line);
    if (most !== undefined && count > most && /[\p{L}\p{N}]/u.test(line)) surplus.set(line, count - most);
  }
  return surplus;
}

function countLines(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
