// Drives one client process: sends it IPC calls, follows its state, starts it again when it asks for a restart or
// when it was killed by its own order (`crashAt`). Tests kill it themselves and start it again themselves.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { crashMark } from "../../main/crash-for-tests";
import type { SimulatedError } from "../../main/realm/note-realm";
import type { Answer, AppState, InvokeArgs, InvokeChannel, InvokeResult } from "../../shared/ipc-contract";
import type { Note } from "../../shared/note";
import type { StrategyName } from "../../shared/recovery/plan-types";
import { type ClientMessage, type ClientRequest, restartExitCode } from "../client-messages";

export type HeadlessClient = {
  readonly name: string;
  /** Throws when the client refuses: a scenario has no other plan. */
  readonly ask: <C extends InvokeChannel>(channel: C, args: InvokeArgs<C>) => Promise<InvokeResult<C>>;
  readonly state: () => AppState | null;
  readonly resetState: () => string;
  /** Resolves when the state satisfies the condition; rejects after the time with what it waited for. */
  readonly until: (
    what: string,
    condition: (state: AppState, resetState: string) => boolean,
    timeoutMs?: number,
  ) => Promise<AppState>;
  readonly notes: () => Promise<Map<string, Note>>;
  /** What the window would have been told of texts by another hand: the last of each note. */
  readonly toldTexts: () => ReadonlyMap<string, string>;
  readonly restarts: () => number;
  readonly kills: () => number;
  /** Of the process that runs now, or ran last. */
  readonly pid: () => number;
  /** Ends the process in good order; what is on the disk stays, and `start` goes on from there. */
  readonly close: () => Promise<void>;
  /** SIGKILL, the nearest thing to a power cut. It is not started again by itself. */
  readonly kill: () => Promise<void>;
  /** Starts it again after `close` or `kill`, otherwise than before where that is said. */
  readonly start: (changed?: Partial<ClientOptions>) => void;
  /** From its next start on, whoever starts it: for a newer version of the app, for one. */
  readonly update: (changed: Partial<ClientOptions>) => void;
  /** Has Realm act as if the server had sent this error. */
  readonly simulateError: (error: SimulatedError) => Promise<void>;
  /** Starts it again to die in this state of the reset machine; resolves when it has. */
  readonly dieAt: (stateName: string) => Promise<void>;
};

const defaultTimeoutMs = 120_000;

export type ClientOptions = {
  readonly name: string;
  readonly program: string;
  readonly dataDir: string;
  readonly serverUrl: string;
  readonly crashAt?: string;
  readonly clockOffsetMs?: number;
  readonly recoveryStrategy?: StrategyName;
  readonly resetWay?: string;
  readonly schema?: string;
  /** A data folder that is new is made encrypted. */
  readonly encrypt?: boolean;
  readonly keyFile?: string | undefined;
  /** Where the process is started; the data folder it is given has nothing to do with it. */
  readonly cwd?: string;
  /** For Node itself, as for a memory that is never short. */
  readonly nodeArguments?: readonly string[];
  /** As with a server of its own: without an account of a person's. */
  readonly signsInByItself?: boolean;
  /** Called each time a process of it has been started. */
  readonly onLaunch?: () => void;
};

export function startHeadlessClient(given: ClientOptions): HeadlessClient {
  const { name, dataDir } = given;
  let options = given;
  mkdirSync(dataDir, { recursive: true });
  const waiting = new Map<number, (answer: Answer<never>) => void>();
  const watchers = new Set<() => void>();
  const toldTexts = new Map<string, string>();
  let state: AppState | null = null;
  let resetState = "idle";
  let nextId = 1;
  let restarts = 0;
  let kills = 0;
  let closing = false;
  let { crashAt } = given;
  let onDeath: (() => void) | null = null;
  let failure: Error | null = null;
  let child = launch();

  function launch(): ChildProcess {
    const errors = openSync(join(dataDir, "stderr.log"), "a");
    const { program, serverUrl, clockOffsetMs, resetWay, schema, keyFile, cwd } = options;
    const args = ["--data", dataDir, "--server", serverUrl];
    if (crashAt !== undefined) args.push("--crash-at", crashAt);
    if (options.signsInByItself) args.push("--signs-in-by-itself");
    if (options.recoveryStrategy !== undefined) args.push("--recovery-strategy", options.recoveryStrategy);
    if (clockOffsetMs !== undefined) args.push(`--clock-offset-ms=${clockOffsetMs}`);
    if (resetWay !== undefined) args.push("--reset-way", resetWay);
    if (options.encrypt) args.push("--encrypt");
    if (keyFile !== undefined) args.push("--encryption-key-file", keyFile);
    if (schema !== undefined) args.push("--schema", schema);
    // Node's own options stay here: a loader of the parent's would slow down every start.
    const stdio = ["ignore", "ignore", errors, "ipc"] as const;
    const launched = fork(program, args, {
      cwd,
      execArgv: [...(options.nodeArguments ?? [])],
      stdio: [...stdio],
    });
    closeSync(errors);
    launched.on("message", onMessage);
    launched.once("exit", onExit);
    options.onLaunch?.();
    return launched;
  }

  function onMessage(message: unknown): void {
    const told = message as ClientMessage;
    if (told.kind === "answer") {
      waiting.get(told.id)?.(told.answer as Answer<never>);
      waiting.delete(told.id);
      return;
    }
    if (told.kind === "text") {
      toldTexts.set(told.noteId, told.text);
      return;
    }
    state = told.state as AppState;
    resetState = told.resetState;
    for (const watch of watchers) watch();
  }

  function onExit(code: number | null, signal: NodeJS.Signals | null): void {
    for (const answer of waiting.values()) answer({ kind: "refused", message: "the client ended" });
    waiting.clear();
    if (closing) return;
    state = null;
    if (code === restartExitCode) restarts += 1;
    else if (signal === "SIGKILL" && crashAt !== undefined) {
      kills += 1;
      if (onDeath !== null) {
        onDeath();
        return;
      }
    } else {
      failure = new Error(`client ${name} ended (${signal ?? code}); its words are in ${dataDir}`);
      for (const watch of watchers) watch();
      return;
    }
    child = launch();
  }

  function startAgain(): void {
    if (!hasEnded()) throw new Error(`client ${name} is running already`);
    closing = false;
    state = null;
    child = launch();
  }

  function hasEnded(): boolean {
    return child.exitCode !== null || child.signalCode !== null;
  }

  async function send<T>(channel: ClientRequest["channel"], args: unknown): Promise<Answer<T>> {
    if (failure !== null) throw failure;
    const id = nextId++;
    return new Promise<Answer<T>>((resolve) => {
      waiting.set(id, resolve as (answer: Answer<never>) => void);
      child.send({ id, channel, args } satisfies ClientRequest, (error) => {
        if (error) resolve({ kind: "refused", message: error.message });
      });
    });
  }

  async function ask<C extends InvokeChannel>(channel: C, args: InvokeArgs<C>): Promise<InvokeResult<C>> {
    const answer = await send<InvokeResult<C>>(channel, args);
    if (answer.kind === "refused") throw new Error(`${name}: ${channel}: ${answer.message}`);
    return answer.value;
  }

  return {
    name,
    ask,
    state: () => state,
    resetState: () => resetState,
    until(what, condition, timeoutMs = defaultTimeoutMs) {
      return new Promise((resolve, reject) => {
        const done = () => {
          clearTimeout(timer);
          watchers.delete(watch);
        };
        const watch = () => {
          try {
            if (failure !== null) throw failure;
            if (state === null || !condition(state, resetState)) return;
            resolve(state);
          } catch (error) {
            reject(error);
          }
          done();
        };
        const timer = setTimeout(() => {
          done();
          const seen = JSON.stringify({
            sync: state?.sync,
            reset: state?.reset.kind,
            readOnly: state?.readOnly,
          });
          reject(
            new Error(`client ${name} waited ${timeoutMs} ms for: ${what}; it is at ${resetState} ${seen}`),
          );
        }, timeoutMs);
        watchers.add(watch);
        watch();
      });
    },
    async notes() {
      const { rows } = await ask("notes:all", undefined);
      const notes = new Map<string, Note>();
      for (const { id } of rows) notes.set(id, await ask("notes:read", { id }));
      return notes;
    },
    toldTexts: () => toldTexts,
    restarts: () => restarts,
    kills: () => kills,
    pid: () => child.pid ?? 0,
    async close() {
      closing = true;
      if (hasEnded()) return;
      const ended = once(child, "exit");
      child.send({ id: 0, channel: "close" });
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      closing = true;
      if (hasEnded()) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
    start(changed = {}) {
      options = { ...options, ...changed };
      crashAt = changed.crashAt;
      startAgain();
    },
    update(changed) {
      options = { ...options, ...changed };
    },
    async simulateError(error) {
      await send("simulate-error", error);
    },
    dieAt(stateName) {
      crashAt = stateName;
      rmSync(crashMark(dataDir, stateName), { force: true });
      return new Promise((resolve) => {
        onDeath = () => {
          onDeath = null;
          resolve();
        };
        startAgain();
      });
    },
  };
}
