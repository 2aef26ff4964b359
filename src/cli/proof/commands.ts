// What can happen in a simulated world, as plain data: a seed makes the list, and the list with the seed makes the
// run. A list can be shortened and played again, which is how a story that failed is made short enough to read.

import type { Random } from "../../shared/recovery/testing/random-world";

const weights = {
  create: 10,
  edit: 22,
  cut: 6,
  rename: 4,
  move: 7,
  reorder: 4,
  trash: 5,
  restore: 3,
  undo: 2,
  import: 2,
  "app-of-another-make": 4,
  "hard-delete": 1,
  offline: 8,
  online: 6,
  deaf: 4,
  hearing: 3,
  "slow-bootstrap": 2,
  "start-again": 3,
  kill: 4,
  "die-soon": 6,
  "power-cut": 2,
  "clock-jump": 3,
  "disk-full": 2,
  "disk-read-only": 1,
  "disk-mended": 3,
  "lose-subscription": 1,
  "server-down": 1,
  "server-up": 2,
  reset: 4,
  "delete-realm": 1,
  "refuse-upload": 2,
  "fatal-error": 1,
  "unknown-error": 1,
  "restore-server": 3,
  terminate: 2,
  "forbid-recovery": 1,
  "reset-again": 3,
  attend: 14,
  wait: 6,
} as const;

export type CommandKind = keyof typeof weights;
export const commandKinds = Object.keys(weights) as CommandKind[];

export type Command = {
  readonly kind: CommandKind;
  /** Picks the machine; the others pick notes, places, words: whatever the command needs, by remainder. */
  readonly machine: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Until the next command. */
  readonly waitMs: number;
};

export type StoryPlan = {
  readonly machines: number;
  readonly notes: number;
  readonly clockOffsetsMs: readonly number[];
  readonly immediate: readonly boolean[];
  readonly commands: readonly Command[];
};

const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);

function pickKind(random: Random): CommandKind {
  let at = random.below(total);
  for (const kind of commandKinds) {
    at -= weights[kind];
    if (at < 0) return kind;
  }
  return "wait";
}

/** Most waits are shorter than a round trip, so that things overlap; some are long. */
const waits = [0, 1, 2, 5, 10, 20, 40, 150, 600] as const;

export function planStory(random: Random): StoryPlan {
  const machines = 2 + (random.chance(0.3) ? 1 : 0) + (random.chance(0.1) ? 1 : 0);
  const commands: Command[] = [];
  const length = 10 + random.below(26);
  const any = () => random.below(1_000_000);
  for (let index = 0; index < length; index += 1) {
    const kind = pickKind(random);
    commands.push({ kind, machine: any(), a: any(), b: any(), c: any(), waitMs: random.pick(waits) });
  }
  return {
    machines,
    notes: 2 + random.below(6),
    clockOffsetsMs: Array.from({ length: machines }, () =>
      random.pick([0, 0, -300_000, 120_000, 86_400_000]),
    ),
    immediate: Array.from({ length: machines }, () => random.chance(0.2)),
    commands,
  };
}
