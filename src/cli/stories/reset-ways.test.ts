import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import { startRewritingProxy } from "./rewriting-proxy";
import {
  acceptRestart,
  addNote,
  addSynced,
  lastReport,
  openWorld,
  rewrite,
  textOf,
  untilTexts,
  type World,
} from "./world";

const wanted = ["# Kept\nat the prompt\n", "# Only here\n"];
const simulated = {
  code: 211,
  message: "simulated",
  category: "realm::sync::ProtocolError",
  isFatal: true,
} as const;

type Story = { readonly world: World; readonly client: HeadlessClient; readonly kept: NoteId };

/** At the prompt, with a note and an edit that only the file of this moment has. */
async function atThePrompt(more: { readonly crashAt?: string }): Promise<Story> {
  const world = await openWorld();
  const client = await world.openClient("laptop", "gardener", { resetWay: "immediate", ...more });
  const kept = await addSynced(client, "# Kept\n");
  await client.ask("sync:work-offline", { offline: true });
  await addNote(client, "# Only here\n");
  await world.terminateAndEnable();
  await client.ask("sync:work-offline", { offline: false });
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await rewrite(client, kept, "# Kept\nat the prompt\n");
  return { world, client, kept };
}

async function expectRecovered({ client }: Pick<Story, "client">): Promise<void> {
  await untilRecovered(client);
  await untilTexts(client, wanted);
  await untilSynced(client);
  expect((await lastReport(client)).items.map(({ title }) => title).sort()).toEqual(["Kept", "Only here"]);
}

describe("the immediate way", () => {
  it("does in one process what a restart does, and the notes go on being told of", async () => {
    const story = await atThePrompt({});
    const { world, client } = story;
    await client.ask("reset:restart", undefined);
    await expectRecovered(story);
    expect(client.restarts()).toBe(0);
    const fresh = await world.openClient("fresh");
    await untilTexts(fresh, wanted);
    await addSynced(fresh, "# From elsewhere\n");
    await untilTexts(client, [...wanted, "# From elsewhere\n"]);
    await addSynced(client, "# And on\n");
    await untilTexts(fresh, [...wanted, "# From elsewhere\n", "# And on\n"]);
  });

  it.each(["restarting", "securing", "resetting", "downloading"] as const)(
    "ends at the same tree when the process is killed in '%s', with another one",
    async (crashAt) => {
      const story = await atThePrompt({ crashAt });
      const { world, client } = story;
      await client.ask("reset:restart", undefined).catch(() => "it may be gone before it has answered");
      await expectRecovered(story);
      expect(client.kills()).toBe(1);
      await untilTexts(await world.openClient("fresh"), wanted);
    },
  );

  it("is chosen in the settings as well, for the next reset, and no other word is taken", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    await addSynced(client, "# Kept\n");
    const magic = { way: "magic" } as unknown as { way: "immediate" };
    await expect(client.ask("settings:choose-reset-way", magic)).rejects.toThrow();
    expect(await client.ask("settings:read", undefined)).toMatchObject({ resetWay: "restart" });
    const chosen = await client.ask("settings:choose-reset-way", { way: "immediate" });
    expect(chosen).toMatchObject({ resetWay: "immediate", isResetWayGiven: false });
    await client.ask("sync:rebuild", undefined);
    await untilRecovered(client);
    expect(client.restarts()).toBe(0);
    await untilTexts(client, ["# Kept\n"]);
  });

  it("rebuilds what no server asked for, too", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop", "gardener", { resetWay: "immediate" });
    const kept = await addSynced(client, "# Kept\n");
    await client.ask("sync:work-offline", { offline: true });
    await rewrite(client, kept, "# Kept\nat the prompt\n");
    await addNote(client, "# Only here\n");
    await client.ask("sync:rebuild", undefined);
    await expectRecovered({ client });
    expect(client.restarts()).toBe(0);
    expect((await lastReport(client)).cause).toBe("asked-for");
  });

  it("is left to a restart where anything is uncertain: here, a recovery that is still running", async () => {
    const story = await atThePrompt({});
    const { world, client } = story;
    await world.stopServer();
    await client.ask("reset:restart", undefined);
    await client.until(
      "the notes of the copy",
      ({ reset, readOnly }) => reset.kind === "recovering" && !readOnly,
    );
    expect(client.restarts()).toBe(0);
    await client.simulateError(simulated);
    await client.until("the next process", () => client.restarts() === 1);
    await world.startServer();
    await expectRecovered(story);
  });
});

describe("orders that Realm has stored", () => {
  it("count by the newest path: two before one restart lose nothing", async () => {
    const proxy = await startRewritingProxy();
    const world = await openWorld({ proxy });
    const client = await world.openClient("laptop");
    const kept = await addSynced(client, "# Kept\n");
    proxy.swallow();
    await addNote(client, "# Only here\n");
    await client.simulateError(simulated);
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await client.ask("reset:later", undefined);
    await rewrite(client, kept, "# Kept\nbetween the two\n");
    await client.ask("sync:retry", undefined);
    await client.simulateError(simulated);
    await rewrite(client, kept, "# Kept\nat the prompt\n");
    await client.ask("reset:restart", undefined);
    await untilRecovered(client);
    await untilTexts(client, wanted);
    expect(await readdir(world.pathsOf(client).recoveredRealms)).toHaveLength(1);
    await untilSynced(client);
    await untilTexts(await world.openClient("fresh"), wanted);
  });
});

describe("the data folder", () => {
  it("is the same wherever the process is started", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const kept = await addSynced(client, "# Kept\n");
    await client.close();
    await world.terminateAndEnable();
    client.start({ cwd: "/" });
    await untilWritable(client);
    await acceptRestart(client);
    await untilRecovered(client);
    await client.close();
    client.start({ cwd: world.folder });
    await untilSynced(client);
    expect(await textOf(client, kept)).toBe("# Kept\n");
    expect((await readdir(world.folder)).sort()).toEqual(["laptop", "server", "server.log"]);
  });
});
