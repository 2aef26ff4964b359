/** Path of the oracle program; throws with what to do when it cannot be built. */
export function buildOracle(): string;
