/**
 * Where instructions stand: how deep, on which object, field, container and list position; and the same
 * instruction at another list position. Pure comparisons; the decisions are in rules.ts and nested-rules.ts.
 */
import {
  type ArrayErase,
  type ArrayInsert,
  type ArrayMove,
  type Instruction,
  type ObjectInstruction,
  type PathInstruction,
  samePrimaryKey,
  type Update,
} from "../changeset";

/** Instructions that name an element of a list by its index. */
export type ListInstruction = Update | ArrayInsert | ArrayMove | ArrayErase;

export function isSchemaInstruction(
  instruction: Instruction,
): instruction is Exclude<Instruction, ObjectInstruction> {
  return !("pk" in instruction);
}

/** Steps from the realm down to what the instruction touches: table, object or column, field, path. */
export function depthOf(instruction: Instruction): number {
  switch (instruction.kind) {
    case "AddTable":
    case "EraseTable":
      return 1;
    case "AddColumn":
    case "EraseColumn":
    case "CreateObject":
    case "EraseObject":
      return 2;
    default:
      return 3 + instruction.path.length;
  }
}

export function sameObject(a: ObjectInstruction, b: ObjectInstruction): boolean {
  return a.table === b.table && samePrimaryKey(a.pk, b.pk);
}

export function sameField(a: PathInstruction, b: PathInstruction): boolean {
  return a.field === b.field && sameObject(a, b);
}

export function samePath(a: PathInstruction, b: PathInstruction): boolean {
  return a.path.length === b.path.length && sharesPath(a, b, a.path.length);
}

/** Whether both touch elements of one container: their paths differ in the last element at most. */
export function sameContainer(a: PathInstruction, b: PathInstruction): boolean {
  return a.path.length === b.path.length && sharesPath(a, b, a.path.length - 1);
}

/** Whether `inner` lies strictly below the very element that `outer` touches. */
export function isBelow(outer: PathInstruction, inner: PathInstruction): boolean {
  return outer.path.length < inner.path.length && sharesPath(outer, inner, outer.path.length);
}

/** Whether `inner` lies below any element of the container in which `outer` touches one. */
export function isBelowContainer(outer: PathInstruction, inner: PathInstruction): boolean {
  return (
    outer.path.length > 0 &&
    outer.path.length < inner.path.length &&
    sharesPath(outer, inner, outer.path.length - 1)
  );
}

function sharesPath(a: PathInstruction, b: PathInstruction, length: number): boolean {
  if (!sameField(a, b)) return false;
  for (let i = 0; i < length; i++) if (a.path[i] !== b.path[i]) return false;
  return true;
}

/** The list index that an instruction names last, or null when it names no list element. */
export function indexOf(instruction: PathInstruction): number | null {
  const last = instruction.path.at(-1);
  return typeof last === "number" ? last : null;
}

/** The instruction with another index, prior size or target; the very same object when nothing differs. */
export function reposition<I extends ListInstruction>(
  instruction: I,
  change: { readonly index?: number; readonly priorSize?: number; readonly to?: number },
): I {
  const last = instruction.path.length - 1;
  const moved = change.index === undefined ? instruction : withIndex(instruction, last, change.index);
  const priorSize = change.priorSize === undefined ? moved.priorSize : uint32(change.priorSize);
  if (moved.kind !== "ArrayMove") return priorSize === moved.priorSize ? moved : { ...moved, priorSize };
  const to = change.to === undefined ? moved.to : uint32(change.to);
  return priorSize === moved.priorSize && to === moved.to ? moved : { ...moved, priorSize, to };
}

/** The instruction with another list index at this position of its path; the same object when nothing differs. */
export function withIndex<I extends PathInstruction>(instruction: I, position: number, index: number): I {
  const wrapped = uint32(index);
  return instruction.path[position] === wrapped
    ? instruction
    : { ...instruction, path: instruction.path.with(position, wrapped) };
}

/** Peers count in 32 bits; so must we, even for the absurd sizes that only a broken client claims. */
function uint32(value: number): number {
  return value >>> 0;
}
