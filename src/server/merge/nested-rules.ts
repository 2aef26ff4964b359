/**
 * What an instruction does to one that lies deeper: erasing or overwriting takes everything below along, and list
 * operations move the indices on the way down. `left` is the outer instruction, `right` the inner one. A kind
 * without a rule leaves what is below it alone.
 *
 * The rules are those of realm-core's transformer, to the letter: the client applies them to its own side, and a
 * server that were wiser would drift away from it.
 */
import type { ArrayErase, ArrayInsert, ArrayMove, Instruction, InstructionKind } from "../changeset";
import { inconsistent, merged, type Outcome } from "./outcome";
import { indexOf, isBelow, isBelowContainer, reposition, sameObject, withIndex } from "./place";

type InstructionOf<K extends InstructionKind> = Extract<Instruction, { kind: K }>;
type NestedRule<K extends InstructionKind> = (
  outer: InstructionOf<K>,
  inner: Instruction,
) => Outcome<InstructionOf<K>, Instruction>;

const rules: { readonly [K in InstructionKind]?: NestedRule<K> } = {
  EraseTable: (outer, inner) => merged(outer, inner.table === outer.table ? null : inner),

  EraseObject: (outer, inner) => merged(outer, "path" in inner && sameObject(outer, inner) ? null : inner),

  Update(outer, inner) {
    // Making sure that an embedded object or dictionary is there does not touch what is in it.
    const createsOnly = outer.value.kind === "object" || outer.value.kind === "dictionary";
    return merged(outer, !createsOnly && "path" in inner && isBelow(outer, inner) ? null : inner);
  },

  Clear: (outer, inner) => merged(outer, "path" in inner && isBelow(outer, inner) ? null : inner),

  ArrayInsert: (outer, inner) =>
    alongIndex(outer, inner, (outerIndex, innerIndex) => ({
      outerIndex,
      innerIndex: innerIndex >= outerIndex ? innerIndex + 1 : innerIndex,
    })),

  ArrayMove: (outer, inner) =>
    // One would expect the inner index to follow the moved element. realm-core instead sends the index that the
    // move starts from through a move from the inner index, and so must we.
    alongIndex(outer, inner, (outerIndex, innerIndex) => ({
      outerIndex: indexAfterMove(outerIndex, innerIndex, outer.to),
      innerIndex,
    })),

  ArrayErase(outer, inner) {
    if ("path" in inner && isBelow(outer, inner)) return merged(outer, null);
    return alongIndex(outer, inner, (outerIndex, innerIndex) => ({
      outerIndex,
      innerIndex: innerIndex > outerIndex ? innerIndex - 1 : innerIndex,
    }));
  },
};

/** The merge of two instructions of which `inner` is the deeper one; null when no rule is concerned. */
export function mergeNested(
  outer: Instruction,
  inner: Instruction,
): Outcome<Instruction, Instruction> | null {
  const rule = rules[outer.kind] as NestedRule<InstructionKind> | undefined;
  return rule === undefined ? null : rule(outer, inner);
}

/** Where an element ends up when the one at `from` is taken out and put back at `to`. */
export function indexAfterMove(index: number, from: number, to: number): number {
  if (index === from) return to;
  const afterRemoval = index > from ? index - 1 : index;
  return afterRemoval >= to ? afterRemoval + 1 : afterRemoval;
}

function alongIndex<I extends ArrayInsert | ArrayMove | ArrayErase>(
  outer: I,
  inner: Instruction,
  adjust: (outerIndex: number, innerIndex: number) => { outerIndex: number; innerIndex: number },
): Outcome<I, Instruction> {
  if (!("path" in inner) || !isBelowContainer(outer, inner)) return merged(outer, inner);
  const depth = outer.path.length - 1;
  const outerIndex = indexOf(outer);
  const innerIndex = inner.path[depth];
  if (outerIndex === null || typeof innerIndex !== "number") {
    return inconsistent(`${outer.table}.${outer.field} is a list on one side and not on the other`);
  }
  const after = adjust(outerIndex, innerIndex);
  return merged(
    reposition(outer, { index: after.outerIndex, priorSize: outer.priorSize }),
    withIndex(inner, depth, after.innerIndex),
  );
}
