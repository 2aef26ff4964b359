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
  type Path,
  type PathInstruction,
  samePrimaryKey,
  type Update,
} from "../changeset";

export type ListPosition = { readonly index: number; readonly priorSize: number };

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

/** The instruction at another list position, or with another target; the very same object when nothing differs. */
export function reposition<I extends ListInstruction>(
  instruction: I,
  { index, priorSize, to }: ListPosition & { readonly to?: number },
): I {
  const path = withIndexAt(instruction.path, instruction.path.length - 1, index);
  const size = uint32(priorSize);
  const oldTarget = instruction.kind === "ArrayMove" ? instruction.to : 0;
  const target = to === undefined ? oldTarget : uint32(to);
  return path === instruction.path && size === instruction.priorSize && target === oldTarget
    ? instruction
    : (copyAt(instruction, path, size, target) as I);
}

/** Written out by kind: two long histories of one list meet millions of times, and spreading is ten times slower. */
function copyAt(instruction: ListInstruction, path: Path, priorSize: number, to: number): ListInstruction {
  const { table, pk, field } = instruction;
  switch (instruction.kind) {
    case "Update": {
      const { kind, value, isDefault } = instruction;
      return { kind, table, pk, field, path, value, isDefault, priorSize };
    }
    case "ArrayInsert": {
      const { kind, value } = instruction;
      return { kind, table, pk, field, path, value, priorSize };
    }
    case "ArrayMove":
      return { kind: instruction.kind, table, pk, field, path, to, priorSize };
    case "ArrayErase":
      return { kind: instruction.kind, table, pk, field, path, priorSize };
  }
}

/** The instruction with another list index at this position of its path; the same object when nothing differs. */
export function withIndex<I extends PathInstruction>(instruction: I, position: number, index: number): I {
  const path = withIndexAt(instruction.path, position, index);
  return path === instruction.path ? instruction : { ...instruction, path };
}

function withIndexAt(path: Path, position: number, index: number): Path {
  const wrapped = uint32(index);
  if (path[position] === wrapped) return path;
  const copy = path.slice();
  copy[position] = wrapped;
  return copy;
}

/** Peers count in 32 bits; so must we, even for the absurd sizes that only a broken client claims. */
function uint32(value: number): number {
  return value >>> 0;
}
