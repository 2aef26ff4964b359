// How the steps of a recovery wait for the server.

import type { RecoveryDependencies } from "./step";

/** How long one wait may last before it is looked whether it is wanted still. */
export const roundMs = 15_000;

/** Goes on until it works or the state has changed: being offline is no failure, and no hurry. */
export async function untilDone(
  { state, log }: RecoveryDependencies,
  work: () => Promise<void>,
): Promise<void> {
  const started = state();
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (state() !== started) return;
      log("info", "waiting for the server", { state: started.kind, reason: (error as Error).message });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
