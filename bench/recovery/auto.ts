// Realm's own automatic recovery in a process of its own. Usable is when every note was read once, as any window has
// to: before, the realm object is not there to be used.

import { fork } from "node:child_process";
import { once } from "node:events";
import type { ServerProcess } from "../../src/cli/scenario/server-process";
import { appId } from "../../src/main/paths";
import { type Run, toTwoPlaces } from "./figures";
import { type Prepared, programs } from "./prepare";
import { cpuSeconds, memoryMb } from "./process-figures";
import type { AutoMessage } from "./realm-auto";

export async function recoverByRealm(
  dataDir: string,
  { url, made }: Prepared,
  server: ServerProcess,
  seed: number,
): Promise<Run> {
  const startedAtMs = performance.now();
  const serverBefore = cpuSeconds(server.pid);
  const since = (): number => Math.round(performance.now() - startedAtMs);
  const child = fork(programs.auto, [dataDir, url, appId, `token-${seed}-`], {
    execArgv: [],
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const pid = child.pid ?? 0;
  const ended = once(child, "exit");
  let usableMs = 0;
  let missing = 0;
  return new Promise<Run>((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the process of realm-auto ended with ${code}`)));
    child.on("message", (message: AutoMessage) => {
      if (message.kind === "failed") {
        // Reports of the connection come here as well.
        if (/ClientReset/.test(message.message)) reject(new Error(`realm-auto failed: ${message.message}`));
        return;
      }
      if (message.kind === "usable") {
        usableMs = since();
        const found = new Set(message.texts);
        missing = made.tokens.filter((token) => !found.has(token)).length;
        return;
      }
      resolve({
        promptMs: null,
        madeAhead: null,
        shownMs: null,
        usableMs,
        settledMs: null,
        uploadedMs: since(),
        peakMb: memoryMb(pid, "VmHWM"),
        abovePeakMb: null,
        clientCpuSeconds: cpuSeconds(pid),
        serverCpuSeconds: toTwoPlaces(cpuSeconds(server.pid) - serverBefore),
        answered: null,
        longestWaitMs: null,
        missing,
      });
    });
  }).finally(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
}
