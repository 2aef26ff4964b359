// The fresh copy comes: everything the server has, and what is read of it meanwhile. Writes nothing.

import type { InState, ResetEvent } from "../../../shared/reset-machine";
import type { RecoveryDependencies } from "./step";
import { roundMs, untilDone } from "./wait-for-server";

export async function downloadFreshCopy(
  state: InState<"downloading">,
  dependencies: RecoveryDependencies,
): Promise<ResetEvent> {
  const { realm, onProgress, log } = dependencies;
  const total = state.copy.notes;
  onProgress({ done: 0, total });
  realm.onTransfer((direction, done, all) => {
    if (direction === "download" && all > 0) {
      onProgress({ done: Math.min(total, Math.round((done / all) * total)), total });
    }
  });
  // Realm downloads on a thread of its own. What comes of it is looked at when it is planned with.
  const readAhead = dependencies.localSide
    .read(state.facts, state.copy)
    .then(async (local) => {
      // What shows the copy's notes waits for the same reading, and has its turn first.
      await new Promise((resolve) => setImmediate(resolve));
      const isWanted = () => dependencies.state() === state;
      if (local.kind === "ok" && isWanted()) await dependencies.store.readAhead(local, isWanted);
    })
    .catch(() => undefined);
  await untilDone(dependencies, async () => {
    await realm.waitForSubscriptions(roundMs);
    await realm.waitForDownload(roundMs);
    if (!realm.subscriptionsComplete()) throw new Error("the subscription is not complete yet");
    realm.refresh();
  });
  // Of a copy that was fetched ahead everything may be here before the half of it is read.
  await readAhead;
  log("info", "the fresh copy is here", { resetId: state.facts.resetId });
  return { kind: "downloaded" };
}
