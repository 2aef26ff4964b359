// What each step of a recovery is given. A step carries one state of the reset machine out and answers the event that
// ends it; it can be repeated, so that a crash anywhere goes on from the last recorded state.

import type { NoteId } from "../../../shared/note";
import type { NoteHistory, RecoveryReport, StrategyName } from "../../../shared/recovery/plan-types";
import type { DiscardHooks } from "../../../shared/recovery/strategies/discard";
import type { ResetEvent, ResetState } from "../../../shared/reset-machine";
import type { Log } from "../../log";
import type { NoteStore } from "../../notes/note-store";
import type { SeenStates } from "../../notes/seen";
import type { NoteRealm } from "../../realm/note-realm";
import type { Sealing } from "../../sealed-file";
import type { LocalSideReader } from "../local-side";
import type { ReportStore } from "../report-store";
import type { PlanStore, StoredPlan } from "../stored-plan";

export type RecoveryDependencies = {
  readonly localSide: LocalSideReader;
  readonly realm: NoteRealm;
  readonly store: NoteStore;
  readonly seen: SeenStates;
  readonly reports: ReportStore;
  readonly plans: PlanStore;
  readonly folders: { readonly backups: string; readonly planFile: string; readonly sealing: Sealing };
  readonly recoveredId: NoteId;
  /** What this device has written into the fresh file. */
  readonly writtenHere: () => ReadonlyMap<NoteId, NoteHistory>;
  /** What is chosen now; a recovery that has been planned once keeps what was chosen then. */
  readonly strategy: () => StrategyName;
  /** Somebody wants to see every plan before it is carried out. */
  readonly reviewFirst: () => boolean;
  readonly discardHooks: DiscardHooks;
  readonly state: () => ResetState;
  readonly dispatch: (event: ResetEvent) => void;
  /** It is on the disk. */
  readonly onReport: (report: RecoveryReport) => void;
  readonly onProgress: (counts: { done: number; total: number }) => void;
  readonly now: () => number;
  readonly log: Log;
};

export const planMissing = "The plan is missing on the disk; trying again makes a new one.";

export function requirePlan(resetId: string, dependencies: RecoveryDependencies): StoredPlan {
  const stored = dependencies.plans.read(resetId);
  if (stored === null) throw new Error(planMissing);
  return stored;
}
