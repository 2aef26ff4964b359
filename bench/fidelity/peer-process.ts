// One process with the Realm SDK in it (peer.ts), as an object that answers.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Command, Reply, Request } from "./peer-commands";

export type Peer = {
  /** Rejects with what the SDK said when it could not be done. */
  readonly ask: <Value = null>(world: number, command: Command) => Promise<Value>;
  readonly close: () => Promise<void>;
};

export function startPeer(program: string, dataDir: string, serverUrl: string, appId: string): Peer {
  mkdirSync(dataDir, { recursive: true });
  const errors = openSync(join(dataDir, "stderr.log"), "a");
  const child: ChildProcess = fork(program, [dataDir, serverUrl, appId], {
    stdio: ["ignore", "ignore", errors, "ipc"],
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used", REALM_DISABLE_ANALYTICS: "1" },
  });
  closeSync(errors);
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  child.on("message", (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  child.on("exit", onEnd);

  function onEnd(): void {
    const message = `the process ended (${child.signalCode ?? child.exitCode}); its words are in ${dataDir}`;
    for (const [id, answer] of waiting) answer({ id, kind: "failed", message });
    waiting.clear();
  }

  return {
    async ask(world, command) {
      lastId += 1;
      const request: Request = { id: lastId, world, command };
      const reply = await new Promise<Reply>((resolve) => {
        waiting.set(request.id, resolve);
        // Where the channel is closed the process has ended or is about to, and its end says more.
        if (child.exitCode !== null || child.signalCode !== null) onEnd();
        else child.send(request, () => undefined);
      });
      if (reply.kind === "failed") throw new Error(`world ${world}, ${command.kind}: ${reply.message}`);
      return reply.value as never;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
