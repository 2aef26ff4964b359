import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import { runPublishedClient } from "./published-client";
import {
  acceptRestart,
  addNote,
  addSynced,
  credentials,
  lastReport,
  openWorld,
  rewrite,
  textOf,
  untilNotes,
  untilTexts,
} from "./world";

const parentId = "11111111-1111-4111-8111-111111111111" as NoteId;
const childId = "22222222-2222-4222-8222-222222222222" as NoteId;

const createTwo = `
  const root = realm.objects("Note").filtered("isRoot == true")[0];
  const parent = realm.create("Note", { _id: uuid("${parentId}"), text: "# From outside\\n", isRoot: false, owner_id: user.id });
  const child = realm.create("Note", { _id: uuid("${childId}"), text: "# Below it\\n", isRoot: false, owner_id: user.id });
  root.children.push(parent);
  parent.children.push(child);`;

function editOf(id: string, text: string): string {
  return `realm.objectForPrimaryKey("Note", uuid("${id}")).text = ${JSON.stringify(text)};`;
}

async function placeOf(client: HeadlessClient, id: NoteId): Promise<NoteId | null | undefined> {
  const { rows, rootId } = await client.ask("notes:all", undefined);
  const tree = buildTree(rows, rootId);
  expect(tree.recovered).toEqual([]);
  return tree.parents.get(id);
}

describe("a client that knows only the published fields", () => {
  it("has its notes in the tree, and its later edits where they were made, reset or no reset", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const own = await addSynced(laptop, "# Own\n");
    const { rootId } = await laptop.ask("notes:all", undefined);
    const outside = (write: string) =>
      runPublishedClient(join(world.folder, "outside"), world.server().url, credentials("gardener"), write);

    await outside(createTwo);
    await untilNotes(laptop, "the notes from outside", (notes) => notes.some(({ id }) => id === childId));
    expect(await placeOf(laptop, parentId)).toBe(rootId);
    expect(await placeOf(laptop, childId)).toBe(parentId);

    // Edited here first, so that the revision is ours when the other client changes the text alone.
    await rewrite(laptop, childId, "# Below it\nlaptop\n");
    await untilSynced(laptop);
    await outside(editOf(childId, "# Below it\noutside\n"));
    await untilNotes(laptop, "the edit from outside", (notes) =>
      notes.some(({ text }) => text === "# Below it\noutside\n"),
    );
    expect(laptop.toldTexts().get(childId)).toBe("# Below it\noutside\n");
    expect(await placeOf(laptop, childId)).toBe(parentId);

    await laptop.ask("notes:move", { id: childId, target: { parentId: own, afterId: null } });
    await untilSynced(laptop);
    expect(await placeOf(laptop, childId)).toBe(own);

    // A reset with an edit of each side that the other has not seen.
    await laptop.ask("sync:work-offline", { offline: true });
    await rewrite(laptop, own, "# Own\nlaptop\n");
    await outside(editOf(childId, "# Below it\noutside again\n"));
    await world.terminateAndEnable();
    await laptop.ask("sync:work-offline", { offline: false });
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    await untilTexts(laptop, ["# Own\nlaptop\n", "# From outside\n", "# Below it\noutside again\n"]);
    expect(await placeOf(laptop, parentId)).toBe(rootId);
    expect(await placeOf(laptop, childId)).toBe(own);
  });
});

/** Another process of the same data folder signs the user out; opening Realm's App, it carries its orders out too. */
async function signOutOutside(dataDir: string, serverUrl: string): Promise<void> {
  const script = `const Realm = require(${JSON.stringify(createRequire(import.meta.url).resolve("realm"))});
    const app = new Realm.App({ id: "perennial", baseUrl: ${JSON.stringify(serverUrl)} });
    app.currentUser.logOut().then(() => process.exit(0));`;
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" };
  await promisify(execFile)(process.execPath, ["-e", script], { cwd: dataDir, env });
}

describe("two users of one data folder", () => {
  it("have each their own notes, journals, trackers, resets and reports", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const gardeners = await addSynced(client, "# Gardener's\n");
    await client.ask("account:sign-out", undefined);
    await client.ask("account:register", credentials("neighbour"));
    await untilWritable(client);
    await untilSynced(client);
    await client.ask("account:sign-out", undefined);
    const backup = await world.backUp();
    await client.ask("account:sign-in", credentials("gardener"));
    await untilWritable(client);
    await addSynced(client, "# Gardener's later\n");
    await client.ask("account:sign-out", undefined);
    await client.ask("account:sign-in", credentials("neighbour"));
    await untilWritable(client);
    await untilTexts(client, []);
    const neighbours = await addSynced(client, "# Neighbour's\n");
    await client.ask("sync:work-offline", { offline: true });
    await rewrite(client, neighbours, "# Neighbour's\nnever uploaded\n");
    await expect(client.ask("account:sign-out", undefined)).rejects.toThrow(/not synced yet/);
    await expect(client.ask("account:sign-in", credentials("gardener"))).rejects.toThrow(/Sign out first/);
    await client.ask("sync:work-offline", { offline: false });
    await untilSynced(client);
    expect(await readdir(world.pathsOf(client).journals)).toHaveLength(2);

    await world.restore(backup);
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await expect(client.ask("account:sign-out", undefined)).rejects.toThrow(/Finish the recovery/);
    await client.ask("reset:restart", undefined);
    await untilRecovered(client);
    await untilSynced(client);
    await untilTexts(client, ["# Neighbour's\nnever uploaded\n"]);
    expect((await lastReport(client)).items.map(({ title }) => title)).toContain("Neighbour's");

    await client.ask("account:sign-out", undefined);
    await client.ask("account:sign-in", credentials("gardener"));
    await acceptRestart(client);
    await untilRecovered(client);
    await untilTexts(client, ["# Gardener's\n", "# Gardener's later\n"]);
    expect(await textOf(client, gardeners)).toBe("# Gardener's\n");
    const reports = await client.ask("reports:list", undefined);
    expect(reports).toHaveLength(1);
    expect((await lastReport(client)).items.map(({ title }) => title)).toEqual(["Gardener's later"]);
    await untilSynced(client);
  });

  it("do not recover into each other's notes", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    await addSynced(client, "# Gardener's\n");
    await client.ask("account:sign-out", undefined);
    await client.ask("account:register", credentials("neighbour"));
    await untilWritable(client);
    await untilSynced(client);
    await client.ask("account:sign-out", undefined);
    await client.ask("account:sign-in", credentials("gardener"));
    await untilWritable(client);
    const id = await addNote(client, "# More\n");
    await untilSynced(client);
    await world.terminateAndEnable();
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await rewrite(client, id, "# More\nat the prompt\n");
    await client.kill();
    // Signed out meanwhile, as by a session that was taken back: whoever signs in next must be the gardener.
    await signOutOutside(world.pathsOf(client).dataDir, world.server().url);
    client.start();
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await expect(client.ask("account:sign-in", credentials("neighbour"))).rejects.toThrow(/another account/);
    await client.ask("account:sign-in", credentials("gardener"));
    await untilRecovered(client);
    await untilTexts(client, ["# Gardener's\n", "# More\nat the prompt\n"]);
  });
});
