import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import {
  addNote,
  addSynced,
  backupNames,
  credentials,
  lastReport,
  openWorld,
  rewrite,
  untilTexts,
  type World,
} from "./world";

const wanted = ["# Kept\nnever uploaded\n", "# Only here\n"];

type Story = { readonly world: World; readonly client: HeadlessClient; readonly kept: NoteId };

/** Offline by choice, with an edit and a note that the server never had. */
async function withUnsyncedWork(): Promise<Story> {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  const kept = await addSynced(client, "# Kept\n");
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, kept, "# Kept\nnever uploaded\n");
  await addNote(client, "# Only here\n");
  return { world, client, kept };
}

/** Another process of the same data folder removes the user, as the SDK's `removeUser` does. */
async function removeUserOutside(dataDir: string, serverUrl: string): Promise<void> {
  const script = `const Realm = require(${JSON.stringify(createRequire(import.meta.url).resolve("realm"))});
    const app = new Realm.App({ id: "perennial", baseUrl: ${JSON.stringify(serverUrl)} });
    app.removeUser(app.currentUser).then(() => process.exit(0));`;
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" };
  await promisify(execFile)(process.execPath, ["-e", script], { cwd: dataDir, env });
}

describe("signing out with work that is not synced", () => {
  it("is refused unless a safety copy is kept, and refused again where none can be made", async () => {
    const { world, client } = await withUnsyncedWork();
    await expect(client.ask("account:sign-out", undefined)).rejects.toThrow(/not synced yet/);
    const { backups } = world.pathsOf(client);
    await writeFile(backups, "");
    await expect(client.ask("account:sign-out", { keepCopy: true })).rejects.toThrow(/Nobody was signed out/);
    await untilWritable(client);
    await untilTexts(client, wanted);
  });

  it("keeps a copy, and the same person has it all again after signing in", async () => {
    const { world, client } = await withUnsyncedWork();
    await client.ask("account:sign-out", { keepCopy: true });
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    expect(await backupNames(world, client)).toHaveLength(1);
    await client.ask("account:register", credentials("neighbour"));
    await untilWritable(client);
    await untilTexts(client, []);
    await untilSynced(client);
    await client.ask("account:sign-out", undefined);
    await client.ask("account:sign-in", credentials("gardener"));
    await untilWritable(client);
    await untilTexts(client, wanted);
    await untilSynced(client);
    await untilTexts(await world.openClient("fresh"), wanted);
  });

  it("is made good where another program removes the person from this computer", async () => {
    const { world, client } = await withUnsyncedWork();
    await client.close();
    await removeUserOutside(world.pathsOf(client).dataDir, world.server().url);
    client.start();
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    // Realm deletes the notes of who was removed at this start; Perennial has copied them before.
    expect(await backupNames(world, client)).toHaveLength(1);
    await client.ask("account:sign-in", credentials("gardener"));
    await untilRecovered(client);
    await untilTexts(client, wanted);
    await untilSynced(client);
    expect((await lastReport(client)).items.map(({ title }) => title).sort()).toEqual(["Kept", "Only here"]);
    await untilTexts(await world.openClient("fresh"), wanted);
  });

  it("of notes without an account is said to be for good, and keeps a copy", async () => {
    const world = await openWorld();
    const client = world.startClient("laptop");
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await client.ask("account:anonymous", undefined);
    await untilWritable(client);
    await addSynced(client, "# Nobody's\n");
    await expect(client.ask("account:sign-out", undefined)).rejects.toThrow(/belong to no account/);
    await client.ask("account:sign-out", { keepCopy: true });
    const [name] = await backupNames(world, client);
    expect(existsSync(join(world.pathsOf(client).backups, name as string, "notes.realm"))).toBe(true);
  });
});
