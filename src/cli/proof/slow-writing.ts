// In the slow tier: somebody goes on writing while the real client recovers. The server is made to say nothing for a
// while, so that the fresh copy is long in coming; the process may be killed in the middle of it.

import type { Random } from "../../shared/recovery/testing/random-world";
import type { HeadlessClient } from "../scenario/headless-client";
import type { ServerProcess } from "../scenario/server-process";

export type SlowWriting = {
  /** From now on the server says nothing. */
  readonly holdServer: () => void;
  /** The client is on its way into a recovery: waits for that, and holds the server. */
  readonly holdWhenItRecovers: () => Promise<void>;
  /** Writes as soon as there are notes, and has the server go on. Answers how often the process was killed. */
  readonly write: () => Promise<number>;
  /** Edits that were answered before there was a plan. */
  readonly written: () => number;
};

const beforeNotes = ["restarting", "securing", "resetting", "downloading"];
const limitMs = 60_000;

export function createSlowWriting(
  client: HeadlessClient,
  server: ServerProcess,
  random: Random,
  edit: () => Promise<void>,
): SlowWriting {
  let written = 0;

  /** Whether there was something to write to. */
  async function writeSome(): Promise<boolean> {
    let isDownloading = false;
    await client.until(
      "notes to write to while it recovers, or the end of that",
      ({ reset, readOnly }, state) => {
        isDownloading = reset.kind === "recovering" && state === "downloading" && !readOnly;
        return isDownloading || (!beforeNotes.includes(state) && reset.kind !== "prompt");
      },
      limitMs,
    );
    const edits = isDownloading ? 1 + random.below(3) : 0;
    for (let count = 0; count < edits; count += 1) {
      await edit();
      if (client.resetState() === "downloading") written += 1;
    }
    return isDownloading;
  }

  return {
    holdServer: () => server.signal("SIGSTOP"),
    async holdWhenItRecovers() {
      await client.until("its restart", (_state, state) => beforeNotes.includes(state), limitMs);
      server.signal("SIGSTOP");
    },
    async write() {
      let kills = 0;
      try {
        if ((await writeSome()) && random.chance(0.5)) {
          await client.kill();
          kills += 1;
          client.start();
          await writeSome();
        }
      } finally {
        server.signal("SIGCONT");
      }
      return kills;
    },
    written: () => written,
  };
}
