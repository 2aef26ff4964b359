// Rings of notes, each hanging under the next and the last under the first, as they come about: two devices that do
// not hear of each other each put a branch under one of the other's branch, and sync has no rule against it.

import type { HeadlessClient } from "../../src/cli/scenario/headless-client";
import type { NoteId } from "../../src/shared/note";
import { chainsOf, linkId, plantId } from "./garden";

/** One device puts `branch` under `under`, the other one `otherBranch` under `otherUnder`: each within the other's. */
export type Ring = {
  readonly branch: NoteId;
  readonly under: NoteId;
  readonly otherBranch: NoteId;
  readonly otherUnder: NoteId;
};

const ringsOfTwo = 6;

/**
 * The rings of a garden of the shape `cycle`, in two halves of the same make: one of two chains each, from a third of
 * their length to the end, and several of two plants.
 */
export function ringsOf(notes: number): { readonly early: readonly Ring[]; readonly late: readonly Ring[] } {
  const { length } = chainsOf(notes);
  const ofChains = (one: number, other: number): Ring => ({
    branch: linkId(one, Math.floor(length / 3)),
    under: linkId(other, length - 1),
    otherBranch: linkId(other, Math.floor(length / 3)),
    otherUnder: linkId(one, length - 1),
  });
  const ofPlants = (one: number, other: number): Ring => ({
    branch: plantId(one),
    under: plantId(other),
    otherBranch: plantId(other),
    otherUnder: plantId(one),
  });
  const pairs = Array.from({ length: 2 * ringsOfTwo }, (_, pair) => ofPlants(2 * pair, 2 * pair + 1));
  return {
    early: [ofChains(0, 1), ...pairs.slice(0, ringsOfTwo)],
    late: [ofChains(2, 3), ...pairs.slice(ringsOfTwo)],
  };
}

export async function moveOneSide(client: HeadlessClient, rings: readonly Ring[]): Promise<void> {
  for (const { branch, under } of rings) await move(client, branch, under);
}

export async function moveOtherSide(client: HeadlessClient, rings: readonly Ring[]): Promise<void> {
  for (const { otherBranch, otherUnder } of rings) await move(client, otherBranch, otherUnder);
}

async function move(client: HeadlessClient, id: NoteId, parentId: NoteId): Promise<void> {
  await client.ask("notes:move", { id, target: { parentId, afterId: null } });
}

/** Both devices hear of each other again and come to the same: rings that are closed. */
export async function untilClosed(client: HeadlessClient, rings: readonly Ring[]): Promise<void> {
  const deadline = Date.now() + 300_000;
  for (;;) {
    const { rows } = await client.ask("notes:all", undefined);
    const parents = new Map(rows.map(({ id, parentId }) => [id, parentId]));
    const isClosed = ({ branch, under, otherBranch, otherUnder }: Ring) =>
      parents.get(branch) === under && parents.get(otherBranch) === otherUnder;
    if (rings.every(isClosed)) return;
    if (Date.now() > deadline) throw new Error(`${client.name} never had all the rings`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
