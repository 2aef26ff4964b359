// The laptop of a scene recovers, and what must hold whatever it recovers from is looked at. Test code.

import { expect } from "vitest";
import type { NoteId } from "../../note";
import { checkTree } from "../../tree-check";
import { planRecovery } from "../plan";
import type { NoteHistory, RecoveryInput, RecoveryPlan, ReportItem } from "../plan-types";
import type { Scene } from "./scene";
import { notesOf, recover, recoveryInput, seenBy, treeOf } from "./world";

export function historyWith(noteId: NoteId, more: Partial<NoteHistory>): RecoveryInput["history"] {
  return new Map([[noteId, { created: "elsewhere", text: [], place: [], deletedAtMs: [], ...more }]]);
}

/** The laptop recovers, and the tree is whole and the lists agree with it. */
export function recoverLaptop(scene: Scene, more: Partial<RecoveryInput> = {}): RecoveryPlan {
  const { world } = scene;
  const plan = recoverLaptopWithoutCheck(scene, more);
  expect(checkTree(treeOf(world, world.server))).toEqual([]);
  return plan;
}

/** The laptop recovers, and planning again finds nothing to do. */
export function recoverLaptopWithoutCheck(
  { world, laptop }: Scene,
  more: Partial<RecoveryInput> = {},
): RecoveryPlan {
  const input = recoveryInput(world, laptop, "reset 1", more);
  const seenIn = seenBy(laptop);
  const plan = recover(world, laptop, input);
  const again = planRecovery({ ...input, remote: notesOf(world.server), seen: seenIn(world.server) });
  expect(again.steps).toEqual([]);
  return plan;
}

export function itemOf(plan: RecoveryPlan, noteId: NoteId): ReportItem {
  const items = plan.items.filter((item) => item.noteId === noteId);
  expect(items).toHaveLength(1);
  return items[0]!;
}
