// Every note that recovery wrote must be reachable, whatever others did meanwhile. What it did not write is left
// alone even where it is damaged: two devices must not repair against each other, and the tree shows it anyway.

import { isTombstone, type NotesById } from "../../../shared/note";
import type { InState, ResetEvent } from "../../../shared/reset-machine";
import { sparseTree } from "../../../shared/sparse-tree";
import { areAllUnder, buildTree } from "../../../shared/tree";
import { planTreeRepair } from "../../../shared/tree-check";
import { type RecoveryDependencies, requirePlan } from "./step";

export function checkReach(state: InState<"checking">, dependencies: RecoveryDependencies): ResetEvent {
  const { store, recoveredId, log } = dependencies;
  const written = new Set(
    requirePlan(state.facts.resetId, dependencies).plan.steps.map(({ note }) => note.id),
  );
  const notes = withoutTombstones(store.readAll().notes);
  const isWhole = areAllUnder(sparseTree(notes, new Map(), store.rootId), written, store.rootId);
  const repairs = isWhole ? [] : planTreeRepair(buildTree(notes.values(), store.rootId), recoveredId);
  const strays = repairs.filter((change) => change.kind === "place" && written.has(change.id));
  const home = strays.length > 0 ? repairs.filter(({ kind }) => kind === "create") : [];
  log("info", "the tree is checked", { strays: strays.length, leftAlone: repairs.length - strays.length });
  store.commit([...home, ...strays], { mirrors: "follow" });
  return { kind: "checked" };
}

/** Nothing hangs under what is left of a note that was deleted for good. */
function withoutTombstones(notes: NotesById): NotesById {
  for (const note of notes.values()) {
    if (isTombstone(note)) return new Map([...notes].filter(([, each]) => !isTombstone(each)));
  }
  return notes;
}
