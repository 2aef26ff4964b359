// Dies at the first operation of a recovery, then in another run at the second, and so on until a run is over before
// it dies: every file and realm operation from the reset to the report is once the last one. Each run must come to
// the same notes and the same report as the run that did not die, and break no promise on the way.

import type { Note } from "../../shared/note";
import { createRandom, type Random } from "../../shared/recovery/testing/random-world";
import { buildTree } from "../../shared/tree";
import { type Command, type CommandKind, plainTraits, type StoryPlan } from "./commands";
import { noteOf } from "./fakes/realm-file";
import { reportsOf } from "./judge";
import type { RunnerMessage, RunnerOrder } from "./runner-messages";
import { playStory, type Story, type StoryResult } from "./story";

type CrashWorld = {
  readonly name: string;
  /** What happens to the server before the laptop hears of it. */
  readonly event: readonly [CommandKind, number][];
  readonly immediate?: boolean;
  readonly resetAgain?: boolean;
  /** Somebody writes while it recovers: what, depends on when it dies, and so does what comes of it. */
  readonly writesMeanwhile?: boolean;
};

const worlds: readonly CrashWorld[] = [
  { name: "restored", event: [["restore-server", 2]] },
  { name: "terminated", event: [["terminate", 1]] },
  { name: "reset of an unknown cause", event: [["refuse-upload", 1]] },
  { name: "restored, the file moved without a restart", event: [["restore-server", 1]], immediate: true },
  { name: "deleted without a copy of Realm's", event: [["refuse-upload", 2]] },
  { name: "reset again during recovery", event: [["terminate", 1]], resetAgain: true },
  { name: "written to while it recovers", event: [["restore-server", 2]], writesMeanwhile: true },
];

const twoMachines = {
  machines: 2,
  notes: 5,
  clockOffsetsMs: [-300_000, 120_000],
  traits: plainTraits,
} as const;

type CrashStory = {
  readonly name: string;
  readonly plan: StoryPlan;
  /** The command before which it begins to die. */
  readonly window: number;
};

const edits = ["create", "edit", "edit", "cut", "rename", "move", "reorder", "trash", "restore"] as const;

/** Machine 0, the laptop, writes offline; machine 1 goes on; what happens then happens to both, to the laptop last. */
function planWorld(random: Random, world: CrashWorld): CrashStory {
  const commands: Command[] = [];
  const any = () => random.below(1_000_000);
  const add = (kind: CommandKind, machine: number, waitMs: number, a = any()) =>
    commands.push({ kind, machine, a, b: any(), c: any(), waitMs });
  for (let count = 0; count < 3; count += 1) add(random.pick(edits), count % 2, 200);
  add("offline", 0, 20);
  for (let count = 0; count < 7; count += 1) add(random.pick(edits), 0, 20);
  for (let count = 0; count < 4; count += 1) add(random.pick(edits), 1, 40);
  add("wait", 1, 600);
  for (const [kind, a] of world.event) add(kind, kind === "refuse-upload" ? 0 : 1, 600, a);
  add("attend", 1, 8_000, 0);
  if (world.resetAgain) add("reset-again", 0, 0, 2);
  const window = commands.length;
  add("online", 0, 0);
  const plan: StoryPlan = {
    ...twoMachines,
    immediate: [world.immediate === true, false],
    writesMeanwhile: world.writesMeanwhile === true ? "always" : "never",
    commands,
  };
  return { name: world.name, plan, window };
}

/** The laptop's one note gets a title while somebody is asked whether to recover, which is undone while the fresh copy comes. */
const undoStory: CrashStory = {
  name: "undone while it recovers",
  window: 4,
  plan: {
    ...twoMachines,
    notes: 0,
    immediate: [true, false],
    writesMeanwhile: "when-told",
    commands: [
      { kind: "create", machine: 0, a: 0, b: 0, c: 0, waitMs: 600 },
      // So slow that it is not fetched while the prompt stands.
      { kind: "slow-bootstrap", machine: 0, a: 950, b: 0, c: 0, waitMs: 0 },
      { kind: "terminate", machine: 1, a: 1, b: 0, c: 0, waitMs: 600 },
      { kind: "rename", machine: 0, a: 0, b: 0, c: 0, waitMs: 20 },
      { kind: "attend", machine: 0, a: 0, b: 0, c: 0, waitMs: 100 },
      { kind: "undo", machine: 0, a: 0, b: 0, c: 0, waitMs: 0 },
    ],
  },
};

export function crashEverywhere(order: RunnerOrder, tell: (message: RunnerMessage) => void): void {
  const counts: Record<string, number> = { worlds: 0, crashPoints: 0, runs: 0, adopted: 0 };
  const byOracle: Record<string, number> = {};
  let violations = 0;
  for (let seed = order.seed; seed < order.seed + order.seeds; seed += 1) {
    const stories = worlds.map((world) => planWorld(createRandom(seed), world));
    for (const { name, plan, window } of [...stories, undoStory]) {
      for (const losesPower of [false, true]) {
        const found = crashWorld(seed, plan, window, losesPower, counts);
        for (const [point, oracle, what] of found) {
          violations += 1;
          byOracle[oracle] = (byOracle[oracle] ?? 0) + 1;
          const how = losesPower ? "power cut" : "killed";
          const about = `${name}, ${how} at operation ${point}: ${what}`;
          tell({ kind: "violation", seed, world: "plain", oracles: [{ oracle, what: about }], commands: [] });
        }
      }
      counts.worlds! += 1;
    }
  }
  tell({ kind: "done", seeds: order.seeds, violations, byOracle, counts });
}

type Found = readonly [point: number, oracle: string, what: string];

function crashWorld(
  seed: number,
  plan: StoryPlan,
  window: number,
  losesPower: boolean,
  counts: Record<string, number>,
): Found[] {
  const found: Found[] = [];
  const whole = playTo(seed, plan, window, null, losesPower);
  for (const { oracle, what } of whole.violations) found.push([0, oracle, what]);
  const wanted = stateOf(whole.story);
  for (let point = 1; ; point += 1) {
    const crashed = playTo(seed, plan, window, point, losesPower);
    counts.runs! += 1;
    if (crashed.counts.deaths === 0) break;
    counts.crashPoints! += 1;
    counts.adopted! += crashed.counts.adopted;
    for (const { oracle, what } of crashed.violations) found.push([point, oracle, what]);
    const state = stateOf(crashed.story);
    if (plan.writesMeanwhile === "never" && state !== wanted)
      found.push([point, "O6", firstDifference(wanted, state)]);
  }
  return found;
}

function playTo(
  seed: number,
  plan: StoryPlan,
  window: number,
  point: number | null,
  losesPower: boolean,
): StoryResult {
  return playStory(seed, plan, {
    leavesReports: true,
    beforeCommand({ players: [laptop] }, index) {
      if (index !== window || point === null) return;
      laptop!.losesPowerAtDeath(losesPower);
      laptop!.dieAfter(point);
    },
  });
}

/** The notes and the laptop's reports in words that do not depend on ids, keys and times of a run. */
function stateOf({ world, players: [laptop] }: Story): string {
  const notes = new Map([...world.server.objects()].map(([id, object]) => [id, noteOf(object)]));
  const tree = buildTree(notes.values());
  const lines: string[] = [];
  const walk = (id: Note["id"], depth: number) => {
    const { text, deletedAtMs } = notes.get(id)!;
    const isOwn = id.startsWith("00000000-0000-4000");
    lines.push(
      `${"  ".repeat(depth)}${isOwn ? id : "a note"} ${JSON.stringify(text)}${deletedAtMs === null ? "" : " trashed"}`,
    );
    for (const childId of tree.children.get(id) ?? []) walk(childId, depth + 1);
  };
  for (const [id, parentId] of tree.parents) if (parentId === null) walk(id, 0);
  for (const { items, failed } of reportsOf(laptop!)) {
    for (const item of items) {
      const { noteId, outcome, sentence, mine, theirs, result, needsHelp, copyId } = item;
      lines.push(
        JSON.stringify({ noteId, outcome, sentence, mine, theirs, result, needsHelp, copy: copyId !== null }),
      );
    }
    lines.push(`failed: ${failed.length}`);
  }
  return lines.join("\n");
}

function firstDifference(wanted: string, is: string): string {
  const [wantedLines, lines] = [wanted.split("\n"), is.split("\n")];
  const at = wantedLines.findIndex((line, index) => line !== lines[index]);
  return at === -1 ? `more: ${lines[wantedLines.length]}` : `wanted ${wantedLines[at]}, is ${lines[at]}`;
}
