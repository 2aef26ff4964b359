import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
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

const garbage = "\u0000 this is no JSON {";
const wanted = ["# Kept\nnever uploaded\n", "# After the backup\n"];

type Prepared = { readonly world: World; readonly client: HeadlessClient; readonly id: NoteId };

/** Closed at the prompt of a reset, with an edit that the server never had. */
async function atThePrompt(): Promise<Prepared> {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  const id = await addSynced(client, "# Kept\n");
  const backup = await world.backUp();
  await addSynced(client, "# After the backup\n");
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, id, "# Kept\nnever uploaded\n");
  await client.ask("sync:work-offline", { offline: false });
  await world.restore(backup);
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await client.close();
  return { world, client, id };
}

async function expectRecovered({ world, client }: Prepared): Promise<void> {
  await untilRecovered(client);
  await untilTexts(client, wanted);
  await untilSynced(client);
  await untilTexts(await world.openClient("fresh"), wanted);
  expect((await lastReport(client)).items).toHaveLength(2);
}

describe("damaged local files", () => {
  it.each(["restarting", "downloading", "applying"] as const)(
    "with no record of the reset left from '%s', the safety copy leads on",
    async (state) => {
      const story = await atThePrompt();
      const { world, client } = story;
      if (state !== "restarting") await client.dieAt(state);
      await writeFile(world.pathsOf(client).resetRecord, garbage);
      client.start();
      await expectRecovered(story);
      expect(await world.logOf(client)).toContain("the reset record was damaged");
      // And with the recovery reported, a record damaged later has nothing to lead to.
      await client.kill();
      await writeFile(world.pathsOf(client).resetRecord, garbage);
      client.start();
      await untilSynced(client);
      expect((await client.ask("app:state", undefined)).reset.kind).toBe("none");
    },
  );

  it.each(["applying", "reporting"] as const)("a plan damaged in '%s' is made anew", async (state) => {
    const story = await atThePrompt();
    const { world, client } = story;
    await client.dieAt(state);
    await writeFile(world.pathsOf(client).plan, garbage);
    client.start();
    await untilRecovered(client);
    await untilTexts(client, wanted);
    expect(await world.logOf(client)).toContain("the plan of the recovery is missing or damaged");
  });

  it("a process that ended between the report and the record of it has nothing left to do", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    await client.dieAt("reporting");
    const { resetRecord } = world.pathsOf(client);
    const record = await readFile(resetRecord);
    client.start();
    await untilRecovered(client);
    await client.kill();
    await writeFile(resetRecord, record);
    client.start();
    await expectRecovered(story);
    expect(await client.ask("reports:list", undefined)).toHaveLength(1);
  });

  it("with the file generations forgotten, waiting changes are counted, synced and recovered", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    const generations = join(world.pathsOf(client).local, "generations.json");
    // Realm has its order, and of ours only the journal knows whose file it is about.
    await writeFile(generations, garbage);
    await rm(world.pathsOf(client).resetRecord);
    await rm(world.pathsOf(client).backups, { recursive: true });
    client.start();
    await expectRecovered(story);
    expect(await world.logOf(client)).toContain("the file generations were unreadable");

    await client.ask("sync:work-offline", { offline: true });
    await rewrite(client, story.id, "# Kept\nonce more\n");
    await client.close();
    await world.stopServer();
    await writeFile(generations, garbage);
    client.start();
    await client.until("the waiting change", ({ sync }) => "pending" in sync && sync.pending === 1);
    await world.startServer();
    await untilSynced(client, 10_000);
  });

  it("with the LastSynced realm unreadable everything counts as waiting until it is proved", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    await client.close();
    await world.stopServer();
    await writeFile(world.pathsOf(client).lastSyncedRealm, garbage);
    client.start();
    await client.until("both notes waiting", ({ sync }) => "pending" in sync && sync.pending === 2);
    expect(await textOf(client, id)).toBe("# Kept\n");
    expect(await world.logOf(client)).toContain("the LastSynced realm was unreadable");
    await world.startServer();
    await untilSynced(client, 10_000);
  });

  it("a journal damaged in its middle loses no note and deletes none, and is said to be damaged", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    const { journals } = world.pathsOf(client);
    const [name] = await readdir(journals);
    const journal = join(journals, name as string);
    const lines = (await readFile(journal, "utf8")).split("\n");
    lines[2] = `${lines[2]?.slice(0, 20)}damage${lines[2]?.slice(26)}`;
    await writeFile(journal, lines.join("\n"));
    client.start();
    await untilRecovered(client);
    const all = [...(await client.notes()).values()].map(({ text }) => text);
    for (const text of wanted) expect(all.some((each) => each.includes(text.trim()))).toBe(true);
    expect(await world.logOf(client)).toContain("an edit journal is damaged");
  });

  it.each(["the file that Realm moved away", "an older copy and the journal"] as const)(
    "a safety copy damaged after it was made is replaced by %s",
    async (by) => {
      const world = await openWorld();
      const client = await world.openClient("laptop");
      const id = await addSynced(client, "# Kept\n");
      const backup = await world.backUp();
      await addSynced(client, "# After the backup\n");
      await world.restore(backup);
      await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
      // In the newest copy, the moved file and the journal, and in nothing else.
      await rewrite(client, id, "# Kept\nat the prompt\n");
      await addNote(client, "# New at the prompt\n");
      await client.close();
      await client.dieAt("planning");
      const { backups, recoveredRealms, resetRecord } = world.pathsOf(client);
      const { copy } = JSON.parse(await readFile(resetRecord, "utf8"));
      await appendFile(join(backups, copy.name, "notes.realm"), "damage");
      if (by === "an older copy and the journal") await rm(recoveredRealms, { recursive: true });
      client.start();
      await client.until("the stop", ({ reset }) => reset.kind === "stopped" && reset.why === "failed");
      await client.ask("reset:try-again", undefined);
      await untilRecovered(client);
      await untilTexts(client, ["# Kept\nat the prompt\n", "# After the backup\n", "# New at the prompt\n"]);
      await untilSynced(client);
      expect((await lastReport(client)).backupName).not.toBe(copy.name);
      const how = by === "an older copy and the journal" ? "copy" : "file";
      expect(await world.logOf(client)).toContain(`"message":"the damaged copy is replaced","by":"${how}"`);
    },
  );

  it("numbers new changes after a damaged last line, so that none passes for synced", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    await client.close();
    await world.stopServer();
    const { journals } = world.pathsOf(client);
    const [name] = await readdir(journals);
    const journal = join(journals, name as string);
    const lines = (await readFile(journal, "utf8")).trimEnd().split("\n");
    lines.pop();
    await writeFile(journal, `${lines.join("\n")}\n`);
    await appendFile(journal, "00000000 damaged\n");
    client.start();
    await untilWritable(client);
    await rewrite(client, id, "# Kept\noffline\n");
    await client.until("the waiting change", ({ sync }) => "pending" in sync && sync.pending === 1);
    await world.startServer();
    await untilSynced(client, 10_000);
  });

  it("a change that a power cut left to the realm alone counts as waiting, and is recovered", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    await world.stopServer();
    await rewrite(client, id, "# Kept\noffline\n");
    await client.close();
    const { journals } = world.pathsOf(client);
    const [name] = await readdir(journals);
    const journal = join(journals, name as string);
    const lines = (await readFile(journal, "utf8")).trimEnd().split("\n");
    await writeFile(journal, `${lines.slice(0, -1).join("\n")}\n`);
    client.start();
    await client.until("the waiting change", ({ sync }) => "pending" in sync && sync.pending === 1);
    await client.close();
    // The gap in the numbers is on the disk now, and stays when somebody else's change hides the realm's number.
    const left = (await readFile(journal, "utf8")).trimEnd().split("\n");
    expect(left).toHaveLength(lines.length);
    expect(left.at(-1)).not.toBe(lines.at(-1));
    await world.startServer();
    await world.terminateAndEnable();
    client.start();
    await acceptRestart(client);
    await untilRecovered(client);
    await untilTexts(client, ["# Kept\noffline\n"]);
  });

  it("starts with every one of them damaged at once", async () => {
    const story = await atThePrompt();
    const { world, client } = story;
    const paths = world.pathsOf(client);
    const [name] = await readdir(paths.journals);
    await writeFile(paths.resetRecord, garbage);
    await writeFile(paths.plan, garbage);
    await writeFile(join(paths.local, "generations.json"), garbage);
    await writeFile(paths.lastSyncedRealm, garbage);
    await appendFile(join(paths.journals, name as string), garbage);
    client.start();
    await client.until("the prompt or the end", ({ reset }) => ["prompt", "finished"].includes(reset.kind));
    if (client.resetState() === "prompting") await acceptRestart(client);
    await untilRecovered(client);
    await untilTexts(client, wanted);
    await addNote(client, "# And on\n");
    await untilSynced(client);
  });
});
