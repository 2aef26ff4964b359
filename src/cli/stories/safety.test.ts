import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
  untilTexts,
  type World,
} from "./world";

describe("a server that returns an empty tree", () => {
  it("is shown before anything is written, and everything is put back on a word", async () => {
    const world = await openWorld();
    const empty = await world.backUp();
    const client = await world.openClient("laptop");
    const all: string[] = [];
    for (let note = 0; note < 25; note += 1) {
      all.push(`# Note ${note}\n`);
      await addNote(client, `# Note ${note}\n`);
    }
    await untilSynced(client);
    await world.restore(empty);
    await acceptRestart(client);
    const { reset } = await client.until("the review", (state) => state.reset.kind === "review");
    expect(reset).toMatchObject({ preview: { notesOnServer: 0, notesHere: 26, toCreate: 26, toTrash: 0 } });
    const version = await world.serverVersion();
    await client.ask("reset:read-only", undefined);
    await untilTexts(client, all);
    await expect(addNote(client, "# No\n")).rejects.toThrow(/only be read/);
    expect(await world.serverVersion()).toBe(version);
    // Whoever leaves at the question is asked again.
    await client.kill();
    client.start();
    await client.until("the review again", (state) => state.reset.kind === "review");
    expect(await world.serverVersion()).toBe(version);
    await client.ask("reset:read-only", undefined);
    await client.ask("reset:accept-plan", undefined);
    await untilRecovered(client);
    await untilTexts(client, all);
    await untilSynced(client);
    await untilTexts(await world.openClient("fresh"), all);
  });
});

describe("a safety copy that cannot be made", () => {
  async function restored(): Promise<{ world: World; client: HeadlessClient; id: NoteId }> {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    const backup = await world.backUp();
    await addSynced(client, "# After the backup\n");
    await client.close();
    await world.restore(backup);
    // Not a folder, so that even a user who may do everything cannot write into it.
    await writeFile(world.pathsOf(client).backups, "");
    return { world, client, id };
  }

  it("leaves everything as it is while the app runs, and is made once the cause is gone", async () => {
    const { world, client, id } = await restored();
    client.start();
    const { reset } = await client.until("the failure", (state) => state.reset.kind === "copy-failed");
    expect(reset).toMatchObject({ message: expect.stringContaining("could not be written") });
    await rewrite(client, id, "# Kept\ntyped meanwhile\n");
    await client.ask("reset:try-again", undefined);
    await client.until("the next failure", (state) => state.reset.kind === "copy-failed");
    await rm(world.pathsOf(client).backups);
    await client.ask("reset:try-again", undefined);
    await acceptRestart(client);
    await untilRecovered(client);
    await untilTexts(client, ["# Kept\ntyped meanwhile\n", "# After the backup\n"]);
  });

  it("keeps Realm from acting at the start, with the notes to be read, and is made once the cause is gone", async () => {
    const { world, client, id } = await restored();
    client.start();
    await client.until("the failure", (state) => state.reset.kind === "copy-failed");
    await rewrite(client, id, "# Kept\ntyped meanwhile\n");
    await client.kill();
    client.start();
    await client.until(
      "the failure at the start",
      (state) => state.reset.kind === "copy-failed" && state.readOnly,
    );
    await untilTexts(client, ["# Kept\ntyped meanwhile\n", "# After the backup\n"]);
    expect(await readdir(world.pathsOf(client).recoveredRealms)).toEqual([]);
    await client.ask("reset:try-again", undefined);
    await client.until("the next failure", (state) => state.reset.kind === "copy-failed");
    expect(await readdir(world.pathsOf(client).recoveredRealms)).toEqual([]);
    await rm(world.pathsOf(client).backups);
    await client.ask("reset:try-again", undefined);
    await untilRecovered(client);
    await untilTexts(client, ["# Kept\ntyped meanwhile\n", "# After the backup\n"]);
  });
});

describe("a record of the reset that cannot be written", () => {
  it("keeps the restart from being offered, and Realm from acting, until it can", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    const backup = await world.backUp();
    await addSynced(client, "# After the backup\n");
    const inTheWay = `${world.pathsOf(client).resetRecord}.new`;
    await mkdir(inTheWay);
    await world.restore(backup);
    const { reset } = await client.until("the failure", (state) => state.reset.kind === "copy-failed");
    expect(reset).toMatchObject({ message: expect.stringContaining("could not be written") });
    await rewrite(client, id, "# Kept\ntyped meanwhile\n");
    // At the next start Realm's stored order is found, cannot be recorded, and so is not carried out.
    await client.kill();
    client.start();
    await client.until("the problem", ({ sync }) => sync.kind === "problem");
    expect(await readdir(world.pathsOf(client).recoveredRealms)).toEqual([]);
    await client.kill();
    await rm(inTheWay, { recursive: true });
    client.start();
    await untilRecovered(client);
    await untilTexts(client, ["# Kept\ntyped meanwhile\n", "# After the backup\n"]);
  });
});

describe("a reset with nothing to recover", () => {
  it("is one line, asks nothing and writes nothing", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const parent = await addSynced(client, "# Parent\n");
    await addSynced(client, "# Child\n", parent);
    const trashed = await addSynced(client, "# Trashed\n");
    await client.ask("notes:trash", { id: trashed });
    await untilSynced(client);
    const before = await client.notes();
    await world.terminateAndEnable();
    await acceptRestart(client);
    await untilRecovered(client);
    await untilSynced(client);
    const { reset } = await client.ask("app:state", undefined);
    expect(reset).toMatchObject({ kind: "finished", needsHelp: 0, changesRestored: 0 });
    const report = await lastReport(client);
    expect(report).toMatchObject({ items: [], failed: [] });
    expect(await backupNames(world, client)).toContain(report.backupName);
    // And so it stays: an ordinary start writes nothing either.
    await client.kill();
    client.start();
    await untilSynced(client);
    const { journals } = world.pathsOf(client);
    const entries = await Promise.all(
      (await readdir(journals)).map(
        async (name) => (await readFile(join(journals, name), "utf8")).split("\n").length,
      ),
    );
    // Of the two journals the new file's has its header and no change. Every write would have stamped its note.
    expect(Math.min(...entries)).toBe(2);
    expect(await (await world.openClient("fresh")).notes()).toEqual(before);
    expect(JSON.parse(await readFile(world.pathsOf(client).resetRecord, "utf8"))).toEqual({ kind: "idle" });
  });
});
