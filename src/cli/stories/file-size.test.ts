import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilSynced } from "../scenario/waits";
import { addNote, openWorld, type World } from "./world";

const noteCount = 200;
const editCount = 1_500;
/** Garbage is collected by nobody but Perennial itself, as in the first minutes of a process with little to do. */
const roomy = ["--initial-heap-size=2000", "--min-semi-space-size=256", "--max-semi-space-size=256"];
/** It has 1 MB; with the first version held it has 310 MB at the end. */
const mostBytes = 6_000_000;

async function sizeOfNotes(world: World, client: HeadlessClient): Promise<number> {
  const { dataDir } = world.pathsOf(client);
  const found = (await readdir(dataDir, { recursive: true })).find((path) =>
    path.endsWith("flx_sync_default.realm"),
  );
  if (found === undefined) throw new Error(`${dataDir} holds no notes`);
  return (await stat(join(dataDir, found))).size;
}

describe("the file of the notes", () => {
  it("stays small, however often notes are written: no old version of it is held", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop", "gardener", { nodeArguments: roomy });
    const written: { id: NoteId; text: string }[] = [];
    for (let number = 0; number < noteCount; number += 1) {
      const text = `# ${number}\n${"words ".repeat(200)}\n`;
      written.push({ id: await addNote(client, text), text });
    }
    await untilSynced(client);
    for (let edit = 0; edit < editCount; edit += 1) {
      const note = written[edit % noteCount] as { id: NoteId; text: string };
      const text = `${note.text}line ${edit}\n`;
      await client.ask("notes:edit", { id: note.id, text, base: note.text });
      note.text = text;
    }
    await untilSynced(client);
    expect(await sizeOfNotes(world, client)).toBeLessThan(mostBytes);
  }, 180_000);
});
