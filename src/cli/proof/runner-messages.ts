// What src/cli/proof.ts and the program that plays simulated stories say to each other.

import type { WorldKind } from "./commands";

export type RunnerOrder = {
  /** known-seeds: those that were broken once, each in its world. */
  readonly mode: "seeds" | "known-seeds" | "crash-points";
  readonly seed: number;
  readonly seeds: number;
  /** Plays every so-many-th seed from the first on. */
  readonly stride: number;
  readonly twice: boolean;
  readonly shrink: boolean;
  readonly stopAtFirst: boolean;
  /** Writes everything that happens to the error stream. */
  readonly trace: boolean;
  /** Plays every seed in a world of this kind and in no other; null: as seeds are played. */
  readonly world: WorldKind | null;
};

export type RunnerMessage =
  | { readonly kind: "progress"; readonly seeds: number }
  | {
      readonly kind: "violation";
      readonly seed: number;
      readonly world: WorldKind;
      readonly oracles: readonly { readonly oracle: string; readonly what: string }[];
      readonly commands: readonly string[];
    }
  | {
      readonly kind: "done";
      readonly seeds: number;
      readonly violations: number;
      readonly byOracle: Readonly<Record<string, number>>;
      readonly counts: Readonly<Record<string, number>>;
    };
