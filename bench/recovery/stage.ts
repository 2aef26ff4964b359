// Gives every run of the benchmark the same: fresh copies of what was prepared, in the same places, and a server of
// its own at the same address.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ServerProcess, startServerProcess } from "../../src/cli/scenario/server-process";
import {
  layOutPrepared,
  type Prepared,
  placesIn,
  preparedFolder,
  prepareOnce,
  programs,
  type Wanted,
} from "./prepare";

export type Stage = {
  readonly prepared: Prepared;
  readonly onFreshCopy: <T>(run: (dataDir: string, server: ServerProcess) => Promise<T>) => Promise<T>;
};

/** `data`: where what is prepared is kept; null: in a folder of its own, which is removed. */
export async function onStage<T>(
  data: string | null,
  wanted: Wanted,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder =
    data === null
      ? await mkdtemp(join(tmpdir(), "perennial-bench-recovery-"))
      : preparedFolder(resolve(data), wanted);
  try {
    const prepared = await prepareOnce(folder, wanted);
    return await play({
      prepared,
      async onFreshCopy(run) {
        await layOutPrepared(folder);
        const places = placesIn(folder);
        const server = await startServerProcess(programs.server, places.server, prepared.port);
        try {
          return await run(places.client, server);
        } finally {
          await server.stop();
        }
      },
    });
  } finally {
    if (data === null) await rm(folder, { recursive: true, force: true });
  }
}
