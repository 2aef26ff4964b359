// O5: the last recovery of a story, carried out once more from the same record, writes nothing. Asked only where
// nothing happened since it ended, because a recovery that is done again after somebody went on has work to do.

import { isDeepStrictEqual } from "node:util";
import type { ResetState } from "../../shared/reset-machine";
import { placeFile } from "./disk";
import { userId } from "./fakes/realm-app";
import { noteOf } from "./fakes/realm-file";
import type { Player } from "./player";
import { type Story, settle } from "./story";

/** A recovery that has ended, with the state of its record before it was planned. */
export type EndedRecovery = {
  readonly player: Player;
  readonly planning: Extract<ResetState, { kind: "planning" }>;
  /** What the server had integrated when it ended. */
  readonly integration: number;
  /** What the machine knew of notes' states when it was planned; what a recovery came to is settled at its end. */
  readonly seen: Buffer;
};

export function recoverAgain(story: Story): void {
  const { ended, world, violations, counts } = story;
  if (ended === null || ended.integration !== world.server.integration()) return;
  const { player, planning, seen } = ended;
  const { facts, copy } = planning;
  const before = notesOf(story);
  const found = violations.length;
  for (const { dieAfter } of story.players) dieAfter(Number.POSITIVE_INFINITY);
  player.restart(() => {
    const record: ResetState = { kind: "downloading", facts, copy };
    placeFile(player.machine.disk, seenFile(player), seen);
    placeFile(player.machine.disk, player.paths.resetRecord, Buffer.from(`${JSON.stringify(record)}\n`));
  });
  const isQuiet = settle(story);
  // What its report says the second time is not judged: it has nothing to tell.
  if (isQuiet) violations.length = found;
  counts.again += 1;
  const after = notesOf(story);
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    if (isDeepStrictEqual(before.get(id), after.get(id))) continue;
    const [was, is] = [before, after].map((notes) => JSON.stringify(notes.get(id) ?? null));
    violations.push({
      oracle: "O5",
      what: `the ${player.machine.name} did again what was done: ${was} is ${is}`,
    });
    return;
  }
  if (world.server.integration() !== ended.integration) {
    violations.push({ oracle: "O5", what: `the ${player.machine.name} wrote again what was there` });
  }
}

/** Null where the machine has seen nothing yet. */
export function seenBy(player: Player): Buffer | null {
  const node = player.machine.disk.nodes.get(seenFile(player));
  return node?.kind === "file" ? Buffer.from(node.bytes) : null;
}

function seenFile({ paths }: Player): string {
  return `${paths.seen}/${userId}.log`;
}

function notesOf({ world }: Story) {
  return new Map([...world.server.objects()].map(([id, object]) => [id, noteOf(object)]));
}
