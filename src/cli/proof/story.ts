// Plays a story: sets up the server and the machines, carries out the commands one by one, mends everything, waits
// until all is quiet, and has it judged. The same plan and seed give the same run, to the last operation.

import { rootIdOf } from "../../main/notes/known-notes";
import type { NoteId } from "../../shared/note";
import { createRandom, type Random, tokensIn } from "../../shared/recovery/testing/random-world";
import type { ResetState } from "../../shared/reset-machine";
import { type EndedRecovery, recoverAgain } from "./again";
import type { StoryPlan } from "./commands";
import { resetElements } from "./fakes/note-realm";
import { userId } from "./fakes/realm-app";
import { judge, watchReset } from "./judge";
import { type Ledger, noteLoss, noteOverruled, noteTokens, openLedger } from "./ledger";
import { setWorld, type World } from "./machines";
import type { Changeset } from "./objects";
import { perform } from "./perform";
import { createPlayer, epochMs, type Player } from "./player";
import { type RecoveryWatch, watchForbidden, watchIntegrated } from "./recovery-watch";
import { createServerModel } from "./server-model";
import { beginSimulation, explain, nowMs, runFor, runUntil, traceOf } from "./simulation";
import type { Violation } from "./violation";
import { type Meanwhile, openMeanwhile, runWriting } from "./writing-meanwhile";

export type Story = {
  readonly seed: number;
  readonly plan: StoryPlan;
  readonly random: Random;
  readonly meanwhile: Meanwhile;
  readonly world: World;
  readonly players: readonly Player[];
  readonly ledger: Ledger;
  /** Machines whose next write of a recovery the server forbids. */
  readonly forbidden: Set<string>;
  /** Machines that get another reset when their recovery comes to this state. */
  readonly resetAgainAt: Map<string, ResetState["kind"]>;
  readonly violations: Violation[];
  /** By machine: the recovery that it is in, or was in last. */
  readonly watches: Map<string, RecoveryWatch>;
  /** The last recovery, where nothing else happened while it ran. */
  ended: EndedRecovery | null;
  readonly counts: {
    resets: number;
    recoveries: number;
    deaths: number;
    stopped: number;
    again: number;
    /** Fresh copies that were fetched while a prompt stood, and those that were used. */
    fetched: number;
    adopted: number;
    /** What was written on a machine while it recovered: before there was a plan, of this with a network, and after. */
    writtenInDownload: number;
    writtenInDownloadOnline: number;
    writtenLater: number;
    /** What was asked for while a recovery ended, and done by a later process than was asked. */
    doneByNext: number;
  };
  /** Errors in the apps' logs, for the reader of a trace. */
  readonly errors: string[];
};

export type StoryOptions = {
  readonly keepsLines?: boolean;
  /** The last recovery is not carried out a second time, which writes its report anew. */
  readonly leavesReports?: boolean;
  readonly beforeCommand?: (story: Story, index: number) => void;
};

export type StoryResult = {
  readonly violations: readonly Violation[];
  readonly trace: number;
  readonly lines: readonly string[];
  readonly counts: Story["counts"];
  readonly story: Story;
};

const names = ["laptop", "phone", "tablet", "desktop"] as const;

export function playStory(seed: number, plan: StoryPlan, options: StoryOptions = {}): StoryResult {
  beginSimulation(options.keepsLines ?? false);
  resetElements();
  const story = openStory(seed, plan);
  for (const player of story.players) player.start();
  for (const player of story.players) {
    runFor(5);
    player.ask("account:register", { email: "gardener@example.com", password: "grows back every year" });
  }
  runUntil(() => story.players.every((player) => player.isWritable()), 5_000);
  runFor(400);
  for (const [index, command] of plan.commands.entries()) {
    options.beforeCommand?.(story, index);
    perform(story, command, index);
    if (plan.writesMeanwhile === "always") runWriting(story, command.waitMs);
    else runFor(command.waitMs);
  }
  const isQuiet = settle(story);
  if (isQuiet) {
    judge(story);
    if (story.violations.length === 0 && !options.leavesReports) recoverAgain(story);
  }
  const { hash, lines } = traceOf();
  const { violations, counts } = story;
  for (const player of story.players) counts.deaths += player.deaths();
  return { violations, trace: hash, lines, counts, story };
}

function openStory(seed: number, plan: StoryPlan): Story {
  const random = createRandom(seed);
  const ledger = openLedger();
  const violations: Violation[] = [];
  const forbidden = new Set<string>();
  const story: Story = {
    seed,
    plan,
    random,
    meanwhile: openMeanwhile(seed),
    ledger,
    forbidden,
    resetAgainAt: new Map(),
    watches: new Map(),
    violations,
    ended: null,
    counts: {
      resets: 0,
      recoveries: 0,
      deaths: 0,
      stopped: 0,
      again: 0,
      fetched: 0,
      adopted: 0,
      writtenInDownload: 0,
      writtenInDownloadOnline: 0,
      writtenLater: 0,
      doneByNext: 0,
    },
    errors: [],
    players: names.slice(0, plan.machines).map((name) =>
      createPlayer(name, plan.traits, {
        onResetState: (player, state) => watchReset(story, player, state),
        onLog(message) {
          if (message === "the fresh copy was fetched ahead") story.counts.fetched += 1;
          if (message === "the fresh copy is the one that was fetched ahead") story.counts.adopted += 1;
          if (message === "what was asked for before the process ended is done") story.counts.doneByNext += 1;
        },
        onError: (player, message) => story.errors.push(`${player.machine.name}: ${message}`),
      }),
    ),
    world: {
      machines: new Map(),
      server: createServerModel({
        onOverruled: (overruled) => noteOverruled(ledger, overruled),
        onIntegrated(changeset, before, after) {
          ledger.integrated.add(changeset);
          explain(() => `the server takes ${wordsOf(changeset)}`);
          watchIntegrated(story, changeset, before, after);
        },
      }),
      onOverruled: (overruled) => noteOverruled(ledger, overruled),
      serverUp: true,
      schema: plan.traits.formerSchema ? "former" : "present",
      sessions: new Set(),
      latencyMs: () => 1 + random.below(4),
      forbidden({ origin, machine }) {
        const isForbidden = origin === "recovery" && forbidden.delete(machine);
        if (isForbidden) watchForbidden(story, machine);
        return isForbidden;
      },
      tooLarge({ instructions }) {
        const { maxInstructions } = plan.traits;
        if (maxInstructions === null || instructions.length <= maxInstructions) return null;
        return { action: "ClientReset", code: 104, message: "message too large" };
      },
      onShared: ({ name }) =>
        violations.push({ oracle: "alone", what: `two processes had the notes of the ${name} open` }),
      onAcknowledged: (machine, _key, through) => watchAcknowledged(story, machine.name, through),
      onCommitted(machine, changeset) {
        const player = story.players.find(({ machine: each }) => each === machine)!;
        changeset.journalSeq = player.lastJournalSeq();
        ledger.commits.push({ machine: machine.name, file: player.file(), changeset });
      },
      nextName: 0,
    },
  };
  for (const [index, player] of story.players.entries()) {
    player.machine.clockOffsetMs = plan.clockOffsetsMs[index] ?? 0;
    player.machine.resetWay = plan.immediate[index] ? "immediate" : "restart";
    story.world.machines.set(player.machine.name, player.machine);
  }
  setWorld(story.world);
  plantNotes(story, plan.notes);
  return story;
}

function wordsOf({ machine, origin, knew, instructions }: Changeset): string {
  const sets = instructions.filter(({ kind }) => kind !== "insert" && kind !== "take");
  return `from the ${machine} (${origin}, knew ${knew}): ${JSON.stringify(sets)}`;
}

/** LastSynced says that the server has everything up to here: then it was once seen to have it. */
function watchAcknowledged({ players, ledger, violations }: Story, name: string, through: number): void {
  const file = players.find(({ machine }) => machine.name === name)!.file();
  for (const { machine, file: of, changeset } of ledger.commits) {
    if (machine !== name || of !== file || changeset.journalSeq > through || changeset.journalSeq === 0)
      continue;
    if (ledger.integrated.has(changeset)) continue;
    violations.push({
      oracle: "O10",
      what: `${name} acknowledged up to ${through}, but the server never had ${changeset.journalSeq}`,
    });
    return;
  }
}

/** A small tree that was there before the story begins. */
function plantNotes({ world, ledger, random }: Story, notes: number): void {
  const rootId = rootIdOf(userId);
  const ids: NoteId[] = [rootId];
  const instructions: Parameters<typeof world.server.integrate>[0]["instructions"][number][] = [];
  const set = (
    id: NoteId,
    field: "text" | "isRoot" | "parentId" | "orderKey" | "revision",
    value: string | boolean,
  ) => instructions.push({ kind: "set", id, field, value });
  instructions.push({ kind: "create", id: rootId });
  set(rootId, "text", "Notes");
  set(rootId, "isRoot", true);
  set(rootId, "orderKey", "");
  for (let index = 1; index <= notes; index += 1) {
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}` as NoteId;
    const parentId = random.pick(ids);
    const text = `# Note ${index}\n${ledger.newToken("seed")}\n`;
    instructions.push({ kind: "create", id });
    set(id, "text", text);
    set(id, "parentId", parentId);
    set(id, "orderKey", `V${index}`);
    set(id, "revision", `planted-${index}`);
    instructions.push({
      kind: "insert",
      id: parentId,
      after: null,
      element: `planted-${index}`,
      childId: id,
    });
    noteTokens(ledger, "seed", id, text);
    ids.push(id);
  }
  const writer = world.server.register();
  const common = {
    version: 1,
    knew: 0,
    clockMs: epochMs - 1e9,
    origin: "other-app",
    machine: "seed",
  } as const;
  world.server.integrate({ writer, ...common, instructions, journalSeq: 0 });
}

/** With everything mended, whoever goes on recovering goes round in circles. */
const maxRecoveriesAtEnd = 16;

/** Everything is mended, every prompt answered; then it must become quiet, and stay so. */
export function settle(story: Story): boolean {
  const { players, ledger, world, violations } = story;
  const deadline = nowMs() + 400_000;
  const mostPlannings = ledger.plannings.length + maxRecoveriesAtEnd;
  for (;;) {
    mend(story);
    for (const player of players) attend(player, 0);
    runUntil(() => players.every((player) => isSettled(player, world)), 1_500);
    if (players.every((player) => isSettled(player, world))) {
      const before = world.server.integration();
      const processes = players.map(({ machine }) => machine.process);
      // Longer than the audit leaves to other devices that may know more; one that was started again begins anew.
      runFor(15_000);
      const isSame =
        world.server.integration() === before &&
        players.every(({ machine }, index) => machine.process === processes[index]);
      if (isSame && players.every((player) => isSettled(player, world))) return true;
    }
    if (nowMs() > deadline || ledger.plannings.length > mostPlannings) break;
    for (const player of players) {
      if (player.state()?.sync.kind === "problem") player.restart();
    }
  }
  const states = players.map((player) => {
    const sync = JSON.stringify(player.state()?.sync ?? null);
    return `${player.machine.name} ${player.resetState().kind} ${sync}`;
  });
  violations.push({ oracle: "stuck", what: states.join("; ") });
  return false;
}

function mend({ players, world, forbidden, resetAgainAt }: Story): void {
  forbidden.clear();
  resetAgainAt.clear();
  world.serverUp = true;
  for (const { machine } of players) {
    machine.disk.faults.roomBytes = null;
    machine.disk.faults.readOnlyBelow = null;
    machine.bootstrapMs = 5;
    machine.deaf = false;
    machine.refuseNextUpload = null;
    machine.online = true;
  }
}

function isSettled(player: Player, { server }: World): boolean {
  const file = player.file();
  return (
    player.isRunning() &&
    player.resetState().kind === "idle" &&
    player.isWritable() &&
    file !== null &&
    file.pending.length === 0 &&
    file.client.known === server.integration() &&
    player.state()?.sync.kind === "synced"
  );
}

/** The person in front of the machine answers what it asks. `mood` 1 and 2: puts it off, looks at the copy. */
export function attend(player: Player, mood: number): void {
  const reset = player.state()?.reset;
  if (reset === undefined) return;
  switch (reset.kind) {
    case "prompt":
      player.ask(mood === 1 ? "reset:later" : "reset:restart", undefined);
      return;
    case "postponed":
      player.ask(mood === 2 ? "reset:read-only" : "reset:restart", undefined);
      return;
    case "copy-failed":
    case "stopped":
      player.ask("reset:try-again", undefined);
      return;
    case "review":
      player.ask("reset:accept-plan", undefined);
      return;
    default:
      if (player.state()?.account.kind !== "signed-out") return;
      player.ask("account:sign-in", { email: "gardener@example.com", password: "grows back every year" });
  }
}

/** The server goes back in time: what is gone with it, and which machines have it, is written down. */
export function loseOnServer({ players, ledger, world }: Story, lose: () => void): void {
  const before = tokensOnServer(world);
  const integration = world.server.integration();
  const holders = new Map<string, Set<string>>();
  for (const player of players) {
    for (const text of player.textsOnDisk()) {
      for (const token of tokensIn(text)) {
        const known = holders.get(token);
        if (known === undefined) holders.set(token, new Set([player.machine.name]));
        else known.add(player.machine.name);
      }
    }
  }
  lose();
  const after = tokensOnServer(world);
  if (world.server.integration() === integration) ledger.count += 1;
  else
    noteLoss(
      ledger,
      players.map(({ machine }) => machine.name),
    );
  for (const token of before) {
    if (after.has(token)) continue;
    ledger.lost.push({ token, at: ledger.count, holders: holders.get(token) ?? new Set() });
  }
}

function tokensOnServer({ server }: World): Set<string> {
  const tokens = new Set<string>();
  for (const { cells } of server.objects().values()) {
    for (const token of tokensIn(String(cells.text.value))) tokens.add(token);
  }
  return tokens;
}
