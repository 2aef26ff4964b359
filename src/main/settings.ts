// What a person has chosen for this data folder, in a file of its own that can be read and edited by hand. What the
// command line says holds for this run only and is never written down. Knows nothing of what a setting sets off.

import { z } from "zod";
import { type StrategyName, strategyNames } from "../shared/recovery/plan-types";
import { type ResetWay, resetWays } from "../shared/reset-machine";
import { readJson, writeDurably } from "./durable-file";
import type { Log } from "./log";

export type Settings = {
  /** The strategy to be carried out at the next recovery. */
  readonly recoveryStrategy: () => StrategyName;
  /** Said on the command line, so that a choice shows only at the next start without it. */
  readonly isStrategyGiven: boolean;
  /** Every plan is shown before anything is written. */
  readonly reviewFirst: () => boolean;
  readonly resetWay: () => ResetWay;
  readonly isResetWayGiven: boolean;
  readonly chooseResetWay: (way: ResetWay) => void;
  readonly chooseReviewFirst: (reviewFirst: boolean) => void;
  /** Throws what the file system throws; then nothing was changed. */
  readonly chooseStrategy: (strategy: StrategyName) => void;
};

/** What the command line says, for this run only; null: nothing. */
export type Given = { readonly strategy: StrategyName | null; readonly resetWay: ResetWay | null };

const stored = z.object({
  recoveryStrategy: z.enum(strategyNames).default("merge"),
  reviewFirst: z.boolean().default(false),
  resetWay: z.enum(resetWays).default("restart"),
});

/** A file that cannot be understood counts as none, and is left as it is until somebody chooses anew. */
export function openSettings(file: string, given: Given, log: Log): Settings {
  const read = readJson(file);
  const parsed = read.kind === "ok" ? stored.safeParse(read.value) : null;
  if (read.kind === "unreadable" || parsed?.success === false) {
    const error = read.kind === "unreadable" ? read.message : parsed?.error?.message;
    log("error", "the settings cannot be read; the usual ones hold", { file, error });
  }
  let chosen = parsed?.success ? parsed.data : stored.parse({});

  function choose(changes: Partial<typeof chosen>): void {
    const wanted = { ...chosen, ...changes };
    writeDurably(file, `${JSON.stringify(wanted, null, 2)}\n`);
    chosen = wanted;
  }

  return {
    recoveryStrategy: () => given.strategy ?? chosen.recoveryStrategy,
    isStrategyGiven: given.strategy !== null,
    chooseStrategy: (recoveryStrategy) => choose({ recoveryStrategy }),
    resetWay: () => given.resetWay ?? chosen.resetWay,
    isResetWayGiven: given.resetWay !== null,
    chooseResetWay: (resetWay) => choose({ resetWay }),
    reviewFirst: () => chosen.reviewFirst,
    chooseReviewFirst: (reviewFirst) => choose({ reviewFirst }),
  };
}

export type ReadGiven =
  | { readonly kind: "ok"; readonly given: Given }
  | { readonly kind: "unknown"; readonly message: string };

/** The values of `--recovery-strategy` and `--reset-way`; undefined: it was not given. */
export function readGiven(strategy: string | undefined, resetWay: string | undefined): ReadGiven {
  const knownStrategy = strategyNames.find((name) => name === strategy) ?? null;
  if (strategy !== undefined && knownStrategy === null) {
    return unknown(`--recovery-strategy ${strategy}: there is no such strategy; there are`, strategyNames);
  }
  const knownWay = resetWays.find((way) => way === resetWay) ?? null;
  if (resetWay !== undefined && knownWay === null) {
    return unknown(`--reset-way ${resetWay}: there is no such way; there are`, resetWays);
  }
  return { kind: "ok", given: { strategy: knownStrategy, resetWay: knownWay } };
}

function unknown(what: string, known: readonly string[]): ReadGiven {
  return { kind: "unknown", message: `${what} ${known.join(", ")}` };
}
