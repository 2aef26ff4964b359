// What a person has chosen for this data folder, in a file of its own that can be read and edited by hand. What the
// command line says holds for this run only and is never written down. Knows nothing of what a setting sets off.

import { z } from "zod";
import { type StrategyName, strategyNames } from "../shared/recovery/plan-types";
import { readJson, writeDurably } from "./durable-file";
import type { Log } from "./log";

export type Settings = {
  /** The strategy to be carried out at the next recovery. */
  readonly recoveryStrategy: () => StrategyName;
  /** Said on the command line, so that a choice shows only at the next start without it. */
  readonly isStrategyGiven: boolean;
  /** Every plan is shown before anything is written. */
  readonly reviewFirst: () => boolean;
  readonly chooseReviewFirst: (reviewFirst: boolean) => void;
  /** Throws what the file system throws; then nothing was changed. */
  readonly chooseStrategy: (strategy: StrategyName) => void;
};

const stored = z.object({
  recoveryStrategy: z.enum(strategyNames).default("merge"),
  reviewFirst: z.boolean().default(false),
});

/** A file that cannot be understood counts as none, and is left as it is until somebody chooses anew. */
export function openSettings(file: string, given: StrategyName | null, log: Log): Settings {
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
    recoveryStrategy: () => given ?? chosen.recoveryStrategy,
    isStrategyGiven: given !== null,
    chooseStrategy: (recoveryStrategy) => choose({ recoveryStrategy }),
    reviewFirst: () => chosen.reviewFirst,
    chooseReviewFirst: (reviewFirst) => choose({ reviewFirst }),
  };
}

export type GivenStrategy =
  | { readonly kind: "ok"; readonly strategy: StrategyName | null }
  | { readonly kind: "unknown"; readonly message: string };

/** The value of `--recovery-strategy`; undefined: it was not given. */
export function readGivenStrategy(value: string | undefined): GivenStrategy {
  if (value === undefined) return { kind: "ok", strategy: null };
  const strategy = strategyNames.find((name) => name === value);
  if (strategy !== undefined) return { kind: "ok", strategy };
  return {
    kind: "unknown",
    message: `--recovery-strategy ${value}: there is no such strategy; there are ${strategyNames.join(", ")}`,
  };
}
