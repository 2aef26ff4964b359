// Tests of crash safety kill the process at a named state of the reset machine, once in the life of a data folder,
// because the next start has to get past the state that this one died in.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResetState } from "../shared/reset-machine";

/** The file that says that the process has died in this state already. */
export function crashMark(dataDir: string, stateName: string): string {
  return join(dataDir, `died-at-${stateName}`);
}

export function crashOnceAt(stateName: string | undefined, dataDir: string): (state: ResetState) => void {
  return (state) => {
    if (stateName === undefined || state.kind !== stateName) return;
    const died = crashMark(dataDir, stateName);
    if (existsSync(died)) return;
    writeFileSync(died, "");
    process.kill(process.pid, "SIGKILL");
  };
}
