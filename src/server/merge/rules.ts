/**
 * What two concurrent instructions do to each other, for every pair of kinds that can collide at all. A pair that
 * is not listed leaves both alone (or is settled by nested-rules.ts).
 *
 * In a pair, `left` is the instruction whose kind has the higher code. `order` compares the origins: negative when
 * the left change is the earlier one, by timestamp, then by file ident.
 *
 * The rules are those of realm-core's transformer, to the letter: the client applies them to its own side, and a
 * server that were wiser would drift away from it.
 */
import {
  type AddColumn,
  type AddTable,
  type Instruction,
  type InstructionKind,
  type PathInstruction,
  samePayload,
} from "../changeset";
import { instructionCodes } from "../changeset/codes";
import { indexAfterMove } from "./nested-rules";
import { type Conflict, inconsistent, merged, type Outcome, schemaConflict } from "./outcome";
import {
  indexOf,
  type ListInstruction,
  type ListPosition,
  reposition,
  sameContainer,
  sameObject,
  samePath,
} from "./place";

type InstructionOf<K extends InstructionKind> = Extract<Instruction, { kind: K }>;

type Rule<L extends InstructionKind, R extends InstructionKind> = (
  left: InstructionOf<L>,
  right: InstructionOf<R>,
  order: number,
) => Outcome<InstructionOf<L>, InstructionOf<R>>;

type Rules = { readonly [L in InstructionKind]?: { readonly [R in InstructionKind]?: Rule<L, R> } };

const rules: Rules = {
  AddTable: {
    AddTable(left, right) {
      if (left.table !== right.table) return merged(left, right);
      return tableMismatch(left, right) ?? merged(null, null);
    },
  },

  EraseTable: {
    AddTable: (left, right) => merged(left, left.table === right.table ? null : right),
    EraseTable: (left, right) => (left.table === right.table ? merged(null, null) : merged(left, right)),
  },

  EraseObject: {
    CreateObject: (left, right) => merged(left, sameObject(left, right) ? null : right),
    EraseObject(left, right, order) {
      if (!sameObject(left, right)) return merged(left, right);
      // The later one stays: an erase of long ago must not undo an erase and new creation of today.
      return order > 0 ? merged(left, null) : merged(null, right);
    },
  },

  Update: {
    Update(left, right, order) {
      if (!samePath(left, right)) return merged(left, right);
      if (left.priorSize !== right.priorSize) return differentSizes(left);
      if (left.value.kind !== right.value.kind) {
        // A plain value wins over the creation of a structure, because what is inside the structure is lost too.
        if (createsStructure(left)) return merged(null, right);
        if (createsStructure(right)) return merged(left, null);
      }
      const leftLoses = left.isDefault === right.isDefault ? order < 0 : left.isDefault;
      return leftLoses ? merged(null, right) : merged(left, null);
    },
  },

  AddInteger: {
    Update(left, right, order) {
      if (!samePath(left, right)) return merged(left, right);
      const { value } = right;
      if (value.kind !== "int" && value.kind !== "null") {
        return inconsistent(`${left.table}.${left.field} is added to as a number and set to a ${value.kind}`);
      }
      if (order <= 0 && !right.isDefault) return merged(null, right);
      if (value.kind === "null" || left.value === 0n) return merged(left, right);
      const sum = BigInt.asIntN(64, value.value + left.value);
      return merged(left, { ...right, value: { kind: "int", value: sum } });
    },
  },

  AddColumn: {
    EraseTable(left, right) {
      if (left.type !== "link" || left.linkTarget !== right.table) return merged(left, right);
      return {
        kind: "merged",
        left: null,
        right,
        beforeRight: { kind: "EraseColumn", table: left.table, field: left.field },
      };
    },
    AddColumn(left, right) {
      if (!sameColumn(left, right)) return merged(left, right);
      return columnMismatch(left, right) ?? merged(null, null);
    },
  },

  EraseColumn: {
    Update: (left, right) => merged(left, sameColumn(left, right) ? null : right),
    AddColumn: (left, right) => merged(left, sameColumn(left, right) ? null : right),
    EraseColumn: (left, right) => (sameColumn(left, right) ? merged(null, null) : merged(left, right)),
  },

  ArrayInsert: {
    Update: (left, right) =>
      inOneList(left, right, (l, r) => {
        if (l.priorSize !== r.priorSize) return differentSizes(left);
        if (l.index > l.priorSize || r.index >= r.priorSize) return beyondEnd(left);
        return merged(
          left,
          reposition(right, {
            priorSize: r.priorSize + 1,
            index: r.index >= l.index ? r.index + 1 : r.index,
          }),
        );
      }),

    ArrayInsert: (left, right, order) =>
      inOneList(left, right, (l, r) => {
        if (l.priorSize !== r.priorSize) return differentSizes(left);
        // At the same place, the earlier insertion comes first.
        const leftIsFirst = l.index === r.index ? order < 0 : l.index < r.index;
        return merged(
          reposition(left, { priorSize: l.priorSize + 1, index: leftIsFirst ? l.index : l.index + 1 }),
          reposition(right, { priorSize: r.priorSize + 1, index: leftIsFirst ? r.index + 1 : r.index }),
        );
      }),
  },

  ArrayMove: {
    Update: (left, right) =>
      inOneList(left, right, (l, r) => {
        if (l.index >= l.priorSize || r.index >= r.priorSize) return beyondEnd(left);
        return merged(left, reposition(right, { ...r, index: indexAfterMove(r.index, l.index, left.to) }));
      }),

    ArrayInsert: (left, right, order) =>
      inOneList(left, right, (l, r) => {
        let { to } = left;
        let from = l.index;
        let inserted = r.index;
        if (inserted > from) inserted -= 1;
        else from += 1;
        const insertedIsFirst = inserted === to ? order < 0 : inserted < to;
        if (insertedIsFirst) to += 1;
        else inserted += 1;
        return merged(
          reposition(left, { priorSize: l.priorSize + 1, index: from, to }),
          reposition(right, { ...r, index: inserted }),
        );
      }),

    ArrayMove: (left, right, order) =>
      inOneList(left, right, (l, r) => {
        if (l.priorSize !== r.priorSize) return differentSizes(left);
        if (Math.max(l.index, r.index, left.to, right.to) >= l.priorSize) return beyondEnd(left);
        let leftFrom = l.index;
        let leftTo = left.to;
        let rightFrom = r.index;
        let rightTo = right.to;

        if (leftFrom === rightFrom) {
          // One element moved twice: the later move stays, and starts from where the earlier one put the element.
          return order < 0
            ? merged(null, leftTo === rightTo ? null : reposition(right, { ...r, index: leftTo }))
            : merged(rightTo === leftTo ? null : reposition(left, { ...l, index: rightTo }), null);
        }
        if (leftFrom < rightFrom) rightFrom -= 1;
        else leftFrom -= 1;

        if (leftTo > rightFrom) leftTo -= 1;
        else rightFrom += 1;

        if (leftFrom < rightTo) rightTo -= 1;
        else leftFrom += 1;

        const leftIsFirst = leftTo === rightTo ? order < 0 : leftTo < rightTo;
        if (leftIsFirst) rightTo += 1;
        else leftTo += 1;

        return merged(
          leftFrom === leftTo ? null : reposition(left, { ...l, index: leftFrom, to: leftTo }),
          rightFrom === rightTo ? null : reposition(right, { ...r, index: rightFrom, to: rightTo }),
        );
      }),
  },

  ArrayErase: {
    Update: (left, right) =>
      inOneList(left, right, (l, r) => {
        if (l.priorSize !== r.priorSize) return differentSizes(left);
        if (l.index >= l.priorSize || r.index >= r.priorSize) return beyondEnd(left);
        if (l.index === r.index) return merged(left, null);
        return merged(
          left,
          reposition(right, {
            priorSize: r.priorSize - 1,
            index: r.index > l.index ? r.index - 1 : r.index,
          }),
        );
      }),

    ArrayInsert: (left, right) =>
      inOneList(left, right, (l, r) => {
        if (l.priorSize !== r.priorSize) return differentSizes(left);
        if (l.index >= l.priorSize || r.index > r.priorSize) return beyondEnd(left);
        const insertedBefore = r.index <= l.index;
        return merged(
          reposition(left, { priorSize: l.priorSize + 1, index: insertedBefore ? l.index + 1 : l.index }),
          reposition(right, { priorSize: r.priorSize - 1, index: insertedBefore ? r.index : r.index - 1 }),
        );
      }),

    ArrayMove: (left, right) =>
      inOneList(left, right, (l, r) => {
        if (l.priorSize !== r.priorSize) return differentSizes(left);
        if (l.index >= l.priorSize || r.index >= r.priorSize) return beyondEnd(left);
        let erased = l.index;
        let from = r.index;
        let { to } = right;
        // The moved element itself is erased, wherever it went.
        if (erased === from) return merged(reposition(left, { ...l, index: to }), null);

        if (erased > from) erased -= 1;
        else from -= 1;

        if (erased >= to) erased += 1;
        else to -= 1;

        return merged(
          reposition(left, { ...l, index: erased }),
          from === to ? null : reposition(right, { priorSize: r.priorSize - 1, index: from, to }),
        );
      }),

    ArrayErase: (left, right) =>
      inOneList(left, right, (l, r) => {
        if (l.priorSize !== r.priorSize) return differentSizes(left);
        if (l.index >= l.priorSize || r.index >= r.priorSize) return beyondEnd(left);
        if (l.index === r.index) return merged(null, null);
        return merged(
          reposition(left, {
            priorSize: l.priorSize - 1,
            index: l.index > r.index ? l.index - 1 : l.index,
          }),
          reposition(right, {
            priorSize: r.priorSize - 1,
            index: r.index > l.index ? r.index - 1 : r.index,
          }),
        );
      }),
  },

  Clear: {
    Clear: (left, right, order) =>
      samePath(left, right) ? keepLater(left, right, order) : merged(left, right),
  },

  SetInsert: {
    Clear: (left, right) => merged(samePath(left, right) ? null : left, right),
    SetInsert: (left, right, order) =>
      sameMember(left, right) ? keepLater(left, right, order) : merged(left, right),
  },

  SetErase: {
    Clear: (left, right) => merged(samePath(left, right) ? null : left, right),
    SetInsert: (left, right, order) =>
      sameMember(left, right) ? keepLater(left, right, order) : merged(left, right),
    SetErase: (left, right, order) =>
      sameMember(left, right) ? keepLater(left, right, order) : merged(left, right),
  },
};

/** Whether `a` is the one that rules call left. Of two instructions of one kind, either may be. */
export function comesLeft(a: Instruction, b: Instruction): boolean {
  return instructionCodes[a.kind] >= instructionCodes[b.kind];
}

/** The merge of two instructions, the left one first; null when no rule is concerned. */
export function mergePair(
  left: Instruction,
  right: Instruction,
  order: number,
): Outcome<Instruction, Instruction> | null {
  const rule = rules[left.kind]?.[right.kind] as Rule<InstructionKind, InstructionKind> | undefined;
  return rule === undefined ? null : rule(left, right, order);
}

function keepLater<L extends Instruction, R extends Instruction>(
  left: L,
  right: R,
  order: number,
): Outcome<L, R> {
  return order < 0 ? merged(null, right) : merged(left, null);
}

function sameMember(a: InstructionOf<"SetInsert" | "SetErase">, b: InstructionOf<"SetInsert" | "SetErase">) {
  return samePath(a, b) && samePayload(a.value, b.value);
}

function sameColumn(
  a: { readonly table: string; readonly field: string },
  b: { readonly table: string; readonly field: string },
): boolean {
  return a.table === b.table && a.field === b.field;
}

function createsStructure(update: InstructionOf<"Update">): boolean {
  return update.value.kind === "object" || update.value.kind === "dictionary";
}

/** Applies `merge` to the list positions of two instructions if they concern the same list. */
function inOneList<L extends ListInstruction, R extends ListInstruction>(
  left: L,
  right: R,
  merge: (left: ListPosition, right: ListPosition) => Outcome<L, R>,
): Outcome<L, R> {
  if (!sameContainer(left, right)) return merged(left, right);
  const l = positionOf(left);
  const r = positionOf(right);
  if (l === null || r === null) {
    return inconsistent(`${left.table}.${left.field} is a list on one side and not on the other`);
  }
  return merge(l, r);
}

function positionOf(instruction: ListInstruction): ListPosition | null {
  const index = indexOf(instruction);
  const { priorSize } = instruction;
  return index === null || priorSize === undefined ? null : { index, priorSize };
}

function differentSizes(at: PathInstruction): Conflict {
  return inconsistent(`the two sides disagree on how long the list ${at.table}.${at.field} was`);
}

function beyondEnd(at: PathInstruction): Conflict {
  return inconsistent(`an index lies beyond the end of the list ${at.table}.${at.field}`);
}

function tableMismatch(left: AddTable, right: AddTable): Conflict | null {
  const a = left.spec;
  const b = right.spec;
  const differs = (what: string) => schemaConflict(`the two sides define class '${left.table}' with ${what}`);
  if (a.kind === "embedded" || b.kind === "embedded") {
    return a.kind === b.kind ? null : differs("and without a primary key");
  }
  if (a.pkField !== b.pkField) return differs(`primary keys '${a.pkField}' and '${b.pkField}'`);
  if (a.pkType !== b.pkType) return differs(`primary keys of types ${a.pkType} and ${b.pkType}`);
  if (a.pkNullable !== b.pkNullable) return differs("a primary key that may be null, and one that may not");
  return a.isAsymmetric === b.isAsymmetric ? null : differs("and without asymmetric sync");
}

function columnMismatch(left: AddColumn, right: AddColumn): Conflict | null {
  const differs = (what: string) =>
    schemaConflict(`the two sides define property '${left.table}.${left.field}' as ${what}`);
  if (left.type !== right.type) return differs(`${left.type} and ${right.type}`);
  if (left.nullable !== right.nullable) return differs("nullable and not nullable");
  if (left.collection !== right.collection) return differs(`${left.collection} and ${right.collection}`);
  return left.linkTarget === right.linkTarget
    ? null
    : differs(`a link to '${left.linkTarget}' and to '${right.linkTarget}'`);
}
