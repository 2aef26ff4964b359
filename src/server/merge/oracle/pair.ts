/** Random pairs of changeset sequences that two writers made on one base without knowing of each other. */
import type { Instruction } from "../../changeset";
import type { MergeChangeset } from "../transform";
import { classes } from "./catalogue";
import { Random } from "./random";
import { type Habits, Writer } from "./writer";

export type Pair = { readonly ours: readonly MergeChangeset[]; readonly theirs: readonly MergeChangeset[] };

/**
 * The pair that belongs to this seed; always the same. A `sound` one holds only what clients of the JavaScript SDK do
 * to a server that keeps the rules: schemas only grow, list elements are not moved, and the two sides have no
 * author in common. The others stop at nothing that the format can say.
 */
export function pairOf(seed: number, kind: "any" | "sound" = "any"): Pair {
  const random = new Random(seed);
  const isSound = kind === "sound";
  const habits: Habits = {
    breadth: random.pick([0.15, 0.3, 0.9]),
    theme: random.pick(["anything", "lists", "embedded"] as const),
    definesSchema: random.pick([0.01, 0.05, 0.3]),
    movesElements: !isSound,
    erasesSchema: !isSound && random.chance(0.12),
    contrariness: !isSound && random.chance(0.1) ? 0.3 : 0,
  };
  const baseSeed = random.uint32();
  const baseChanges = random.below(60);
  const longest = random.pick([2, 6, 20]);
  const isGarbled = !isSound && random.chance(0.1);
  const side = (authors: readonly number[]): MergeChangeset[] => {
    const writer = new Writer(habits);
    // Both sides start from the same realm, because the same numbers lead to it.
    writer.populate(new Random(baseSeed), baseChanges);
    const changesets = sequence(new Random(random.uint32()), writer, longest, authors);
    return isGarbled ? changesets.map((changeset) => garble(random, changeset)) : changesets;
  };
  if (isSound) return { ours: side([3, 4, 5]), theirs: side([2]) };
  const anyAuthors = () => (random.chance(0.5) ? [2, 3, 4] : [2 + random.below(3)]);
  return { ours: side(anyAuthors()), theirs: side(anyAuthors()) };
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
function sequence(
  random: Random,
  writer: Writer,
  longest: number,
  authors: readonly number[],
): MergeChangeset[] {
  let version = random.below(3);
  let timestamp = random.below(4);
  return Array.from({ length: 1 + random.below(4) }, () => {
    version += 1 + random.below(2);
    timestamp = random.chance(0.2) ? random.below(6) : timestamp + random.below(2);
    return {
      version,
      lastIntegratedRemoteVersion: random.below(10),
      originTimestampMs: timestamp,
      originFileIdent: random.pick(authors),
      instructions: writer.write(random, random.below(longest + 1)),
    };
  });
}
