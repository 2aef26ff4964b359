/**
 * What an entry of the history means to one client: which of its instructions reach the client, which objects enter
 * its view and which leave. Depends on the entry and the view alone, so that it can be computed again after a crash
 * or a reconnect, with the same outcome.
 */
import { type Instruction, objectKey } from "../changeset";
import type { Document } from "../object/document";
import { rebuildObject } from "../object/rebuild";
import { isSchemaInstruction, type Schema } from "../schema/schema";
import type { HistoryEntry, TouchedEntry } from "../storage/storage";
import { isInView, type View } from "./view";

export type Projection =
  | { readonly kind: "nothing" }
  /** Every instruction, unchanged. */
  | { readonly kind: "whole" }
  | { readonly kind: "rewritten"; readonly instructions: readonly Instruction[] };

/** The instructions may be read only when they are needed, which for most entries they are not. */
type EntryWithInstructions = { readonly entry: HistoryEntry; readonly instructions: readonly Instruction[] };

/** How one object moves in or out of a view. */
export type Passage =
  /** Known to the client before and after, or made or erased by these very instructions. */
  "follows" | "enters" | "leaves" | "unseen";

export function passageOf(view: View, { table, pk, before, after }: TouchedEntry): Passage {
  const wasIn = isInView(view, table, pk, before);
  const isIn = isInView(view, table, pk, after);
  if (wasIn) return isIn || after === null ? "follows" : "leaves";
  if (!isIn) return "unseen";
  return before === null ? "follows" : "enters";
}

/**
 * @param schema the present one; it may have grown since, which changes nothing here
 */
export function projectEntry(
  decoded: EntryWithInstructions,
  view: View,
  fileIdent: number,
  schema: Schema,
): Projection {
  const { entry } = decoded;
  if (entry.targetFileIdent !== undefined) {
    return entry.targetFileIdent === fileIdent ? projectTargeted(decoded, view) : { kind: "nothing" };
  }
  if (entry.originFileIdent === fileIdent) {
    // The client made these changes itself. What it cannot know is that an object is now outside its view; and one that
    // it moved into its view may have been taken from it while the change was on its way.
    const told = entry.touched.flatMap((object) => {
      switch (passageOf(view, object)) {
        case "leaves":
          return [eraseObject(object)];
        case "enters":
          return rebuildObject(schema, object.table, object.pk, snapshotOf(entry, object), "all");
        default:
          return [];
      }
    });
    return rewritten(told);
  }

  const passages = entry.touched.map((object) => passageOf(view, object));
  if (passages.every((passage) => passage === "follows")) {
    const isEmpty = entry.changeset.length === 0 && decoded.instructions.length === 0;
    return isEmpty ? { kind: "nothing" } : { kind: "whole" };
  }
  const followed = new Set<string>();
  const appended: Instruction[] = [];
  for (const [index, object] of entry.touched.entries()) {
    switch (passages[index]) {
      case "follows":
        followed.add(objectKey(object.table, object.pk));
        break;
      case "enters":
        if (!object.snapshot) throw new Error(`entry ${entry.version} lacks a snapshot`);
        // One by one: a very long list would exceed the arguments of a call.
        for (const step of rebuildObject(schema, object.table, object.pk, object.snapshot, "written"))
          appended.push(step);
        break;
      case "leaves":
        appended.push(eraseObject(object));
    }
  }
  const kept = decoded.instructions.filter(
    (instruction) =>
      isSchemaInstruction(instruction) || followed.has(objectKey(instruction.table, instruction.pk)),
  );
  return rewritten([...kept, ...appended]);
}

/**
 * How much an entry will have to tell a client, from what it touches alone: nothing if 0. May miss what only the
 * instructions say: that a class or property is new.
 */
export function foreseenBytes(entry: HistoryEntry, view: View, fileIdent: number): number {
  const { touched, changeset, targetFileIdent, originFileIdent } = entry;
  if (targetFileIdent !== undefined) return targetFileIdent === fileIdent ? changeset.length : 0;
  const shown = originFileIdent === fileIdent ? ["enters", "leaves"] : ["follows", "enters", "leaves"];
  return touched.some((object) => shown.includes(passageOf(view, object))) ? changeset.length : 0;
}

/** Objects outside the view are erased instead of shown. */
function projectTargeted(decoded: EntryWithInstructions, view: View): Projection {
  const { entry } = decoded;
  const outside = entry.touched.filter(({ table, pk, after }) => !isInView(view, table, pk, after));
  if (outside.length === 0) return { kind: "whole" };
  const keys = new Set(outside.map(({ table, pk }) => objectKey(table, pk)));
  const shown = decoded.instructions.filter(
    (instruction) =>
      isSchemaInstruction(instruction) || !keys.has(objectKey(instruction.table, instruction.pk)),
  );
  return rewritten([...shown, ...outside.map(eraseObject)]);
}

function snapshotOf({ version }: HistoryEntry, { snapshot }: TouchedEntry): Document {
  if (!snapshot) throw new Error(`entry ${version} lacks a snapshot`);
  return snapshot;
}

function eraseObject({ table, pk }: TouchedEntry): Instruction {
  return { kind: "EraseObject", table, pk };
}

function rewritten(instructions: readonly Instruction[]): Projection {
  return instructions.length === 0 ? { kind: "nothing" } : { kind: "rewritten", instructions };
}
