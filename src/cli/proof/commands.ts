// What can happen in a simulated world, as plain data: a seed makes the list, and the list with the seed makes the
// run. A list can be shortened and played again, which is how a story that failed is made short enough to read.
// There are kinds of worlds: what a seed means in one of them does not change when another one gains a command.

import { createRandom, type Random } from "../../shared/recovery/testing/random-world";

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

/** What only wide worlds know, beside everything else. */
const rarer = {
  "empty-trash": 6,
  "sign-out": 5,
  "remove-user": 3,
  "second-instance": 3,
  "schema-change": 3,
} as const;

/** What only worlds with many notes know. */
const ofMany = { "import-folder": 8 } as const;

/** What only a server does that does not keep what it has confirmed. */
const ofForgetful = { "drop-change": 4 } as const;

export type CommandKind =
  | keyof typeof weights
  | keyof typeof rarer
  | keyof typeof ofMany
  | keyof typeof ofForgetful;

/**
 * plain: what machines, persons and servers do every day. wide: encrypted folders, emptied trash, signing out, a user
 * who is removed, a second instance, a destructive change of the schema. many: hundreds of notes, and a server that takes no large uploads. forgetful: a
 * server that loses single changes which it had confirmed.
 */
export const worldKinds = ["plain", "wide", "many", "forgetful"] as const;
export type WorldKind = (typeof worldKinds)[number];

const weightsIn: Readonly<Record<WorldKind, Partial<Record<CommandKind, number>>>> = {
  plain: weights,
  wide: { ...weights, ...rarer },
  many: { ...weights, ...ofMany },
  forgetful: { ...weights, ...ofForgetful },
};

export type Traits = {
  /** What lies in the data folders is encrypted. */
  readonly encrypted: boolean;
  /** The server refuses an upload of more instructions; null: it takes all. */
  readonly maxInstructions: number | null;
  /** The notes have the fields of a former version until the server's schema changes. */
  readonly formerSchema: boolean;
};

export const plainTraits: Traits = { encrypted: false, maxInstructions: null, formerSchema: false };

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
  readonly traits: Traits;
  /** Persons go on writing while their machine recovers: never, where a command says so, or whenever they can. */
  readonly writesMeanwhile: "never" | "when-told" | "always";
  readonly commands: readonly Command[];
};

function pickKind(random: Random, among: Partial<Record<CommandKind, number>>): CommandKind {
  const kinds = Object.entries(among) as [CommandKind, number][];
  let at = random.below(kinds.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [kind, weight] of kinds) {
    at -= weight;
    if (at < 0) return kind;
  }
  return "wait";
}

/** Most waits are shorter than a round trip, so that things overlap; some are long. */
const waits = [0, 1, 2, 5, 10, 20, 40, 150, 600] as const;

/** What the seed means in worlds of this kind. */
export function planSeed(seed: number, world: WorldKind, writesMeanwhile: boolean): StoryPlan {
  const salt = worldKinds.indexOf(world) * 1_000_003;
  const story = planStory(createRandom(seed * 7919 + 1 + salt), world);
  return { ...story, writesMeanwhile: writesMeanwhile ? "always" : "never" };
}

function planStory(random: Random, world: WorldKind): Omit<StoryPlan, "writesMeanwhile"> {
  const machines = 2 + (random.chance(0.3) ? 1 : 0) + (random.chance(0.1) ? 1 : 0);
  const any = () => random.below(1_000_000);
  const commands: Command[] = world === "many" ? beginWithMany(any) : [];
  const length = commands.length + 10 + random.below(world === "many" ? 8 : 26);
  for (let index = commands.length; index < length; index += 1) {
    const kind = pickKind(random, weightsIn[world]);
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
    traits: traitsIn(world, random),
  };
}

function traitsIn(world: WorldKind, random: Random): Traits {
  switch (world) {
    case "plain":
    case "forgetful":
      return plainTraits;
    case "wide":
      return { ...plainTraits, encrypted: random.chance(0.4), formerSchema: random.chance(0.4) };
    case "many":
      return { ...plainTraits, maxInstructions: 2_500 };
  }
}

/** The first machine has a folder of notes that the server never saw when it is reset. */
function beginWithMany(any: () => number): Command[] {
  const add = (kind: CommandKind, waitMs: number): Command => ({
    kind,
    machine: 0,
    a: any(),
    b: any(),
    c: any(),
    waitMs,
  });
  return [
    add("offline", 20),
    add("import-folder", 20),
    add("terminate", 20),
    add("online", 600),
    add("attend", 20),
  ];
}
