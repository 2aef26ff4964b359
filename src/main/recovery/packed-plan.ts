// A plan as it is written to the disk: each text and each note once, however many steps and lines of the report quote
// it. In a large recovery that is less than half, and nobody goes on before it is on the disk. Pure.

import type { Note, NoteId } from "../../shared/note";
import type { PlanStep, RecoveryPlan, ReportItem } from "../../shared/recovery/plan-types";

/** Where in the lists; -1: null. */
type At = number;

type PackedNote = readonly [
  id: NoteId,
  text: At,
  isRoot: boolean,
  parentId: NoteId | null,
  orderKey: string,
  childIds: readonly NoteId[],
  deletedAtMs: number | null,
  lastUpdatedMs: number | null,
];

type PackedStep = readonly [note: At, expect: At, asItWas?: boolean];

type PackedItem = Omit<ReportItem, "base" | "mine" | "theirs" | "result" | "undo"> & {
  readonly texts: readonly [base: At, mine: At, theirs: At, result: At];
  readonly undo: readonly [before: At, after?: At] | null;
};

export type PackedPlan = Omit<RecoveryPlan, "steps" | "items"> & {
  readonly packed: 1;
  readonly texts: readonly string[];
  readonly notes: readonly PackedNote[];
  readonly steps: readonly PackedStep[];
  readonly items: readonly PackedItem[];
};

export function packPlan({ steps, items, ...rest }: RecoveryPlan): PackedPlan {
  const texts = new Map<string, At>();
  const places = new Map<Note, At>();
  const notes: PackedNote[] = [];

  function packText(text: string | null): At {
    if (text === null) return -1;
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  }

  function packNote(note: Note | null): At {
    if (note === null) return -1;
    const known = places.get(note);
    if (known !== undefined) return known;
    const { id, text, isRoot, parentId, orderKey, childIds, deletedAtMs, lastUpdatedMs } = note;
    notes.push([id, packText(text), isRoot, parentId, orderKey, childIds, deletedAtMs, lastUpdatedMs]);
    places.set(note, notes.length - 1);
    return notes.length - 1;
  }

  const packedSteps = steps.map(({ note, expect, asItWas }): PackedStep => {
    const both = [packNote(note), packNote(expect)] as const;
    return asItWas === undefined ? both : [...both, asItWas];
  });
  const packedItems = items.map(({ base, mine, theirs, result, undo, ...item }): PackedItem => {
    const quoted = [packText(base), packText(mine), packText(theirs), packText(result)] as const;
    return { ...item, texts: quoted, undo: undo === null ? null : packUndo(undo) };
  });

  function packUndo({ before, after }: NonNullable<ReportItem["undo"]>): PackedItem["undo"] {
    return after === undefined ? [packNote(before)] : [packNote(before), packNote(after)];
  }

  return { ...rest, packed: 1, texts: [...texts.keys()], notes, steps: packedSteps, items: packedItems };
}

/** What does not lead to a text or a note throws. */
export function unpackPlan({ texts, notes, steps, items, packed: _, ...rest }: PackedPlan): RecoveryPlan {
  const textAt = (at: At): string | null => (at === -1 ? null : found(texts[at], "text"));
  const whole = notes.map(
    ([id, text, isRoot, parentId, orderKey, childIds, deletedAtMs, lastUpdatedMs]): Note => ({
      id,
      text: found(texts[text], "text"),
      isRoot,
      parentId,
      orderKey,
      childIds,
      deletedAtMs,
      lastUpdatedMs,
    }),
  );
  const noteAt = (at: At): Note | null => (at === -1 ? null : found(whole[at], "note"));
  return {
    ...rest,
    steps: steps.map(([note, expect, asItWas]): PlanStep => {
      const step = { note: found(whole[note], "note"), expect: noteAt(expect) };
      return asItWas === undefined ? step : { ...step, asItWas };
    }),
    items: items.map(({ texts: [base, mine, theirs, result], undo, ...item }) => ({
      ...item,
      base: textAt(base),
      mine: textAt(mine),
      theirs: textAt(theirs),
      result: textAt(result),
      undo: undo === null ? null : unpackUndo(undo, noteAt, whole),
    })),
  };
}

function unpackUndo(
  [before, after]: NonNullable<PackedItem["undo"]>,
  noteAt: (at: At) => Note | null,
  whole: readonly Note[],
): ReportItem["undo"] {
  return after === undefined
    ? { before: noteAt(before) }
    : { before: noteAt(before), after: found(whole[after], "note") };
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a plan that names a ${what} it does not have`);
  return value;
}
