// What stories wait for: conditions on a client's state, never a length of time.

import type { AppState } from "../../shared/ipc-contract";
import type { HeadlessClient } from "./headless-client";

export async function untilWritable(client: HeadlessClient): Promise<AppState> {
  return client.until("a writable tree", ({ readOnly }) => !readOnly);
}

export async function untilSynced(client: HeadlessClient, timeoutMs?: number): Promise<AppState> {
  return client.until("everything synced", ({ sync }) => sync.kind === "synced", timeoutMs);
}

/** A plan that changes so much that a person is asked first is agreed to. */
export async function untilRecovered(client: HeadlessClient): Promise<void> {
  const accept = ({ reset }: AppState) => {
    if (reset.kind === "review") void client.ask("reset:accept-plan", undefined).catch(() => undefined);
  };
  await client.until(
    "the end of recovery",
    (state) => {
      const { reset, readOnly } = state;
      accept(state);
      if (reset.kind === "stopped" || reset.kind === "copy-failed")
        throw new Error(`${client.name}: ${reset.message}`);
      return reset.kind === "finished" && !readOnly;
    },
    300_000,
  );
}

/** Until both show the same notes; what differs in the end is for the verdict to say. */
export async function untilSame(one: HeadlessClient, other: HeadlessClient): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if ((await fingerprint(one)) === (await fingerprint(other)) || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function fingerprint(client: HeadlessClient): Promise<string> {
  const notes = [...(await client.notes()).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return JSON.stringify(notes.map(({ lastUpdatedMs, ...note }) => note));
}
