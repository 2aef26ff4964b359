// The notes of the recovery benchmark and what is done to them offline. The same shape, sizes and seed make the same
// texts and the same edits, whoever plays them.

import { createHash } from "node:crypto";
import type { HeadlessClient } from "../../src/cli/scenario/headless-client";
import { seededChance } from "../../src/cli/scenario/random";
import type { NoteId } from "../../src/shared/note";
import { keyBetween, keysBetween } from "../../src/shared/order-key";

/**
 * `beds`: beds of fifty plants, and beds in beds. `chain`: each note the child of the one before. `cycle`: beds and
 * four chains, between which rings are closed (rings.ts).
 */
export const shapes = ["beds", "chain", "cycle"] as const;
export type Shape = (typeof shapes)[number];

const notesPerFolder = 50;
const foldersPerFolder = 20;

export type GardenNote = {
  readonly id: NoteId;
  readonly parentId: NoteId;
  readonly orderKey: string;
  readonly text: string;
};

/** A tree of `notes` notes under the root, parents before their children. */
export function* gardenNotes(rootId: NoteId, notes: number, shape: Shape): Generator<GardenNote> {
  switch (shape) {
    case "beds":
      return yield* beds(rootId, notes);
    case "chain":
      return yield* chain(rootId, 0, notes);
    case "cycle": {
      const { length } = chainsOf(notes);
      yield* beds(rootId, notes - chainCount * length);
      for (let which = 0; which < chainCount; which += 1) yield* chain(rootId, which, length);
    }
  }
}

const chainCount = 4;

/** Of a garden of the shape `cycle`: how many notes hang in each of its chains. */
export function chainsOf(notes: number): { readonly length: number } {
  return { length: Math.floor(notes / (2 * chainCount)) };
}

export const bedId = (bed: number): NoteId => idOf(`bed ${bed}`);
export const plantId = (plant: number): NoteId => idOf(`plant ${plant}`);
export const linkId = (which: number, link: number): NoteId => idOf(`chain ${which} link ${link}`);

function* beds(rootId: NoteId, notes: number): Generator<GardenNote> {
  const count = Math.ceil(notes / (notesPerFolder + 1));
  const keys = keysBetween(null, null, notesPerFolder + foldersPerFolder + 1);
  for (let bed = 0; bed < count; bed += 1) {
    const above = bed === 0 ? rootId : bedId(Math.floor((bed - 1) / foldersPerFolder));
    const orderKey = keys[notesPerFolder + 1 + ((bed + foldersPerFolder - 1) % foldersPerFolder)] ?? "";
    yield { id: bedId(bed), parentId: above, orderKey, text: `# bed ${bed}\n` };
  }
  for (let plant = 0; plant < notes - count; plant += 1) {
    const orderKey = keys[Math.floor(plant / count)] ?? "";
    yield { id: plantId(plant), parentId: bedId(plant % count), orderKey, text: textOf("Plant", plant) };
  }
}

function* chain(rootId: NoteId, which: number, length: number): Generator<GardenNote> {
  const orderKey = keyBetween(null, null);
  for (let link = 0; link < length; link += 1) {
    const parentId = link === 0 ? rootId : linkId(which, link - 1);
    yield { id: linkId(which, link), parentId, orderKey, text: textOf("Link", link) };
  }
}

function idOf(name: string): NoteId {
  const hex = createHash("sha1").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}` as NoteId;
}

function textOf(what: string, number: number): string {
  const lines = Array.from(
    { length: 6 },
    (_, line) => `Line ${line} of it: what grows here is number ${number * 7 + line}.`,
  );
  return `# ${what} ${number}\n\n${lines.join("\n")}\n`;
}

export type OfflineEdits = { readonly changed: number; readonly tokens: readonly string[] };

/** So many edits are asked for at once. */
const editsAtOnce = 50;

/**
 * Changes `edits` notes: most get a line, some are moved, some are new. `moves`: whichever note chance picks, or only
 * those that are new, so that chains stay as long as they are.
 */
export async function editOffline(
  client: HeadlessClient,
  edits: number,
  seed: number,
  moves: "all" | "new" = "all",
): Promise<OfflineEdits> {
  const chance = seededChance(seed);
  const { rows, rootId } = await client.ask("notes:all", undefined);
  const ids = rows
    .filter(({ id }) => id !== rootId)
    .map(({ id }) => id)
    .sort();
  const tokens: string[] = [];
  const picked = new Set<NoteId>();
  const created: NoteId[] = [];
  const create = async (parentId: NoteId, text: string): Promise<void> => {
    created.push(await client.ask("notes:create", { target: { parentId, afterId: null }, text }));
  };
  let waiting: Promise<unknown>[] = [];
  for (let done = 0; done < edits; done += 1) {
    const id = chance.pick(ids);
    const share = chance.next();
    const token = `token-${seed}-${done}`;
    if (share < 0.85 && !picked.has(id)) {
      picked.add(id);
      waiting.push(addLine(client, id, token, chance.next()));
      tokens.push(token);
    } else if (share < 0.95 || (moves === "new" && created.length === 0)) {
      waiting.push(create(chance.pick(ids), `# ${token}\n`));
      tokens.push(token);
    } else {
      const parentId = chance.pick(ids);
      const movedId = moves === "all" ? id : chance.pick(created);
      // A move into itself is refused, as it should be.
      const moved = client.ask("notes:move", { id: movedId, target: { parentId, afterId: null } });
      waiting.push(moved.catch(() => undefined));
    }
    if (waiting.length < editsAtOnce && done < edits - 1) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  return { changed: edits, tokens };
}

/** As a person who opens the note and types. `where`: 0 right after the title, towards 1 at the end. */
export async function addLine(
  client: HeadlessClient,
  id: NoteId,
  line: string,
  where: number,
): Promise<void> {
  const { text } = await client.ask("notes:read", { id });
  const lines = text.split("\n");
  lines.splice(1 + Math.floor(where * (lines.length - 1)), 0, line);
  await client.ask("notes:edit", { id, text: lines.join("\n"), base: text });
}
