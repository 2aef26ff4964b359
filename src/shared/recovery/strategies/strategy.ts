// What a strategy of recovery is: a pure function from what both sides have to the notes that are to be written and
// the report's lines. Which there are, and which one is in force.

import type { RecoveryInput, RecoveryPlan, StrategyName } from "../plan-types";
import { discard } from "./discard";
import { merge } from "./merge";
import { overwriteBackend } from "./overwrite-backend";
import { trackFields } from "./track-fields";
import { trackObjects } from "./track-objects";
import { trackUpdates } from "./track-updates";

export type Strategy = (input: RecoveryInput) => RecoveryPlan;

export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  merge,
  "track-objects": trackObjects,
  "track-fields": trackFields,
  "track-updates": trackUpdates,
  "overwrite-backend": overwriteBackend,
  discard,
};

export function planWith(name: StrategyName, input: RecoveryInput): RecoveryPlan {
  return strategies[name](input);
}

/** The strategy that is carried out, and the chosen one where that is another. */
export type StrategyInForce = { readonly strategy: StrategyName; readonly insteadOf: StrategyName | null };

/**
 * A breaking change of the schema asks for the manual road, whatever was to be discarded: taking the server's notes
 * would take them in a shape that has no place for what is here. That road is the default strategy's.
 */
export function strategyInForce(chosen: StrategyName, isSchemaBroken: boolean): StrategyInForce {
  return chosen === "discard" && isSchemaBroken
    ? { strategy: "merge", insteadOf: "discard" }
    : { strategy: chosen, insteadOf: null };
}
