// Notes as objects of a synced database, in small: instructions, and the rules by which concurrent ones meet. Of two
// writers of a field who did not know of each other, the later clock wins; an erasure wins over writes; elements of
// lists have an identity, so inserts and erasures commute. Server and clients apply the same rules to the same
// instructions, and so agree. Pure.

import type { NoteId } from "../../shared/note";

export const fields = [
  "text",
  "isRoot",
  "parentId",
  "orderKey",
  "deletedAtMs",
  "lastUpdatedMs",
  "revision",
] as const;
export type Field = (typeof fields)[number];
export type Value = string | number | boolean | null;

type Cell = {
  readonly value: Value;
  /** The integration that wrote it; Infinity: not integrated yet. */
  readonly integration: number;
  readonly clockMs: number;
  readonly writer: number;
  readonly origin: Origin;
  readonly machine: string;
  /** The last integration that its writer knew of. */
  readonly knew: number;
};

export type Element = { readonly element: string; readonly childId: NoteId };

export type NoteObject = {
  readonly id: NoteId;
  readonly cells: Readonly<Record<Field, Cell>>;
  readonly children: readonly Element[];
};

export type Objects = ReadonlyMap<NoteId, NoteObject>;

export type Instruction =
  | { readonly kind: "create"; readonly id: NoteId }
  | { readonly kind: "set"; readonly id: NoteId; readonly field: Field; readonly value: Value }
  | { readonly kind: "erase"; readonly id: NoteId }
  | {
      readonly kind: "insert";
      readonly id: NoteId;
      readonly after: string | null;
      readonly element: string;
      readonly childId: NoteId;
    }
  | { readonly kind: "take"; readonly id: NoteId; readonly element: string }
  | { readonly kind: "clear"; readonly id: NoteId };

/** Whose hand: a person's, the recovery's, the audit's, an app of another make, or the server's own. */
export type Origin = "person" | "recovery" | "other-app" | "server";

export type Changeset = {
  /** The file's number; 0 until it has one. */
  writer: number;
  /** The writer's own count. */
  readonly version: number;
  /** The last integration that the writer knew of. */
  readonly knew: number;
  readonly clockMs: number;
  readonly instructions: readonly Instruction[];
  readonly origin: Origin;
  readonly machine: string;
  /** The last journal entry that goes with it; 0: none. */
  journalSeq: number;
};

const defaults: Readonly<Record<Field, Value>> = {
  text: "",
  isRoot: false,
  parentId: null,
  orderKey: null,
  deletedAtMs: null,
  lastUpdatedMs: null,
  revision: null,
};

/** A text that a concurrent write won over, by the rules of sync and nobody's decision. */
export type Overruled = {
  readonly id: NoteId;
  readonly loser: string;
  readonly winner: string;
  readonly loserOrigin: Origin;
  readonly loserMachine: string;
  readonly winnerOrigin: Origin;
};

/** Applies to `objects` in place; `integration`: its number at the server, Infinity where it is still pending. */
export function applyChangeset(
  objects: Map<NoteId, NoteObject>,
  changeset: Changeset,
  integration: number,
  onOverruled?: (overruled: Overruled) => void,
): void {
  const { writer, knew, clockMs, origin, machine } = changeset;
  const cellOf = (value: Value): Cell => ({ value, integration, clockMs, writer, origin, machine, knew });
  for (const instruction of changeset.instructions) {
    const { id } = instruction;
    const object = objects.get(id);
    if (instruction.kind === "create") {
      if (object !== undefined) continue;
      const cells = Object.fromEntries(fields.map((field) => [field, cellOf(defaults[field])]));
      objects.set(id, { id, cells: cells as Record<Field, Cell>, children: [] });
      continue;
    }
    if (object === undefined) {
      if (instruction.kind === "set" && instruction.field === "text") {
        const loser = String(instruction.value);
        onOverruled?.({
          id,
          loser,
          winner: "",
          loserOrigin: origin,
          loserMachine: machine,
          winnerOrigin: "other-app",
        });
      }
      continue;
    }
    switch (instruction.kind) {
      case "set": {
        const { field, value } = instruction;
        const cell = object.cells[field];
        const isConcurrent =
          cell.integration > knew && cell.integration !== Number.POSITIVE_INFINITY && cell.writer !== writer;
        const isLater = cell.clockMs > clockMs || (cell.clockMs === clockMs && cell.writer > writer);
        if (isConcurrent && field === "text" && cell.value !== value) {
          const mine = { text: String(value), origin, machine };
          const theirs = { text: String(cell.value), origin: cell.origin, machine: cell.machine };
          const [winner, loser] = isLater ? [theirs, mine] : [mine, theirs];
          onOverruled?.({
            id,
            loser: loser.text,
            winner: winner.text,
            loserOrigin: loser.origin,
            loserMachine: loser.machine,
            winnerOrigin: winner.origin,
          });
        }
        if (isConcurrent && isLater) continue;
        objects.set(id, { ...object, cells: { ...object.cells, [field]: cellOf(value) } });
        continue;
      }
      case "erase":
        if (object.cells.text.integration > knew) {
          const loser = String(object.cells.text.value);
          const { origin: loserOrigin, machine: loserMachine } = object.cells.text;
          onOverruled?.({ id, loser, winner: "", loserOrigin, loserMachine, winnerOrigin: origin });
        }
        objects.delete(id);
        for (const other of [...objects.values()]) {
          if (!other.children.some(({ childId }) => childId === id)) continue;
          const children = other.children.filter(({ childId }) => childId !== id);
          objects.set(other.id, { ...other, children });
        }
        continue;
      case "insert": {
        if (!objects.has(instruction.childId)) continue;
        const children = [...object.children];
        const at = children.findIndex(({ element }) => element === instruction.after);
        children.splice(at + 1, 0, { element: instruction.element, childId: instruction.childId });
        objects.set(id, { ...object, children });
        continue;
      }
      case "take": {
        const children = object.children.filter(({ element }) => element !== instruction.element);
        if (children.length < object.children.length) objects.set(id, { ...object, children });
        continue;
      }
      case "clear":
        if (object.children.length > 0) objects.set(id, { ...object, children: [] });
        continue;
    }
  }
}
