import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
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
  textOf,
  untilTexts,
  type World,
} from "./world";

const run = promisify(execFile);

type Prepared = {
  readonly world: World;
  readonly client: HeadlessClient;
  readonly kept: NoteId;
};

/** One synced note from before the backup, one from after it, and one edit that was never uploaded. */
async function restoredWhileAway(): Promise<Prepared> {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  const kept = await addSynced(client, "# Kept\n");
  const backup = await world.backUp();
  await addSynced(client, "# After the backup\n");
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, kept, "# Kept\nnever uploaded\n");
  await client.close();
  await world.restore(backup);
  return { world, client, kept };
}

/** Realm has stored its order, and nothing of ours knows: killed in the moment between the two. */
async function killedAtTheError({ world, client }: Prepared): Promise<void> {
  client.start();
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await client.kill();
  const { resetRecord, backups } = world.pathsOf(client);
  await rm(resetRecord);
  await rm(backups, { recursive: true });
}

async function expectRecovered({ world, client, kept }: Prepared): Promise<void> {
  await untilRecovered(client);
  await untilTexts(client, ["# Kept\nnever uploaded\n", "# After the backup\n"]);
  await untilSynced(client);
  const report = await lastReport(client);
  expect(report.items.map(({ title }) => title).sort()).toEqual(["After the backup", "Kept"]);
  expect(await backupNames(world, client)).toContain(report.backupName);
  const fresh = await world.openClient("fresh");
  await untilTexts(fresh, ["# Kept\nnever uploaded\n", "# After the backup\n"]);
  expect(await textOf(fresh, kept)).toBe("# Kept\nnever uploaded\n");
}

describe("a reset that nobody was told of", () => {
  it("is met at the next connection when the server was restored while the app was closed", async () => {
    const story = await restoredWhileAway();
    story.client.start();
    await acceptRestart(story.client);
    await expectRecovered(story);
  });

  it("is found by Realm's stored order when the process was killed at the error", async () => {
    const story = await restoredWhileAway();
    await killedAtTheError(story);
    story.client.start();
    await expectRecovered(story);
    expect(await story.world.logOf(story.client)).toContain("a reset was found that nobody had told of");
    expect((await lastReport(story.client)).cause).toBe("found-at-start");
  });

  it("is found by the missing file when Realm had carried the order out already", async () => {
    const story = await restoredWhileAway();
    await killedAtTheError(story);
    // Another process of the same data folder that got no further than opening Realm's App.
    const realm = createRequire(import.meta.url).resolve("realm");
    const script = `const Realm = require(${JSON.stringify(realm)});
      new Realm.App({ id: "perennial", baseUrl: "http://127.0.0.1:9" });
      process.exit(0);`;
    const { dataDir, recoveredRealms } = story.world.pathsOf(story.client);
    await run(process.execPath, ["-e", script], { cwd: dataDir });
    expect(existsSync(recoveredRealms)).toBe(true);
    story.client.start();
    await expectRecovered(story);
  });

  it("keeps what was typed after the prompt was put off, through kill -9 and the next start", async () => {
    const story = await restoredWhileAway();
    const { client, world } = story;
    client.start();
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await client.ask("reset:later", undefined);
    await addNote(client, "# Typed while paused\n");
    await client.kill();
    client.start();
    await untilRecovered(client);
    await untilSynced(client);
    const all = ["# Kept\nnever uploaded\n", "# After the backup\n", "# Typed while paused\n"];
    await untilTexts(client, all);
    await untilTexts(await world.openClient("fresh"), all);
  });
});
