// Virtual time and simulated processes, all in one real process and wholly synchronous: an event runs, then every
// microtask it set off, then the next event. So a seed determines the run. Code of a process that was killed can
// still be on the stack or in a promise, but nothing it does has an effect any more. Knows nothing of notes.

import { setFlagsFromString } from "node:v8";

setFlagsFromString("--allow-natives-syntax");
const drainMicrotasks = new Function("return %PerformMicrotaskCheckpoint()") as () => void;

/** One life of one program on one machine. */
export type SimulatedProcess = {
  readonly machine: string;
  dead: boolean;
  /** Operations on files and realms that it has begun. */
  points: number;
  /** Dies at this operation; null: lives. */
  diesAt: number | null;
  readonly onDeath: () => void;
};

/** What a dead process meets wherever it turns. */
export class Killed extends Error {
  constructor() {
    super("the process was killed");
  }
}

export type Timer = {
  readonly atMs: number;
  readonly order: number;
  readonly process: SimulatedProcess | null;
  readonly run: () => void;
  cancelled: boolean;
  unref: () => Timer;
  ref: () => Timer;
};

type Simulation = {
  nowMs: number;
  order: number;
  current: SimulatedProcess | null;
  readonly timers: Timer[];
  /** How many of them will not run. */
  cancelled: number;
  /** Everything that happened, in one number. */
  trace: number;
  readonly lines: string[] | null;
};

let simulation: Simulation = emptySimulation(false);

function emptySimulation(keepsLines: boolean): Simulation {
  return {
    nowMs: 0,
    order: 0,
    current: null,
    timers: [],
    cancelled: 0,
    trace: 17,
    lines: keepsLines ? [] : null,
  };
}

export function beginSimulation(keepsLines: boolean): void {
  simulation = emptySimulation(keepsLines);
}

export function nowMs(): number {
  return simulation.nowMs;
}

export function currentProcess(): SimulatedProcess {
  if (simulation.current === null) throw new Error("no simulated process is running");
  return simulation.current;
}

export function maybeCurrentProcess(): SimulatedProcess | null {
  return simulation.current;
}

/** Every operation with an effect passes here first: it is counted, and it may be the one to die at. */
export function point(what: string): void {
  const process = currentProcess();
  if (process.dead) throw new Killed();
  process.points += 1;
  note(what);
  if (process.points === process.diesAt) kill(process);
}

/** True where this operation is the one to die at: it may then be done by half before `point` is called. */
export function isLastPoint(): boolean {
  const process = currentProcess();
  return !process.dead && process.points + 1 === process.diesAt;
}

export function kill(process: SimulatedProcess): void {
  if (!process.dead) {
    process.dead = true;
    dropTimers(process);
    note(`${process.machine} is killed`);
    process.onDeath();
  }
  if (simulation.current === process) throw new Killed();
}

/** Ends it in good order: nothing of it runs any more. */
export function end(process: SimulatedProcess): void {
  process.dead = true;
  dropTimers(process);
}

export function cancel(timer: Timer): void {
  timer.cancelled = true;
  simulation.cancelled += 1;
  if (simulation.cancelled < 64 || simulation.cancelled * 2 < simulation.timers.length) return;
  const left = simulation.timers.filter((each) => !each.cancelled).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  simulation.timers.splice(0, simulation.timers.length, ...left);
  simulation.cancelled = 0;
}

function dropTimers(process: SimulatedProcess): void {
  for (const timer of simulation.timers) if (timer.process === process) timer.cancelled = true;
}

/** Adds to the trace. */
export function note(what: string): void {
  const who = simulation.current?.machine ?? "world";
  let { trace } = simulation;
  const line = `${simulation.nowMs} ${who} ${what}`;
  for (let index = 0; index < line.length; index += 1) {
    trace = Math.imul(trace ^ line.charCodeAt(index), 0x01000193);
  }
  simulation.trace = trace >>> 0;
  simulation.lines?.push(line);
}

/** For the reader of a trace only: costs nothing where nobody reads it, and is no part of what is compared. */
export function explain(what: () => string): void {
  simulation.lines?.push(`${simulation.nowMs}   ${what()}`);
}

export function traceOf(): { readonly hash: number; readonly lines: readonly string[] } {
  return { hash: simulation.trace, lines: simulation.lines ?? [] };
}

/** `process` null: the world itself. */
export function schedule(process: SimulatedProcess | null, delayMs: number, run: () => void): Timer {
  simulation.order += 1;
  const timer: Timer = {
    atMs: simulation.nowMs + Math.max(0, delayMs || 0),
    order: simulation.order,
    process,
    run,
    cancelled: false,
    unref: () => timer,
    ref: () => timer,
  };
  push(simulation.timers, timer);
  return timer;
}

/** A moment later, in the same process; never, if it is killed before. */
export function moment(delayMs = 1): Promise<void> {
  const process = currentProcess();
  return new Promise((resolve) => schedule(process, delayMs, resolve));
}

/** Runs code as this process, with all microtasks it sets off. */
export function runAs(process: SimulatedProcess | null, run: () => void): void {
  if (process?.dead) return;
  const before = simulation.current;
  simulation.current = process;
  try {
    run();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
  drainMicrotasks();
  simulation.current = before;
}

/** The next event; false: there is none until `untilMs`, and the clock stands there now. */
function runNextEvent(untilMs: number): boolean {
  const { timers } = simulation;
  for (;;) {
    const next = timers[0];
    if (next === undefined || next.atMs > untilMs) {
      simulation.nowMs = Math.max(simulation.nowMs, untilMs);
      return false;
    }
    pop(timers);
    if (next.cancelled) continue;
    simulation.nowMs = Math.max(simulation.nowMs, next.atMs);
    runAs(next.process, next.run);
    return true;
  }
}

/** Runs events until the condition holds; false: it did not within the time. */
export function runUntil(condition: () => boolean, withinMs: number): boolean {
  const deadline = simulation.nowMs + withinMs;
  while (!condition()) if (!runNextEvent(deadline)) return condition();
  return true;
}

export function runFor(lengthMs: number): void {
  runUntil(() => false, lengthMs);
}

/** Puts the virtual clock in the place of Node's timers. Answers how to put them back. */
export function installTimers(): () => void {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    setImmediate: globalThis.setImmediate,
    dateNow: Date.now,
    performanceNow: performance.now,
    chdir: process.chdir,
  };
  const clear = (timer: Timer | undefined | null) => {
    if (timer) cancel(timer);
  };
  const every = (run: () => void, ms: number): Timer => {
    const process = currentProcess();
    const handle = { cancelled: false } as Timer;
    handle.unref = () => handle;
    handle.ref = () => handle;
    const again = () =>
      schedule(process, ms, () => {
        if (handle.cancelled) return;
        run();
        again();
      });
    again();
    return handle;
  };
  Object.assign(globalThis, {
    setTimeout: (run: (value?: unknown) => void, ms?: number, value?: unknown) =>
      schedule(currentProcess(), ms ?? 0, () => run(value)),
    clearTimeout: clear,
    setInterval: every,
    clearInterval: clear,
    setImmediate: (run: (value?: unknown) => void) => schedule(currentProcess(), 0, run),
  });
  Date.now = () => simulation.nowMs;
  performance.now = () => simulation.nowMs;
  process.chdir = () => undefined;
  return () => {
    const { dateNow, performanceNow, chdir, ...timers } = real;
    Object.assign(globalThis, timers);
    Date.now = dateNow;
    performance.now = performanceNow;
    process.chdir = chdir;
  };
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  heap.push(timer);
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(timer, heap[above]!)) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
    if (!isBefore(heap[below]!, last)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = last;
}
