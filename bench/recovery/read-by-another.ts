// What the server has in the end, as another device says that signs in then and downloads everything.

import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appId } from "../../src/main/paths";
import { account, programs } from "./prepare";
import type { ReadMessage } from "./reading-device";

export type ReadByAnother = Omit<Extract<ReadMessage, { kind: "read" }>, "kind">;

/** `words`: a regular expression of the words to look for. */
export async function readByAnother(serverUrl: string, words: string): Promise<ReadByAnother> {
  const dataDir = await mkdtemp(join(tmpdir(), "perennial-bench-reader-"));
  const args = [dataDir, serverUrl, appId, account.email, account.password, words];
  try {
    return await new Promise<ReadByAnother>((resolve, reject) => {
      const child = fork(programs.reader, args, {
        execArgv: [],
        env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" },
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      let told: ReadMessage | null = null;
      child.on("message", (message: ReadMessage) => {
        told = message;
      });
      child.on("exit", (code) => {
        if (told?.kind === "read") resolve(told);
        else reject(new Error(`the device that reads in the end ended with ${code}: ${told?.message ?? ""}`));
      });
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
