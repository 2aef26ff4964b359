// Runs the sync server as a child process that ends with this one, on a port that stays the same from start to
// start: Realm keeps the address it first synced with and ignores a new one. Started again when it dies.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { readJson, writeDurably } from "../durable-file";
import type { Log } from "../log";

export type EmbeddedServer = { readonly url: string; readonly stop: () => Promise<void> };

export type EmbeddedServerResult =
  | { readonly kind: "ok"; readonly server: EmbeddedServer }
  | { readonly kind: "failed"; readonly message: string };

const readyLine = z.object({ kind: z.literal("ready"), url: z.string() });
const startTimeoutMs = 20_000;
const restartDelayMs = 1_000;
const portWaitMs = 5_000;

export async function startEmbeddedServer(
  script: string,
  dataDir: string,
  appId: string,
  log: Log,
): Promise<EmbeddedServerResult> {
  mkdirSync(dataDir, { recursive: true });
  const port = await settledPort(join(dataDir, "port.json"));
  if (port === null) {
    return {
      kind: "failed",
      message:
        "Another program uses the port of Perennial's sync server. Close it and start Perennial again; your notes are here all the same.",
    };
  }
  let stopping = false;
  let child: ChildProcess;

  function launch(): { child: ChildProcess; ready: Promise<string> } {
    const errors = openSync(join(dataDir, "server.log"), "a", 0o600);
    const args = [script, "start", "--data", dataDir, "--port", String(port), "--app-id", appId];
    const launched = spawn(process.execPath, [...args, "--ready-json", "--with-parent"], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["pipe", "pipe", errors],
    });
    closeSync(errors);
    const ready = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("the sync server did not start in time")),
        startTimeoutMs,
      );
      createInterface({ input: launched.stdout as NodeJS.ReadableStream }).on("line", (line) => {
        const parsed = readyLine.safeParse(parseJson(line));
        if (!parsed.success) return;
        clearTimeout(timer);
        resolve(parsed.data.url);
      });
      launched.once("error", reject);
      launched.once("exit", (code, signal) => {
        clearTimeout(timer);
        reject(
          new Error(
            `the sync server ended (${signal ?? code}); its words are in ${join(dataDir, "server.log")}`,
          ),
        );
      });
    });
    return { child: launched, ready };
  }

  function watch(): void {
    child.once("exit", (code, signal) => {
      if (stopping) return;
      log("error", "the embedded sync server ended and is started again", { code, signal });
      setTimeout(() => {
        if (stopping) return;
        const again = launch();
        child = again.child;
        again.ready.catch((error: Error) => log("error", error.message));
        watch();
      }, restartDelayMs).unref();
    });
  }

  const first = launch();
  child = first.child;
  try {
    const url = await first.ready;
    watch();
    return { kind: "ok", server: { url, stop } };
  } catch (error) {
    stopping = true;
    child.kill("SIGKILL");
    return { kind: "failed", message: (error as Error).message };
  }

  async function stop(): Promise<void> {
    stopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.stdin?.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await ended;
    clearTimeout(timer);
  }
}

/** The port of the first start, once it is free (a server that was killed may still be ending); null: it stays taken. */
async function settledPort(file: string): Promise<number | null> {
  const stored = readJson(file);
  const known = stored.kind === "ok" ? z.object({ port: z.number().int() }).safeParse(stored.value) : null;
  if (!known?.success) {
    const chosen = await freePort(0);
    if (chosen !== null) writeDurably(file, JSON.stringify({ port: chosen }));
    return chosen;
  }
  const deadlineMs = Date.now() + portWaitMs;
  for (;;) {
    const port = await freePort(known.data.port);
    if (port !== null || Date.now() > deadlineMs) return port;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort(wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(null));
    probe.listen(wanted, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : null;
      probe.close(() => resolve(port));
    });
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
