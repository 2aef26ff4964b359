/**
 * Operational transformation of two concurrent sequences of changesets: given changes that were made on the same
 * state without knowledge of each other, rewrites both so that `ours` followed by the new `theirs`, and `theirs`
 * followed by the new `ours`, lead to the same state. Pure: no input is modified, nothing is stored.
 *
 * `ours` is what the peer that merges already has (its history, or the stored reciprocal forms of it), `theirs`
 * what it receives. The two roles differ only in the order in which instructions meet: each of ours, in turn, goes
 * through all of theirs. Ties are decided by origin alone, so that both peers decide alike.
 *
 * Both sides must be complete and based on the same version; `theirs` in the order in which they were produced.
 */
import { type Instruction, objectKey } from "../changeset";
import { mergeNested } from "./nested-rules";
import type { Conflict } from "./outcome";
import { depthOf, isSchemaInstruction } from "./place";
import { comesLeft, mergePair } from "./rules";

export type MergeChangeset = {
  /** The version that this changeset produced on the peer it comes from. */
  readonly version: number;
  /** The last version of the other peer that was part of it. Not used by the merge; handed through. */
  readonly lastIntegratedRemoteVersion: number;
  /** Milliseconds since 2015-01-01T00:00:00Z, as the originating client's clock said. */
  readonly originTimestampMs: number;
  readonly originFileIdent: number;
  readonly instructions: readonly Instruction[];
};

export type TransformResult =
  | {
      readonly kind: "ok";
      readonly ours: MergeChangeset[];
      readonly theirs: MergeChangeset[];
      /** For each changeset, whether the merge took, added or rewrote any of its instructions. */
      readonly changedOurs: boolean[];
      readonly changedTheirs: boolean[];
    }
  | Conflict;

export function transformChangesets(
  ours: readonly MergeChangeset[],
  theirs: readonly MergeChangeset[],
): TransformResult {
  const ourDrafts = ours.map(draftOf);
  const theirDrafts = theirs.map(draftOf);
  const ourSlots = ourDrafts.flatMap((draft) => draft.slots);
  const theirSlots = theirDrafts.flatMap((draft) => draft.slots);

  const erasesSchema = ourSlots.some(isSchemaErasure) || theirSlots.some(isSchemaErasure);
  const opponentsOf = erasesSchema ? () => theirSlots : indexOpponents(theirSlots);

  for (const our of ourSlots) {
    const conflict = passThrough(our, opponentsOf(our), 0);
    if (conflict !== null) return conflict;
  }
  return {
    kind: "ok",
    ours: ourDrafts.map(finished),
    theirs: theirDrafts.map(finished),
    changedOurs: ourDrafts.map((draft) => draft.isChanged),
    changedTheirs: theirDrafts.map((draft) => draft.isChanged),
  };
}

type Draft = { readonly source: MergeChangeset; readonly slots: Slot[]; isChanged: boolean };

/** The place of one instruction in its changeset; empty once the instruction has lost all effect. */
type Slot = { readonly draft: Draft; instruction: Instruction | null };

function draftOf(source: MergeChangeset): Draft {
  const draft: Draft = { source, slots: [], isChanged: false };
  for (const instruction of source.instructions) draft.slots.push({ draft, instruction });
  return draft;
}

function finished(draft: Draft): MergeChangeset {
  if (!draft.isChanged) return draft.source;
  const instructions = draft.slots.flatMap((slot) => slot.instruction ?? []);
  return { ...draft.source, instructions };
}

function isSchemaErasure({ instruction }: Slot): boolean {
  return instruction?.kind === "EraseTable" || instruction?.kind === "EraseColumn";
}

/** Merges one of our instructions with each of theirs that can concern it, from the `first` on. */
function passThrough(our: Slot, opponents: Slot[], first: number): Conflict | null {
  let emptySlots = 0;
  for (let i = first; i < opponents.length && our.instruction !== null; i++) {
    const their = opponents[i]!;
    if (their.instruction === null) {
      emptySlots++;
      continue;
    }
    const order = compareOrigins(our.draft.source, their.draft.source);
    const outcome = meet(our.instruction, their.instruction, order);
    if (outcome.kind === "conflict") return outcome;
    settle(our, outcome.our);
    settle(their, outcome.their);
    if (outcome.beforeTheir !== undefined) {
      opponents.splice(i, 0, insertBefore(their, outcome.beforeTheir));
      i++;
    }
    if (outcome.beforeOur !== undefined) {
      // It stands in front of ours, but has not met what the two of us have met so far, only what is to come.
      const conflict = passThrough(insertBefore(our, outcome.beforeOur), opponents, i + 1);
      if (conflict !== null) return conflict;
    }
  }
  // A long history of the same field would otherwise be walked again for each of ours.
  // (Not from within, where the caller still counts on the positions.)
  if (first === 0 && emptySlots * 2 > opponents.length) removeEmpty(opponents);
  return null;
}

type Meeting =
  | {
      readonly kind: "merged";
      readonly our: Instruction | null;
      readonly their: Instruction | null;
      readonly beforeOur?: Instruction;
      readonly beforeTheir?: Instruction;
    }
  | Conflict;

function meet(our: Instruction, their: Instruction, order: number): Meeting {
  const nested = meetNested(our, their);
  if (nested.kind === "conflict" || nested.our === null || nested.their === null) return nested;

  // Also when one lies deeper: columns concern values below them, and links concern other classes.
  if (comesLeft(nested.our, nested.their)) {
    const outcome = mergePair(nested.our, nested.their, order);
    if (outcome === null) return nested;
    if (outcome.kind === "conflict") return outcome;
    return { kind: "merged", our: outcome.left, their: outcome.right, beforeTheir: outcome.beforeRight };
  }
  const outcome = mergePair(nested.their, nested.our, -order);
  if (outcome === null) return nested;
  if (outcome.kind === "conflict") return outcome;
  return { kind: "merged", our: outcome.right, their: outcome.left, beforeOur: outcome.beforeRight };
}

function meetNested(our: Instruction, their: Instruction): Meeting {
  const ourDepth = depthOf(our);
  const theirDepth = depthOf(their);
  if (ourDepth < theirDepth) {
    const outcome = mergeNested(our, their);
    if (outcome?.kind === "conflict") return outcome;
    if (outcome !== null) return { kind: "merged", our: outcome.left, their: outcome.right };
  }
  if (theirDepth < ourDepth) {
    const outcome = mergeNested(their, our);
    if (outcome?.kind === "conflict") return outcome;
    if (outcome !== null) return { kind: "merged", our: outcome.right, their: outcome.left };
  }
  return { kind: "merged", our, their };
}

function settle(slot: Slot, instruction: Instruction | null): void {
  if (slot.instruction === instruction) return;
  slot.instruction = instruction;
  slot.draft.isChanged = true;
}

function insertBefore(slot: Slot, instruction: Instruction): Slot {
  const inserted: Slot = { draft: slot.draft, instruction };
  slot.draft.slots.splice(slot.draft.slots.indexOf(slot), 0, inserted);
  slot.draft.isChanged = true;
  return inserted;
}

function removeEmpty(slots: Slot[]): void {
  let kept = 0;
  for (const slot of slots) if (slot.instruction !== null) slots[kept++] = slot;
  slots.length = kept;
}

/** Negative when `a` originated first. Two changes of one file have different timestamps or one base. */
function compareOrigins(a: MergeChangeset, b: MergeChangeset): number {
  return a.originTimestampMs - b.originTimestampMs || a.originFileIdent - b.originFileIdent;
}

/**
 * Finds, for one of ours, those of theirs that any rule can concern, in their order: definitions of the same class,
 * or instructions on the same object and, below that, the same field. Without it, every merge would cost the
 * product of both sizes. Only valid while no side erases classes or properties, which concerns everything.
 */
function indexOpponents(slots: readonly Slot[]): (our: Slot) => Slot[] {
  const places = new Map<string, { readonly all: Slot[]; readonly byField: Map<string, Slot[]> }>();
  for (const slot of slots) {
    const key = placeKey(slot.instruction!);
    const place = places.get(key);
    if (place === undefined) places.set(key, { all: [slot], byField: new Map() });
    else place.all.push(slot);
  }
  return ({ instruction }) => {
    const place = places.get(placeKey(instruction!));
    if (place === undefined) return [];
    if (!("path" in instruction!)) return place.all;
    const { field } = instruction;
    let ofField = place.byField.get(field);
    if (ofField === undefined) {
      ofField = place.all.filter(
        (slot) =>
          slot.instruction !== null && (!("path" in slot.instruction) || slot.instruction.field === field),
      );
      place.byField.set(field, ofField);
    }
    return ofField;
  };
}

/** Object keys begin with a digit, so that classes and objects do not meet. */
function placeKey(instruction: Instruction): string {
  return isSchemaInstruction(instruction)
    ? `@${instruction.table}`
    : objectKey(instruction.table, instruction.pk);
}
