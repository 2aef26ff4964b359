import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addSynced, openWorld, untilTexts } from "./world";

it("of a folder is made once, however often it is asked for at once, and again when it is over", async () => {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  await addSynced(client, "# Kept\n");
  const folder = join(world.folder, "folder");
  await mkdir(folder);
  await writeFile(join(folder, "One.md"), "# One\n");
  const ask = (from: string | null) => client.ask("notes:import-folder", { folder: from });
  const asked = await Promise.allSettled([ask(folder), ask(folder), ask(null)]);
  expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  expect(String((asked[1] as PromiseRejectedResult).reason)).toMatch(/An import is running already/);
  const once = ["# Kept\n", "# One\n", "# folder\n"];
  await untilTexts(client, once);
  // Nobody chooses a folder here, and a folder that is not there ends in words: neither keeps the next one waiting.
  expect(await ask(null)).toEqual({ notes: 0, skipped: [] });
  await expect(ask(join(folder, "nowhere"))).rejects.toThrow(/could not be imported/);
  expect(await ask(folder)).toEqual({ notes: 2, skipped: [] });
  await untilTexts(client, [...once, "# One\n", "# folder\n"]);
});
