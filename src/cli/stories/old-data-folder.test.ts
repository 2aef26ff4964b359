import { cp, lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { acceptRestart, addNote, addSynced, openWorld, rewrite, untilTexts, type World } from "./world";

/** Realm makes its named pipes anew. */
const copyFolder = (from: string, to: string) =>
  cp(from, to, { recursive: true, filter: async (path) => !(await lstat(path)).isFIFO() });

type Prepared = { readonly world: World; readonly laptop: HeadlessClient; readonly bed: NoteId };

/** The laptop has synced more than the folder has that is put in its place. */
async function withTheFolderOfBefore(): Promise<Prepared> {
  const world = await openWorld();
  const laptop = await world.openClient("laptop");
  const bed = await addSynced(laptop, "# Bed\n\nsown\n");
  await laptop.close();
  const place = join(world.folder, "laptop");
  const aside = join(world.folder, "laptop-of-before");
  await copyFolder(place, aside);
  laptop.start();
  await untilSynced(laptop);
  await addSynced(laptop, "# After the copy\n");
  await rewrite(laptop, bed, "# Bed\n\nsown\nwatered\n");
  await untilSynced(laptop);
  await laptop.close();
  await rm(place, { recursive: true });
  await copyFolder(aside, place);
  return { world, laptop, bed };
}

async function expectAllThere({ world, laptop }: Prepared, wanted: readonly string[]): Promise<void> {
  await untilRecovered(laptop);
  await untilTexts(laptop, wanted);
  await untilSynced(laptop);
  await untilTexts(await world.openClient("phone"), wanted);
}

describe("a data folder that was put back from a backup", () => {
  it("is recovered with what the server got from it later, though nothing was written since", async () => {
    const story = await withTheFolderOfBefore();
    story.laptop.start();
    await acceptRestart(story.laptop);
    await expectAllThere(story, ["# Bed\n\nsown\nwatered\n", "# After the copy\n"]);
  });

  it("loses nothing of what is written in it before it meets the server again", async () => {
    const story = await withTheFolderOfBefore();
    const { world, laptop, bed } = story;
    await world.stopServer();
    laptop.start();
    await laptop.until("the notes", ({ readOnly }) => !readOnly);
    // As many changes as the server got from the other life of this file, and more.
    for (let number = 0; number < 12; number += 1)
      await addNote(laptop, `# Written in the old folder ${number}\n`);
    await rewrite(laptop, bed, "# Bed\n\nmulched\nsown\n");
    await world.startServer();
    await acceptRestart(laptop);
    await expectAllThere(story, [
      "# Bed\n\nmulched\nsown\nwatered\n",
      "# After the copy\n",
      ...Array.from({ length: 12 }, (_, number) => `# Written in the old folder ${number}\n`),
    ]);
    expect(await world.logOf(laptop)).toContain("older than it was when it last synced");
  });
});
