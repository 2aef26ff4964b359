// One machine with the app on it, and the person in front of it: starts and ends the process, asks the app through
// its own channels, answers what it prompts. The app is the real one; only its file system, its realm and its clock
// are simulated.

import { createAnswers, type Desktop } from "../../main/answers";
import { dataPaths } from "../../main/paths";
import { openPerennial, type Perennial } from "../../main/perennial";
import { isFetchedPath } from "../../main/reset/fetched-file";
import { createSealing, keyBytes, plainSealing } from "../../main/sealed-file";
import { type InstanceApp, runAlone } from "../../main/shell/only-instance";
import type { Answer, AppState, InvokeArgs, InvokeChannel, InvokeResult } from "../../shared/ipc-contract";
import type { Note, NoteId } from "../../shared/note";
import type { ResetState } from "../../shared/reset-machine";
import type { Traits } from "./commands";
import { bytesOf, createDisk, losePower, makeFolder } from "./disk";
import { setIdScope } from "./fakes/node-crypto";
import { userId } from "./fakes/realm-app";
import type { RealmFile } from "./fakes/realm-file";
import { type Machine, theWorld } from "./machines";
import { readWith } from "./reading";
import {
  end,
  Killed,
  kill,
  maybeCurrentProcess,
  note,
  nowMs,
  runAs,
  runUntil,
  type SimulatedProcess,
  schedule,
} from "./simulation";

export type Asked<T> = { answer: Answer<T> | null };

export type Player = {
  readonly machine: Machine;
  readonly paths: ReturnType<typeof dataPaths>;
  readonly start: () => void;
  readonly isRunning: () => boolean;
  readonly perennial: () => Perennial | null;
  readonly state: () => AppState | null;
  /** What the machine's reset record was last seen to be, even while no process runs. */
  readonly resetState: () => ResetState;
  /** The notes are open, and it is their realm that is written to. */
  readonly isWritable: () => boolean;
  /** A recovery goes on, and the notes that are shown meanwhile can be written to. */
  readonly isWritableMeanwhile: () => boolean;
  /** Runs until the app has answered, or died; null: it died, or has not answered for long. */
  readonly ask: <C extends InvokeChannel>(
    channel: C,
    args: InvokeArgs<C>,
    scope?: string,
  ) => Answer<InvokeResult<C>> | null;
  readonly kill: () => void;
  readonly cutPower: (chance: () => number) => void;
  /** Ends the process as a person does, and starts it again; `between` happens while none runs. */
  readonly restart: (between?: () => void) => void;
  /** Somebody starts the app once more, while it runs. */
  readonly startSecond: () => void;
  /** It dies at its so many-th operation from now. */
  readonly dieAfter: (operations: number) => void;
  /** Whether the power goes with it when it dies by itself. */
  readonly losesPowerAtDeath: (loses: boolean) => void;
  readonly file: () => RealmFile | null;
  readonly notes: () => ReadonlyMap<NoteId, Note>;
  readonly deaths: () => number;
  /** The number of the newest entry in any journal of the machine; 0: there is none. */
  readonly lastJournalSeq: () => number;
  /**
   * Every text that some file on the disk has: the realm, copies, journals. Not a fresh copy that was fetched ahead: it is
   * a cache, and may give way at any time.
   */
  readonly textsOnDisk: () => string[];
};

export type PlayerHooks = {
  readonly onResetState: (player: Player, state: ResetState) => void;
  /** Every message of the app's log. */
  readonly onLog: (message: string) => void;
  /** Messages of the app's log that are errors. */
  readonly onError: (player: Player, message: string) => void;
};

const nothing: Desktop = {
  chooseFolder: async () => null,
  chooseFileToSave: async () => null,
  openFolder: async () => undefined,
  copyText: () => undefined,
  setMenu: () => undefined,
  flushWindow: async () => undefined,
  flushed: () => undefined,
};

export function createPlayer(name: string, { encrypted }: Traits, hooks: PlayerHooks): Player {
  const dataDir = `/${name}`;
  const sealing = encrypted ? createSealing(Buffer.alloc(keyBytes, `the key of the ${name} `)) : plainSealing;
  const paths = dataPaths(dataDir, sealing);
  let perennial: Perennial | null = null;
  let answers: ReturnType<typeof createAnswers> | null = null;
  let process: SimulatedProcess | null = null;
  let lastResetState: ResetState = { kind: "idle" };
  let ending: SimulatedProcess | null = null;
  let lives = 0;
  let deaths = 0;
  let losesPower = false;
  let diesAt: number | null = null;
  const machine: Machine = {
    name,
    dataDir,
    disk: createDisk(),
    clockOffsetMs: 0,
    online: true,
    deaf: false,
    bootstrapMs: 5,
    resetWay: "restart",
    refuseNextUpload: null,
    process: null,
    work: { reads: 0, writes: 0 },
    origin: () =>
      lastResetState.kind === "idle" || !isRecoveryState(lastResetState) ? "person" : "recovery",
  };
  makeFolder(machine.disk, dataDir);

  function start(): void {
    lives += 1;
    setIdScope(name, `life ${lives}`);
    const life: SimulatedProcess = { machine: name, dead: false, points: 0, diesAt, onDeath };
    diesAt = null;
    process = life;
    machine.process = life;
    runAs(life, () => void runAlone(desktopOf(life), () => open(life)));
  }

  /** The lock of the data folder goes with the process that has it. */
  function desktopOf(life: SimulatedProcess): InstanceApp {
    return {
      requestSingleInstanceLock: () => process === null || process === life,
      whenReady: () => Promise.resolve(),
      quit: () => end(life),
    };
  }

  function open(life: SimulatedProcess): void {
    const isFirst = process === life;
    const now = () => nowMs() + machine.clockOffsetMs + epochMs;
    const opened = openPerennial({
      dataDir,
      sealing,
      serverUrl: "http://server",
      embeddedServer: false,
      serverProblem: null,
      version: "simulated",
      runtime: "simulated",
      given: { strategy: null, resetWay: machine.resetWay },
      schema: "current",
      log(level, message, fields) {
        if (life.dead) return;
        hooks.onLog(message);
        note(`log ${level}: ${message} ${fields === undefined ? "" : JSON.stringify(fields)}`);
        if (level === "error")
          hooks.onError(player, `${message} ${fields === undefined ? "" : JSON.stringify(fields)}`);
      },
      relaunch: () => {
        if (!life.dead && isFirst) schedule(life, 5, () => void endThenStart(opened, life));
      },
      now,
      onState: () => undefined,
      onNotes: () => undefined,
      onText: () => undefined,
      onResetState(state) {
        if (life.dead || !isFirst) return;
        lastResetState = state;
        hooks.onResetState(player, state);
      },
    });
    if (isFirst) {
      perennial = opened;
      lastResetState = opened.resetState();
      answers = createAnswers(opened, nothing, dataDir, now);
    }
    void opened.start().then(opened.changed);
  }

  async function endThenStart(
    opened: Perennial,
    life: SimulatedProcess,
    between?: () => void,
  ): Promise<void> {
    if (ending === life) return;
    ending = life;
    try {
      await opened.close();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (life.dead) return;
    end(life);
    ended();
    between?.();
    schedule(null, 5, start);
  }

  function ended(): void {
    // Counted on in the next life, so that a restart is no way out.
    if (process?.diesAt != null && process.points < process.diesAt) diesAt = process.diesAt - process.points;
    for (const session of [...theWorld().sessions])
      if (session.process === process) theWorld().sessions.delete(session);
    process = null;
    machine.process = null;
    perennial = null;
    answers = null;
  }

  function onDeath(): void {
    deaths += 1;
    ended();
    machine.disk.handles.clear();
    if (losesPower) losePower(machine.disk, () => ((deaths * 7 + machine.disk.nextHandle) % 10) / 10);
    // A person starts it again after a while.
    schedule(null, 20, () => {
      if (process === null) start();
    });
  }

  function ask<C extends InvokeChannel>(
    channel: C,
    args: InvokeArgs<C>,
    scope?: string,
  ): Answer<InvokeResult<C>> | null {
    const life = process;
    if (life === null || answers === null) return null;
    const asked: Asked<InvokeResult<C>> = { answer: null };
    if (scope !== undefined) setIdScope(name, scope);
    const handle = answers[channel] as (
      args: unknown,
    ) => Answer<InvokeResult<C>> | Promise<Answer<InvokeResult<C>>>;
    runAs(life, () => {
      void (async () => {
        asked.answer = await handle(args);
      })();
    });
    if (scope !== undefined) setIdScope(name, `life ${lives} after ${scope}`);
    const patienceMs = player.isWritableMeanwhile() ? 1_000 : 30_000;
    runUntil(() => asked.answer !== null || life.dead, patienceMs);
    const { answer } = asked;
    // A gap in what is simulated must not look like a refusal.
    if (answer?.kind === "refused" && /is not a function|undefined|null/.test(answer.message)) {
      throw new Error(`${channel}: ${answer.message}`);
    }
    return answer;
  }

  const player: Player = {
    machine,
    paths,
    start,
    isRunning: () => process !== null,
    perennial: () => perennial,
    state() {
      let state: AppState | null = null;
      const life = maybeCurrentProcess() ?? process;
      if (life !== null) asIs(life, () => (state = perennial?.state() ?? null));
      return state;
    },
    resetState: () => lastResetState,
    isWritable: () => perennial !== null && !perennial.readOnly() && perennial.session() !== null,
    isWritableMeanwhile: () => perennial !== null && !perennial.readOnly() && perennial.session() === null,
    ask,
    kill: () => killFromOutside(),
    cutPower(chance) {
      killFromOutside();
      losePower(machine.disk, chance);
    },
    restart(between) {
      if (perennial === null || process === null) return;
      const opened = perennial;
      const life = process;
      runAs(life, () => void endThenStart(opened, life, between));
    },
    startSecond() {
      if (process === null) return;
      const life = { machine: name, dead: false, points: 0, diesAt: null, onDeath: () => undefined };
      runAs(life, () => void runAlone(desktopOf(life), () => open(life)));
    },
    dieAfter(operations) {
      if (process === null) diesAt = operations;
      else process.diesAt = process.points + operations;
    },
    losesPowerAtDeath(loses) {
      losesPower = loses;
    },
    file() {
      const node = machine.disk.nodes.get(
        `/${name}/mongodb-realm/perennial/${userId}/flx_sync_default.realm`,
      );
      return node?.kind === "file" ? (node.realm as RealmFile | null) : null;
    },
    notes() {
      const open = perennial?.session()?.store.readAll().notes;
      if (open !== undefined) return open;
      const shown = [...(perennial?.notes()?.rows.keys() ?? [])];
      return new Map(shown.map((id) => [id, perennial?.readNote(id) as Note]));
    },
    deaths: () => deaths,
    lastJournalSeq() {
      let last = 0;
      for (const [path, node] of machine.disk.nodes) {
        if (node.kind !== "file" || !path.startsWith(paths.journals)) continue;
        const { bytes } = node;
        const from = bytes.lastIndexOf(10, bytes.length - 2) + 1;
        const to = encrypted ? bytes.length : Math.min(bytes.length, from + 60);
        const line = bytes.toString("latin1", from, to);
        const found = /"seq":(\d+)/.exec((sealing.openLine(line.trimEnd()) ?? "").slice(0, 60));
        if (found !== null) last = Math.max(last, Number(found[1]));
      }
      return last;
    },
    textsOnDisk() {
      return [...machine.disk.nodes].flatMap(([path, node]) =>
        node.kind === "file" && !isFetchedPath(path) ? [readWith(bytesOf(node), sealing)] : [],
      );
    },
  };
  return player;

  /** What it tells it may have to read from the disk. */
  function asIs(life: SimulatedProcess, look: () => void): void {
    if (maybeCurrentProcess() === null) runAs(life, look);
    else look();
  }

  function killFromOutside(): void {
    if (process !== null && maybeCurrentProcess() === null) kill(process);
  }
}

/** Clocks begin in 2026, so that a time is never falsy. */
export const epochMs = 1_767_225_600_000;

function isRecoveryState(state: ResetState): boolean {
  return ["downloading", "planning", "reviewing", "applying", "checking", "uploading", "reporting"].includes(
    state.kind,
  );
}
