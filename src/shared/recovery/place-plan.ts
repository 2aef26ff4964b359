// Where the notes that recovery touches end up: which wished-for parents the tree allows, and the order keys among
// the siblings there. A wish that would make a cycle, or hang under a note that is gone or in the trash, is given
// up: a note the server has stays where the server has it, another goes under 'Recovered notes'. Pure; every pass
// is linear but for sorting.

import type { NoteId, Place } from "../note";
import { isOrderKey, keysBetween } from "../order-key";
import { type SparseTree, sparseTree } from "../sparse-tree";
import { isWithin, type TreeRow } from "../tree";

export type Wish = {
  readonly kind: "move" | "put-back";
  /** A note of this device or of the server; null: it has no place to go back to. */
  readonly parentId: NoteId | null;
  readonly orderKey: string;
  /** Its place in the trash came with its place in the tree, so a parent in the trash is right for it. */
  readonly mayBeInTrash: boolean;
};

export type GivenUp = "parent-gone" | "parent-in-trash" | "cycle" | "unreached";

export type SettledPlaces = {
  /** The final place of every note that is placed anew; for all others the server's place stands. */
  readonly places: ReadonlyMap<NoteId, Place>;
  readonly givenUp: ReadonlyMap<NoteId, GivenUp>;
  /** Notes that went under 'Recovered notes'. */
  readonly recovered: ReadonlySet<NoteId>;
  /** The tree with these places, order keys still to come. */
  readonly tree: SparseTree;
  /** The rows in which it differs from the server's. */
  readonly changed: ReadonlyMap<NoteId, TreeRow>;
};

type Settling = {
  readonly rootId: NoteId;
  /** The note that unreachable notes go under; it may be missing, then it is to be created under the root. */
  readonly homeId: NoteId;
  readonly remote: ReadonlyMap<NoteId, TreeRow>;
  readonly localTree: SparseTree;
  readonly wishes: ReadonlyMap<NoteId, Wish>;
  /** Notes that recovery writes anyway; only these are brought back from where nobody reaches them. */
  readonly touched: ReadonlySet<NoteId>;
  /** What is in the trash by itself, as far as that is settled before the places are. */
  readonly deletedAtMs: (id: NoteId) => number | null;
};

/** More rounds than any real tree needs; then all moves are given up at once, which always settles. */
const roundLimit = 12;

export function settlePlaces(settling: Settling): SettledPlaces {
  const { rootId, homeId, remote, wishes, touched } = settling;
  const active = new Map(wishes);
  const givenUp = new Map<NoteId, GivenUp>();
  const recovered = new Set<NoteId>();
  /** Given up for a ring that may be opened elsewhere, and those that were tried once more since. */
  const inRings = new Map<NoteId, Wish>();
  const triedAgain = new Set<NoteId>();
  const changed = new Map<NoteId, TreeRow>();
  const has = (id: NoteId): boolean => changed.has(id) || remote.has(id);
  for (const id of touched) {
    const row = remote.get(id);
    const deletedAtMs = settling.deletedAtMs(id);
    if (row !== undefined && row.deletedAtMs !== deletedAtMs) changed.set(id, { ...row, deletedAtMs });
  }
  if (!has(rootId)) changed.set(rootId, bareRow(rootId, null, true));

  function place(id: NoteId, parentId: NoteId, orderKey: string): void {
    const row = remote.get(id) ?? bareRow(id, parentId, false);
    changed.set(id, { ...row, parentId, orderKey, deletedAtMs: settling.deletedAtMs(id) });
  }

  function sendToRecovered(id: NoteId): void {
    recovered.add(id);
    if (!has(homeId)) changed.set(homeId, bareRow(homeId, rootId, false));
    place(id, homeId, (changed.get(id) ?? remote.get(id)!).orderKey);
    active.delete(id);
  }

  function giveUp(id: NoteId, reason: GivenUp): void {
    givenUp.set(id, reason);
    const remoteRow = remote.get(id);
    if (id === homeId && remoteRow === undefined) {
      active.delete(id);
      place(id, rootId, "");
    } else if (remoteRow === undefined) {
      sendToRecovered(id);
    } else {
      active.delete(id);
      changed.set(id, { ...remoteRow, deletedAtMs: settling.deletedAtMs(id) });
    }
  }

  /** What has just been brought back may have opened the ring: what stood in the way then would not the next time. */
  function tryAgain(): void {
    for (const [id, wish] of inRings) {
      if (recovered.has(id)) continue;
      triedAgain.add(id);
      givenUp.delete(id);
      active.set(id, wish);
      place(id, wish.parentId!, wish.orderKey);
    }
    inRings.clear();
  }

  for (const [id, wish] of wishes) place(id, wish.parentId ?? rootId, wish.orderKey);
  for (const [id, wish] of wishes) {
    if (wish.parentId === null) giveUp(id, "parent-gone");
  }

  for (let round = 1; ; round += 1) {
    const rows = new Map(changed);
    const tree = sparseTree(remote, rows, rootId);
    const before = givenUp.size;
    for (const cycle of tree.cyclesAbove(active.keys())) {
      const members = cycle.filter((id) => active.has(id)).sort();
      const victim = members.find((id) => active.get(id)?.kind === "move") ?? members[0];
      if (victim === undefined) continue;
      const wish = active.get(victim)!;
      if (wish.kind === "move" && !triedAgain.has(victim)) inRings.set(victim, wish);
      giveUp(victim, "cycle");
    }
    for (const id of misplacedInTrash(tree, active)) giveUp(id, "parent-in-trash");
    if (active.has(homeId) && !isWithin(tree, homeId, rootId)) giveUp(homeId, "unreached");
    if (round >= roundLimit) {
      for (const [id, { kind }] of active) if (kind === "move") giveUp(id, "parent-in-trash");
    }
    if (givenUp.size > before) continue;
    const isStray = (id: NoteId): boolean =>
      id !== homeId && id !== rootId && tree.parents.get(id) === null && !tree.trashed.has(id);
    const stray = [...[...touched].filter(isStray), ...openersOf(tree, touched)];
    if (stray.length === 0) {
      const places = findKeys(settling, tree, active, recovered);
      return { places, givenUp, recovered, tree, changed: rows };
    }
    for (const id of stray) {
      givenUp.set(id, givenUp.get(id) ?? "unreached");
      sendToRecovered(id);
    }
    tryAgain();
  }
}

/**
 * Rings that sync has closed are cut at a note that recovery does not write: each is opened at one that it does, so that
 * this one is reached, and all the others with it.
 */
function openersOf(tree: SparseTree, touched: ReadonlySet<NoteId>): NoteId[] {
  return tree.cyclesAbove(touched).flatMap((cycle) => {
    const written = cycle.filter((id) => touched.has(id) && !tree.trashed.has(id));
    // Where it is cut already, it is a stray like others.
    return written.includes(cycle[0]!) ? [] : written.slice(0, 1);
  });
}

/** Wishes that would put a live note into the trash; of those under each other the topmost, which may save the rest. */
function misplacedInTrash({ parents, trashed }: SparseTree, active: ReadonlyMap<NoteId, Wish>): NoteId[] {
  const misplaced = new Set<NoteId>();
  for (const [id, { mayBeInTrash }] of active) {
    const parentId = parents.get(id) ?? null;
    if (!mayBeInTrash && parentId !== null && trashed.has(parentId)) misplaced.add(id);
  }
  const isUnderOther = new Map<NoteId, boolean>();
  return [...misplaced].filter((id) => {
    const walked: NoteId[] = [];
    let at = parents.get(id) ?? null;
    for (; at !== null && !isUnderOther.has(at) && !misplaced.has(at); at = parents.get(at) ?? null) {
      walked.push(at);
    }
    const isUnder = at !== null && (misplaced.has(at) || isUnderOther.get(at) === true);
    for (const each of walked) isUnderOther.set(each, isUnder);
    return !isUnder;
  });
}

function bareRow(id: NoteId, parentId: NoteId | null, isRoot: boolean): TreeRow {
  return { id, isRoot, parentId, orderKey: "", deletedAtMs: null };
}

/**
 * A wished-for key is kept where it still says the same: nobody else has it, and the neighbour on the left stands
 * where it stood. Otherwise the note goes right after the nearest neighbour on its left that is still there; it stands
 * there already where the server has nothing between the two but notes that this device never saw, as a copy that
 * recovery made of the neighbour.
 */
function findKeys(
  { rootId, homeId, remote, localTree }: Settling,
  tree: SparseTree,
  active: ReadonlyMap<NoteId, Wish>,
  recovered: ReadonlySet<NoteId>,
): Map<NoteId, Place> {
  const places = new Map<NoteId, Place>();
  const placedUnder = new Map<NoteId, Set<NoteId>>();
  for (const id of [...active.keys(), ...recovered]) addTo(placedUnder, tree.parents.get(id)!, id);
  const homeIsNew = tree.rows.has(homeId) && !remote.has(homeId) && !active.has(homeId);
  if (homeIsNew) addTo(placedUnder, rootId, homeId);

  const parentIds = new Set(placedUnder.keys());
  const children = tree.childrenOf(parentIds);
  const localChildren = localTree.childrenOf(parentIds);
  for (const [parentId, placed] of placedUnder) {
    const present = children.get(parentId)!;
    const keys = new Map<NoteId, string>();
    for (const id of present) if (!placed.has(id)) keys.set(id, tree.rows.get(id)!.orderKey);
    const used = new Set(keys.values());
    const known = [...keys].flatMap(([id, key]) => (localTree.rows.has(id) ? key : [])).sort();
    const waiting = new Map<NoteId, NoteId | null>();
    let left: NoteId | null = null;
    for (const id of localChildren.get(parentId) ?? []) {
      if (placed.has(id) && active.has(id)) {
        const wished = active.get(id)!.orderKey;
        const there = remote.get(id);
        if (isFree(wished, used) && standsAsBefore(left, keys, localTree, wished)) {
          keys.set(id, wished);
          used.add(wished);
        } else if (
          isFree(there?.orderKey ?? "", used) &&
          there?.parentId === parentId &&
          isRightOf(left, keys, there.orderKey, known)
        ) {
          keys.set(id, there.orderKey);
          used.add(there.orderKey);
        } else {
          waiting.set(id, left);
        }
      } else if (!keys.has(id)) {
        continue;
      }
      left = id;
    }
    // Notes that did not stand here on this device: those brought under 'Recovered notes', and that note itself.
    let last: NoteId | null = present.findLast((id) => keys.has(id)) ?? null;
    for (const id of present) {
      if (keys.has(id) || waiting.has(id)) continue;
      waiting.set(id, last);
      last = id;
    }
    for (const [id, key] of keysAfter(keys, waiting)) keys.set(id, key);
    for (const id of placed) places.set(id, { parentId, orderKey: keys.get(id)! });
  }
  return places;
}

function isFree(key: string, used: ReadonlySet<string>): boolean {
  return isOrderKey(key) && !used.has(key);
}

function standsAsBefore(
  left: NoteId | null,
  keys: ReadonlyMap<NoteId, string>,
  localTree: SparseTree,
  wished: string,
): boolean {
  if (left === null) return true;
  const key = keys.get(left);
  return key !== undefined && key === localTree.rows.get(left)?.orderKey && key < wished;
}

/** `known`: the keys of what stood here on this device too, in order. */
function isRightOf(
  left: NoteId | null,
  keys: ReadonlyMap<NoteId, string>,
  key: string,
  known: readonly string[],
): boolean {
  const leftKey = left === null ? null : keys.get(left);
  if (leftKey === undefined || (leftKey !== null && leftKey >= key)) return false;
  const next = known[leftKey === null ? 0 : firstAbove(known, leftKey)];
  return next === undefined || next > key;
}

/**
 * Keys for the notes that wait, each right after the note it waits for (null: first of all), in the order of the
 * map. One may wait for another that waits.
 */
export function keysAfter(
  known: ReadonlyMap<NoteId, string>,
  waiting: ReadonlyMap<NoteId, NoteId | null>,
): Map<NoteId, string> {
  const sorted = [...new Set(known.values())].sort();
  const anchorOf = new Map<NoteId, string | null>();
  const groups = new Map<string | null, NoteId[]>();
  for (const [id, left] of waiting) {
    const anchor = left === null ? null : (known.get(left) ?? anchorOf.get(left) ?? null);
    anchorOf.set(id, anchor);
    const group = groups.get(anchor);
    if (group === undefined) groups.set(anchor, [id]);
    else group.push(id);
  }
  const keys = new Map<NoteId, string>();
  for (const [anchor, ids] of groups) {
    const next = sorted[anchor === null ? 0 : firstAbove(sorted, anchor)] ?? null;
    for (const [index, key] of keysBetween(anchor, next, ids.length).entries()) keys.set(ids[index]!, key);
  }
  return keys;
}

function firstAbove(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid]! > key) high = mid;
    else low = mid + 1;
  }
  return low;
}

function addTo(sets: Map<NoteId, Set<NoteId>>, key: NoteId, value: NoteId): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
