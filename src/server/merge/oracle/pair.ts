/** Random pairs of changeset sequences that two writers made on one base without knowing of each other. */
import type { Instruction } from "../../changeset";
import type { MergeChangeset } from "../transform";
import { classes } from "./catalogue";
import { Random } from "./random";
import { type Habits, Writer } from "./writer";

export type Pair = { readonly ours: readonly MergeChangeset[]; readonly theirs: readonly MergeChangeset[] };

/** The pair that belongs to this seed; always the same. */
export function pairOf(seed: number): Pair {
  const random = new Random(seed);
  const habits: Habits = {
    breadth: random.pick([0.15, 0.3, 0.9]),
    theme: random.pick(["anything", "lists", "embedded"] as const),
    definesSchema: random.pick([0.01, 0.05, 0.3]),
    erasesSchema: random.chance(0.12),
    contrariness: random.chance(0.1) ? 0.3 : 0,
  };
  const baseSeed = random.uint32();
  const baseChanges = random.below(60);
  const longest = random.pick([2, 6, 20]);
  const isGarbled = random.chance(0.1);
  const side = (): MergeChangeset[] => {
    const writer = new Writer(habits);
    // Both sides start from the same realm, because the same numbers lead to it.
    writer.populate(new Random(baseSeed), baseChanges);
    const changesets = sequence(new Random(random.uint32()), writer, longest);
    return isGarbled ? changesets.map((changeset) => garble(random, changeset)) : changesets;
  };
  return { ours: side(), theirs: side() };
}

/** What no sound client sends: list positions and sizes that are off by one or absurd, definitions out of the blue. */
function garble(random: Random, changeset: MergeChangeset): MergeChangeset {
  const off = (count: number) =>
    random.chance(0.9) ? count : random.pick([count + 1, Math.max(0, count - 1), 2 ** 32 - 1]);
  const instructions = changeset.instructions.map((instruction): Instruction => {
    if (!("path" in instruction)) return instruction;
    const path = instruction.path.map((element) => (typeof element === "number" ? off(element) : element));
    const moved =
      instruction.kind === "ArrayMove" ? { ...instruction, to: off(instruction.to) } : instruction;
    return "priorSize" in moved && moved.priorSize !== undefined
      ? { ...moved, path, priorSize: off(moved.priorSize) }
      : { ...moved, path };
  });
  if (random.chance(0.1))
    instructions.splice(random.below(instructions.length + 1), 0, strayDefinition(random));
  return { ...changeset, instructions };
}

function strayDefinition(random: Random): Instruction {
  const [table, { spec, columns }] = random.pick(Object.entries(classes));
  const [field, column] = random.pick(Object.entries(columns));
  return random.pick<Instruction>([
    { kind: "AddTable", table, spec },
    { kind: "EraseTable", table },
    { kind: "AddColumn", table, field, ...column },
    { kind: "EraseColumn", table, field },
  ]);
}

export function instructionsOf(pair: Pair): Instruction[] {
  return [...pair.ours, ...pair.theirs].flatMap((changeset) => changeset.instructions);
}

/** Few different origins, so that ties by timestamp, and by both timestamp and file, are common. */
function sequence(random: Random, writer: Writer, longest: number): MergeChangeset[] {
  const isDownload = random.chance(0.5);
  const author = 2 + random.below(3);
  let version = random.below(3);
  let timestamp = random.below(4);
  return Array.from({ length: 1 + random.below(4) }, () => {
    version += 1 + random.below(2);
    timestamp = random.chance(0.2) ? random.below(6) : timestamp + random.below(2);
    return {
      version,
      lastIntegratedRemoteVersion: random.below(10),
      originTimestampMs: timestamp,
      originFileIdent: isDownload ? 2 + random.below(3) : author,
      instructions: writer.write(random, random.below(longest + 1)),
    };
  });
}
