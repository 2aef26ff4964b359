// What src/cli/proof.ts and the program that plays simulated stories say to each other.

export type RunnerOrder = {
  readonly mode: "seeds" | "crash-points";
  readonly seed: number;
  readonly seeds: number;
  /** Plays every so-many-th seed from the first on. */
  readonly stride: number;
  readonly twice: boolean;
  readonly shrink: boolean;
  readonly stopAtFirst: boolean;
  /** Writes everything that happens to the error stream. */
  readonly trace: boolean;
};

export type RunnerMessage =
  | { readonly kind: "progress"; readonly seeds: number }
  | {
      readonly kind: "violation";
      readonly seed: number;
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
