// The plan of the recovery that is under way, on disk: written before its first step is carried out and removed
// after its report is written, so that a crash in between goes on with the same plan.

import { statSync } from "node:fs";
import type { NoteId } from "../../shared/note";
import type { RecoveryPlan, StrategyName } from "../../shared/recovery/plan-types";
import { removeDurably } from "../durable-file";
import { readSealedJson, type Sealing, writeSealed } from "../sealed-file";
import { type PackedPlan, packPlan, unpackPlan } from "./packed-plan";

export type StoredPlan = {
  readonly resetId: string;
  readonly startedAtMs: number;
  readonly plan: RecoveryPlan;
  /** Chosen when this recovery was planned first: a setting that is changed in its midst is for the next one. */
  readonly chosen?: StrategyName;
  /** For the steps that put a note back as it was: the revision it had. */
  readonly revisions: Readonly<Record<NoteId, string>>;
};

/** A plan of another reset, or one that cannot be read, counts as none: planning again is always right. */
export function readStoredPlan(file: string, resetId: string, sealing: Sealing): StoredPlan | null {
  const read = readSealedJson(file, sealing);
  if (read.kind !== "ok") return null;
  const stored = read.value as (Omit<StoredPlan, "plan"> & { plan?: PackedPlan | RecoveryPlan }) | null;
  const { plan } = stored ?? {};
  if (stored?.resetId !== resetId || !Array.isArray(plan?.steps)) return null;
  try {
    // Earlier versions of the app wrote it as it is.
    return { ...stored, plan: "packed" in plan ? unpackPlan(plan) : plan };
  } catch {
    return null;
  }
}

export function removeStoredPlan(file: string): void {
  removeDurably(file);
}

/** The plan of the recovery that this process carries out: what was written here is not read back as long as it lies there. */
export type PlanStore = {
  readonly read: (resetId: string) => StoredPlan | null;
  readonly write: (stored: StoredPlan) => void;
  readonly remove: () => void;
};

export function openPlanStore(file: string, sealing: Sealing): PlanStore {
  let kept: { readonly stored: StoredPlan; readonly sizeBytes: number } | null = null;
  const sizeNow = () => statSync(file, { throwIfNoEntry: false })?.size;
  return {
    read(resetId) {
      if (kept?.stored.resetId === resetId && kept.sizeBytes === sizeNow()) return kept.stored;
      return readStoredPlan(file, resetId, sealing);
    },
    write(stored) {
      kept = null;
      writeSealed(file, JSON.stringify({ ...stored, plan: packPlan(stored.plan) }), sealing);
      const sizeBytes = sizeNow();
      if (sizeBytes !== undefined) kept = { stored, sizeBytes };
    },
    remove() {
      kept = null;
      removeStoredPlan(file);
    },
  };
}
