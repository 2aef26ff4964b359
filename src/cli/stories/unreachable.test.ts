import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AppState } from "../../shared/ipc-contract";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import {
  addNote,
  addSynced,
  credentials,
  lastReport,
  openWorld,
  rewrite,
  untilTexts,
  type World,
} from "./world";

/** What the window shows as waiting for the server; nothing where it shows no number. */
function pendingOf({ sync }: AppState): number {
  return "pending" in sync ? sync.pending : 0;
}

async function idOf(client: HeadlessClient, text: string): Promise<string> {
  const note = [...(await client.notes()).values()].find((each) => each.text === text);
  if (note === undefined) throw new Error(`${client.name} has no note ${text}`);
  return note.id;
}

/** Every line of the client's journals: each change that it made. */
async function journalEntries(world: World, client: HeadlessClient): Promise<string[]> {
  const { journals } = world.pathsOf(client);
  const files = (await readdir(journals)).sort();
  return Promise.all(files.map((file) => readFile(join(journals, file), "utf8")));
}

describe("a server that cannot be reached", () => {
  it("leaves the notes usable from the start, and has everything ten seconds after it is back", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    await client.close();
    await world.stopServer();
    client.start();
    await untilWritable(client);
    await client.until("the word 'offline'", ({ sync }) => sync.kind === "offline");
    await rewrite(client, id, "# Kept\noffline\n");
    await addNote(client, "# New\n");
    await client.until("two notes to sync", (state) => pendingOf(state) === 2);
    // The client has been refused for a while: by itself it would wait longer and longer.
    await client.kill();
    client.start();
    await client.until("two notes to sync, still", (state) => pendingOf(state) === 2);
    await world.startServer();
    await untilSynced(client, 10_000);
    await untilTexts(await world.openClient("fresh"), ["# Kept\noffline\n", "# New\n"]);
  });

  it("has an edit made meanwhile acknowledged once it is back, with nothing else done", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    await world.stopServer();
    await client.until("the word 'offline'", ({ sync }) => sync.kind === "offline");
    await rewrite(client, id, "# Kept\noffline\n");
    await client.until("one note to sync", (state) => pendingOf(state) === 1);
    const entries = await journalEntries(world, client);
    await world.startServer();
    // From here on nobody asks this client for anything: its own state says that the tracker moved on.
    await client.until("nothing to sync", (state) => state.sync.kind === "synced" && pendingOf(state) === 0);
    expect(await journalEntries(world, client)).toEqual(entries);
    // The acknowledgement is in the LastSynced record: the next process knows of it without any server.
    await client.kill();
    await world.stopServer();
    client.start();
    await client.until("the word 'offline'", ({ sync }) => sync.kind === "offline");
    expect(pendingOf(client.state() as AppState)).toBe(0);
    await world.startServer();
    await untilTexts(await world.openClient("fresh"), ["# Kept\noffline\n"]);
  });

  it("is no reason to be without notes during recovery: they are read and written, and all of it is recovered", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    const backup = await world.backUp();
    await addSynced(client, "# After the backup\n");
    await world.restore(backup);
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await rewrite(client, id, "# Kept\ntyped at the prompt\n");
    await world.stopServer();
    await client.ask("reset:restart", undefined);
    const untilOffline = () =>
      client.until(
        "recovery that waits for the network, with notes",
        ({ reset, readOnly }) => reset.kind === "recovering" && reset.progress.offline && !readOnly,
      );
    await untilOffline();
    await untilTexts(client, ["# Kept\ntyped at the prompt\n", "# After the backup\n"]);
    const written = await addNote(client, "# New meanwhile\n");
    await addNote(client, "# Below it\n", written);
    await rewrite(client, id, "# Kept\ntyped at the prompt\nand meanwhile\n");
    const wanted = [
      "# Kept\ntyped at the prompt\nand meanwhile\n",
      "# After the backup\n",
      "# New meanwhile\n",
      "# Below it\n",
    ];
    await untilTexts(client, wanted);
    await client.kill();
    client.start();
    await untilOffline();
    await untilTexts(client, wanted);
    await rewrite(client, written, "# New meanwhile\nand more\n");
    await world.startServer();
    await untilRecovered(client);
    await untilSynced(client);
    const all = wanted.map((text) => (text === "# New meanwhile\n" ? `${text}and more\n` : text));
    const fresh = await world.openClient("fresh");
    await untilTexts(fresh, all);
    expect((await fresh.notes()).get(await idOf(fresh, "# Below it\n"))?.parentId).toBe(written);
    expect((await lastReport(client)).items.map(({ title }) => title).sort()).toEqual([
      "After the backup",
      "Below it",
      "Kept",
      "New meanwhile",
    ]);
  });

  it("is said at the first sign-in, which works once it is back", async () => {
    const world = await openWorld();
    await world.stopServer();
    const client = world.startClient("laptop");
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await expect(client.ask("account:register", credentials("gardener"))).rejects.toThrow(
      /server cannot be reached/,
    );
    await world.startServer();
    await client.ask("account:register", credentials("gardener"));
    await untilWritable(client);
    await addSynced(client, "# First\n");
  });

  it("is no reason to stay signed in", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    await addSynced(client, "# Kept\n");
    await world.stopServer();
    await client.until("the word 'offline'", ({ sync }) => sync.kind === "offline");
    await client.ask("account:sign-out", undefined);
    await client.until("sign-in", ({ sync }) => sync.kind === "signed-out");
    await world.startServer();
    await client.ask("account:sign-in", credentials("gardener"));
    await untilTexts(client, ["# Kept\n"]);
  });

  it("is said by an app that signs in by itself, which goes on trying", async () => {
    const world = await openWorld();
    await world.stopServer();
    const client = world.startClient("laptop", { signsInByItself: true });
    await client.until("the problem", ({ sync }) => sync.kind === "problem" && /reached/.test(sync.message));
    await world.startServer();
    await untilWritable(client);
    await addSynced(client, "# First\n");
  });

  it("after sign-in and before the first notes leaves a tree to wait for, not to write to", async () => {
    const world = await openWorld();
    const client = world.startClient("laptop");
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await client.ask("account:register", credentials("gardener"));
    await world.stopServer();
    await client.kill();
    client.start();
    await client.until("the word 'offline'", ({ sync }) => sync.kind === "offline");
    const { readOnly } = await client.ask("app:state", undefined);
    const { rows } = await client.ask("notes:all", undefined);
    // Whether the first notes had come before the server went is a race; a root and a tree to write to go together.
    expect(readOnly).toBe(rows.length === 0);
    await world.startServer();
    await untilWritable(client);
    await addSynced(client, "# First\n");
  });

  it("has no more waiting than is said, and what waits goes by itself once it answers again", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    await untilSynced(client);
    const before = await world.serverVersion();
    // Silent but connected: nothing of what follows can be there, whatever the socket took.
    world.server().signal("SIGSTOP");
    for (const name of ["# One\n", "# Two\n", "# Three\n"]) await addNote(client, name);
    expect(pendingOf(await client.ask("app:state", undefined))).toBe(3);
    await client.kill();
    client.start();
    await client.until("three notes to sync, still", (state) => pendingOf(state) === 3);
    world.server().signal("SIGCONT");
    await untilSynced(client, 10_000);
    expect(await world.serverVersion()).toBeGreaterThan(before);
  });
});
