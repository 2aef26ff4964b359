import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import {
  acceptRestart,
  addNote,
  addSynced,
  backupNames,
  lastReport,
  openWorld,
  rewrite,
  untilTexts,
  type World,
} from "./world";

const wanted = ["# Kept\nnever uploaded\n", "# After the backup\n", "# Only here\n"];

type Prepared = {
  readonly world: World;
  readonly client: HeadlessClient;
  readonly backup: string;
  readonly kept: NoteId;
};

/** At the prompt, with work of three kinds at stake: lost by the server, edited here, created here. */
async function atThePrompt(): Promise<Prepared> {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  const kept = await addSynced(client, "# Kept\n");
  const backup = await world.backUp();
  await addSynced(client, "# After the backup\n");
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, kept, "# Kept\nnever uploaded\n");
  await addNote(client, "# Only here\n");
  await client.ask("sync:work-offline", { offline: false });
  await world.restore(backup);
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  return { world, client, backup, kept };
}

async function expectAllThere({ world, client }: Prepared): Promise<void> {
  await untilRecovered(client);
  await untilTexts(client, wanted);
  await untilSynced(client);
  const fresh = await world.openClient("fresh");
  await untilTexts(fresh, wanted);
}

describe("a second reset while the first is recovered from", () => {
  it.each(["downloading", "applying", "uploading"] as const)(
    "ends with the same tree from the first copy when the server is restored again in '%s'",
    async (state) => {
      const story = await atThePrompt();
      const { world, client, backup } = story;
      await client.close();
      // Killed in the state, so that the restore meets a recovery that is exactly there.
      await client.dieAt(state);
      await world.restore(backup);
      client.start();
      await expectAllThere(story);
      const report = await lastReport(client);
      expect(await backupNames(world, client)).toContain(report.backupName);
      expect(report.items.map(({ title }) => title).sort()).toEqual([
        "After the backup",
        "Kept",
        "Only here",
      ]);
    },
  );

  it("is found when Realm stored the second order and the process died before we heard of it", async () => {
    const story = await atThePrompt();
    const { world, client, backup } = story;
    await client.close();
    await client.dieAt("uploading");
    const { resetRecord } = world.pathsOf(client);
    const record = await readFile(resetRecord);
    await world.restore(backup);
    // The next process hears of the second reset and dies there; then its record is taken away again.
    await client.dieAt("restarting");
    await writeFile(resetRecord, record);
    client.start();
    await expectAllThere(story);
    expect(await world.logOf(client)).toContain("a second reset was found that nobody had told of");
  });

  it("stops after three, with everything readable and nothing changed, and goes on when asked to", async () => {
    const story = await atThePrompt();
    const { world, client, backup } = story;
    await client.close();
    for (let round = 1; round <= 3; round += 1) {
      await client.dieAt("uploading");
      await world.restore(backup);
    }
    client.start();
    await client.until("the stop", ({ reset, readOnly }) => reset.kind === "stopped" && readOnly);
    await untilTexts(client, wanted);
    const { rows } = await client.ask("notes:all", undefined);
    const target = { parentId: rows[0]?.id as NoteId, afterId: null };
    await expect(client.ask("notes:create", { target, text: "# No\n" })).rejects.toThrow(/only be read/);
    await client.ask("reset:try-again", undefined);
    await expectAllThere(story);
  });

  it("happens in one run of the app as well, without a kill", async () => {
    const story = await atThePrompt();
    const { world, client, backup } = story;
    await world.stopServer();
    await acceptRestart(client);
    await client.until("the download", (_state, resetState) => resetState === "downloading");
    await world.startServer();
    await world.restore(backup);
    await expectAllThere(story);
  });
});
