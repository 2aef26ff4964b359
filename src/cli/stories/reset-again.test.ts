import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  untilNotes,
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
  it.each(["securing", "resetting", "downloading", "planning", "applying", "checking", "uploading"] as const)(
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

  it("brings back what only the server had between the two, from the file that the first attempt had downloaded", async () => {
    const story = await atThePrompt();
    const { world, client, backup } = story;
    const phone = await world.openClient("phone");
    await addSynced(phone, "# Of the phone\n");
    await phone.close();
    await client.close();
    await client.dieAt("planning");
    await world.restore(backup);
    client.start();
    await untilRecovered(client);
    await untilTexts(client, [...wanted, "# Of the phone\n"]);
    await untilSynced(client);
    const { items } = await lastReport(client);
    expect(items.map(({ title }) => title)).toContain("Of the phone");
  });

  it("is found when Realm stored the second order and the process died before we heard of it", async () => {
    const story = await atThePrompt();
    const { world, client, backup } = story;
    await client.close();
    await client.dieAt("uploading");
    const { resetRecord, resetCount } = world.pathsOf(client);
    const record = await readFile(resetRecord);
    const count = await readFile(resetCount);
    await world.restore(backup);
    // The next process hears of the second reset and dies there; then its record is taken away again.
    await client.dieAt("restarting");
    await writeFile(resetRecord, record);
    await writeFile(resetCount, count);
    client.start();
    await expectAllThere(story);
    expect(await world.logOf(client)).toContain("a second reset was found that nobody had told of");
  });

  it("stops at the third of a day, across restarts, with everything readable, and goes on when asked to", async () => {
    const story = await atThePrompt();
    const { world, client, backup } = story;
    await client.close();
    for (let round = 1; round <= 2; round += 1) {
      await client.dieAt("uploading");
      await world.restore(backup);
    }
    client.start();
    const untilStopped = () =>
      client.until(
        "the stop",
        ({ reset, readOnly }) => reset.kind === "stopped" && reset.why === "too-many-resets" && readOnly,
      );
    const { reset: stopped } = await untilStopped();
    expect(stopped).toMatchObject({ message: expect.stringContaining("three times in a day") });
    await client.kill();
    await world.stopServer();
    client.start();
    await untilStopped();
    await untilNotes(client, "the notes of the copy", (notes) => notes.length === wanted.length + 1);
    await untilTexts(client, wanted);
    const folder = join(world.folder, "export");
    expect(await client.ask("notes:export", { folder })).toBe(wanted.length);
    const { rows } = await client.ask("notes:all", undefined);
    const target = { parentId: rows[0]?.id as NoteId, afterId: null };
    await expect(client.ask("notes:create", { target, text: "# No\n" })).rejects.toThrow(/only be read/);
    await world.startServer();
    await client.ask("reset:try-again", undefined);
    await expectAllThere(story);
  });

  it("is not followed for ever by recoveries that end well: the third reset of a day waits for a word", async () => {
    const story = await atThePrompt();
    const { world, client, backup } = story;
    await acceptRestart(client);
    await untilRecovered(client);
    await untilSynced(client);
    await world.restore(backup);
    await acceptRestart(client);
    await untilRecovered(client);
    await untilSynced(client);
    const last = await addNote(client, "# Before the third\n");
    await world.restore(backup);
    await client.until("the stop", ({ reset, readOnly }) => reset.kind === "stopped" && readOnly);
    await untilTexts(client, [...wanted, "# Before the third\n"]);
    // Realm has its order; it must not be carried out while nobody has said so.
    await client.kill();
    client.start();
    await client.until("the stop again", ({ reset, readOnly }) => reset.kind === "stopped" && readOnly);
    const { originalPath } = JSON.parse(await readFile(world.pathsOf(client).resetRecord, "utf8")).facts;
    expect(existsSync(originalPath)).toBe(true);
    await untilTexts(client, [...wanted, "# Before the third\n"]);
    await client.ask("reset:try-again", undefined);
    await untilRecovered(client);
    await untilTexts(client, [...wanted, "# Before the third\n"]);
    expect((await client.notes()).has(last)).toBe(true);
    await untilSynced(client);
  });

  it("happens in one run of the app as well, without a kill", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    await world.stopServer();
    await acceptRestart(client);
    await client.until(
      "the notes of the copy",
      ({ reset, readOnly }) => reset.kind === "recovering" && !readOnly,
    );
    await addNote(client, "# Written meanwhile\n");
    const restarts = client.restarts();
    await client.simulateError({
      code: 211,
      message: "simulated",
      category: "realm::sync::ProtocolError",
      isFatal: true,
    });
    await client.until("the notes again", ({ reset, readOnly }) => reset.kind === "recovering" && !readOnly);
    expect(client.restarts()).toBe(restarts + 1);
    await world.startServer();
    await untilRecovered(client);
    await untilTexts(client, [...wanted, "# Written meanwhile\n"]);
    await untilSynced(client);
  });
});
