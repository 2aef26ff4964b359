import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { keyBytes } from "../../main/sealed-file";
import type { NoteId } from "../../shared/note";
import type { ClientOptions, HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { startRewritingProxy } from "./rewriting-proxy";
import {
  acceptRestart,
  addNote,
  addSynced,
  lastReport,
  openWorld,
  rewrite,
  untilTexts,
  type World,
} from "./world";

const fetched = "the fresh copy was fetched ahead";
const used = "the fresh copy is the one that was fetched ahead";
const notFetched = /the fresh copy was not fetched ahead.*sync was terminated/;
const notUsed = "no fresh copy that was fetched ahead is used";

type Prepared = {
  readonly world: World;
  readonly client: HeadlessClient;
  readonly milk: NoteId;
  readonly backup: string;
};

const resetError = {
  code: 211,
  message: "simulated",
  category: "realm::sync::ProtocolError",
  isFatal: true,
} as const;

/** A laptop in front of its prompt, with a change that is not synced, for which a fresh copy has been fetched. */
async function atThePrompt(
  more: (world: World) => Promise<Partial<ClientOptions>> = async () => ({}),
  whileOffline: (world: World) => Promise<void> = async () => undefined,
): Promise<Prepared> {
  const world = await openWorld();
  const client = await world.openClient("laptop", "gardener", await more(world));
  const milk = await addSynced(client, "# Milk\n");
  const backup = await world.backUp();
  await addSynced(client, "# Bread\n");
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, milk, "# Milk\nfrom the farm\n");
  await whileOffline(world);
  await world.terminateAndEnable();
  await client.ask("sync:work-offline", { offline: false });
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await vi.waitFor(() => expect(existsSync(world.pathsOf(client).fetchedAhead)).toBe(true), {
    timeout: 60_000,
  });
  return { world, client, milk, backup };
}

const wanted = ["# Milk\nfrom the farm\n", "# Bread\n"];

/** Files of copies that were fetched ahead, and their marker. */
async function leftOf({ world, client }: Pick<Prepared, "world" | "client">): Promise<string[]> {
  const { fetchedAhead, realmBase } = world.pathsOf(client);
  const folders = readdirSync(realmBase).map((name) => join(realmBase, name));
  const files = folders
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => name.startsWith("fetched-"));
  return existsSync(fetchedAhead) ? [...files, fetchedAhead] : files;
}

async function fetchedFile({ world, client }: Prepared): Promise<string> {
  const { originalPath, resetId } = JSON.parse(
    await readFile(world.pathsOf(client).resetRecord, "utf8"),
  ).facts;
  return join(dirname(originalPath), `fetched-${resetId}.realm`);
}

async function expectRecovered(story: Prepared, texts: readonly string[] = wanted): Promise<void> {
  const { world, client } = story;
  await untilRecovered(client);
  await untilTexts(client, texts);
  await untilSynced(client);
  await untilTexts(await world.openClient("fresh"), texts);
  await vi.waitFor(async () => expect(await leftOf(story)).toEqual([]), { timeout: 60_000 });
}

describe("the fresh copy after the restart", () => {
  it("is the one that was fetched while the prompt stood, with what others wrote since", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    await client.until("the word of it", ({ reset }) => reset.kind === "prompt" && reset.isCopyHere);
    const phone = await world.openClient("phone");
    await addSynced(phone, "# Of the phone\n");
    const [bread] = [...(await phone.notes()).values()].filter(({ text }) => text === "# Bread\n");
    await rewrite(phone, bread!.id, "# Bread\nof rye\n");
    await untilSynced(phone);
    await client.ask("reset:later", undefined);
    await addNote(client, "# At the last moment\n");
    await client.ask("reset:restart", undefined);
    await untilRecovered(client);
    const log = await world.logOf(client);
    expect(log).toContain(fetched);
    expect(log).toContain(used);
    const all = [
      "# Milk\nfrom the farm\n",
      "# Bread\nof rye\n",
      "# Of the phone\n",
      "# At the last moment\n",
    ];
    await expectRecovered(story, all);
  });

  it("is the same one where the process was killed once before it took it", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    await client.kill();
    await client.dieAt("downloading");
    client.start();
    await expectRecovered(story);
    expect(await world.logOf(client)).toContain(used);
  });

  it("goes into the notes' place without a restart as well", async () => {
    const story = await atThePrompt(async () => ({ resetWay: "immediate" }));
    const { world, client } = story;
    await acceptRestart(client);
    await expectRecovered(story);
    expect(client.restarts()).toBe(0);
    expect(await world.logOf(client)).toContain(used);
  });

  it("has no word that can be read in an encrypted folder", async () => {
    const story = await atThePrompt(async ({ folder }) => {
      const keyFile = join(folder, "laptop.key");
      await writeFile(keyFile, "a5".repeat(keyBytes));
      return { encrypt: true, keyFile };
    });
    const { world, client } = story;
    const file = await fetchedFile(story);
    expect(readFileSync(file).includes("Bread")).toBe(false);
    await acceptRestart(client);
    await expectRecovered(story);
    expect(await world.logOf(client)).toContain(used);
  });

  it("is fetched anew where the file is cut off", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    const file = await fetchedFile(story);
    truncateSync(file, statSync(file).size - 4096);
    await acceptRestart(client);
    await expectRecovered(story);
    const log = await world.logOf(client);
    expect(log).toContain(notUsed);
    expect(log).not.toContain(used);
  });

  it("is fetched anew where the server reset the file that it was coming into", async () => {
    const proxy = await startRewritingProxy();
    const world = await openWorld({ proxy });
    const client = await world.openClient("laptop");
    const milk = await addSynced(client, "# Milk\n");
    const backup = await world.backUp();
    await addSynced(client, "# Bread\n");
    await world.stopServer();
    await rewrite(client, milk, "# Milk\nfrom the farm\n");
    proxy.hold("ident ");
    await client.simulateError(resetError);
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await world.startServer();
    // The server has given the file its ident, and nothing else of it has arrived.
    await vi.waitFor(() => expect(proxy.isHolding()).toBe(true), { timeout: 60_000 });
    const story = { world, client, milk, backup };
    expect(await leftOf(story)).not.toEqual([]);
    await world.terminateAndEnable();
    proxy.cut();
    await vi.waitFor(async () => expect(await world.logOf(client)).toMatch(notFetched), {
      timeout: 60_000,
    });
    expect(client.state()?.reset.kind).toBe("prompt");
    // It goes right after that was said.
    await vi.waitFor(async () => expect(await leftOf(story)).toEqual([]), { timeout: 60_000 });
    await acceptRestart(client);
    await expectRecovered(story);
    expect(await world.logOf(client)).not.toContain(used);
  });

  it.each(["killed", "closed"] as const)(
    "is fetched anew where the app was %s while it came",
    async (how) => {
      const world = await openWorld();
      const client = await world.openClient("laptop");
      const milk = await addSynced(client, "# Milk\n");
      const backup = await world.backUp();
      await addSynced(client, "# Bread\n");
      await world.stopServer();
      await rewrite(client, milk, "# Milk\nfrom the farm\n");
      await client.simulateError(resetError);
      await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
      const story = { world, client, milk, backup };
      await vi.waitFor(async () => expect(await leftOf(story)).not.toEqual([]), { timeout: 60_000 });
      await (how === "killed" ? client.kill() : client.close());
      expect(existsSync(world.pathsOf(client).fetchedAhead)).toBe(false);
      await world.startServer();
      client.start();
      await expectRecovered(story);
      expect(await world.logOf(client)).toContain(notUsed);
    },
  );

  it("is recovered from, too, where the server went back between the two", async () => {
    // No safety copy has it: of this device only what was fetched while the prompt stood.
    const story = await atThePrompt(undefined, async (world) => {
      const phone = await world.openClient("phone");
      await addSynced(phone, "# Of the phone\n");
      await phone.close();
    });
    const { world, client, backup } = story;
    await world.restore(backup);
    await acceptRestart(client);
    await expectRecovered(story, [...wanted, "# Of the phone\n"]);
    expect(await world.logOf(client)).toContain(used);
    expect((await lastReport(client)).items.map(({ title }) => title)).toContain("Of the phone");
  });
});
