// What was written reaches the server, and what others did meanwhile is here. Writes no note.

import type { InState, ResetEvent } from "../../../shared/reset-machine";
import type { RecoveryDependencies } from "./step";
import { roundMs, untilDone } from "./wait-for-server";

export async function uploadWritten(
  state: InState<"uploading">,
  dependencies: RecoveryDependencies,
): Promise<ResetEvent> {
  const { realm, store, plans, reports } = dependencies;
  const uploaded = untilDone(dependencies, async () => {
    await realm.waitForUpload(roundMs);
    await realm.waitForDownload(roundMs);
    realm.refresh();
  });
  // Meanwhile what takes its time in a large tree and waits for no answer.
  store.prepareToRemember();
  const stored = plans.read(state.facts.resetId);
  if (stored !== null) reports.prepare(stored.plan.items);
  await uploaded;
  return { kind: "uploaded" };
}
