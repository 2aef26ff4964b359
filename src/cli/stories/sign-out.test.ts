import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import type { Kept } from "../../shared/backup-rules";
import type { AppState } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import { runBackups } from "./backups-command";
import { type RewritingProxy, startRewritingProxy } from "./rewriting-proxy";
import {
  acceptRestart,
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
async function withUnsyncedWork(proxy?: RewritingProxy): Promise<Story> {
  const world = await openWorld(proxy === undefined ? {} : { proxy });
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

const day = 24 * 60 * 60 * 1_000;

/** How long the copies are kept that are on the page, newest first, those of the day aside. */
async function keptOf(client: HeadlessClient): Promise<Kept[]> {
  const rows = await client.ask("backups:list", undefined);
  return rows.map(({ kept }) => kept).filter(({ kind }) => kind !== "last-three");
}

/** What the command says of all copies in the folder, with the app open. */
async function keptByCommand(world: World, client: HeadlessClient): Promise<string[]> {
  const { json } = await runBackups("list", "--data", world.pathsOf(client).dataDir, "--json");
  return (json as { copies: { keptWords: string }[] }).copies.map(({ keptWords }) => keptWords);
}

async function untilKept(client: HeadlessClient, kinds: readonly Kept["kind"][]): Promise<void> {
  await vi.waitFor(async () => expect((await keptOf(client)).map(({ kind }) => kind)).toEqual(kinds), {
    timeout: 30_000,
    interval: 50,
  });
}

describe("the copy of a sign-out", () => {
  it("is kept until all of it is on the server, thirty days more, and never fewer than three", async () => {
    const { world, client, kept } = await withUnsyncedWork();
    await client.ask("account:sign-out", { keepCopy: true });
    expect(await keptOf(client)).toEqual([{ kind: "not-synced" }]);
    // What somebody else syncs proves nothing of it.
    await client.ask("account:register", credentials("neighbour"));
    await untilWritable(client);
    await untilSynced(client);
    expect(await keptByCommand(world, client)).toEqual([expect.stringMatching(/not synced at the sign-out/)]);
    await client.ask("account:sign-out", undefined);
    for (let more = 0; more < 4; more += 1) {
      await client.ask("account:sign-in", credentials("gardener"));
      await untilWritable(client);
      await untilSynced(client);
      await untilKept(client, new Array(more + 1).fill("until"));
      await client.ask("sync:work-offline", { offline: true });
      await rewrite(client, kept, `# Kept\n${more}\n`);
      await client.ask("account:sign-out", { keepCopy: true });
    }
    await client.kill();
    client.start();
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    const [last, ...earlier] = await keptOf(client);
    expect(last).toEqual({ kind: "not-synced" });
    for (const each of earlier) {
      expect(each.kind === "until" && each.atMs).toBeGreaterThan(Date.now() + 29 * day);
    }
    expect(await keptByCommand(world, client)).toContainEqual(expect.stringMatching(/^Kept until 20.* UTC,/));
    await client.close();
    // The same folder, forty days later; the last of it still waits for its person.
    const later = world.startClient("laptop", { clockOffsetMs: 40 * day });
    await later.until("sign-in", ({ account }) => account.kind === "signed-out");
    await later.ask("account:sign-in", credentials("neighbour"));
    await untilWritable(later);
    await later.ask("backups:make", undefined);
    await later.ask("account:sign-out", undefined);
    expect((await keptOf(later)).map(({ kind }) => kind)).toEqual(["not-synced", "until", "until"]);
  });

  it("still waits while the server has not confirmed it all, also after the app was killed meanwhile", async () => {
    const proxy = await startRewritingProxy();
    const { client } = await withUnsyncedWork(proxy);
    await client.ask("account:sign-out", { keepCopy: true });
    proxy.hold("101 Switching");
    await client.ask("account:sign-in", credentials("gardener"));
    await untilWritable(client);
    await vi.waitFor(() => expect(proxy.isHolding()).toBe(true), { timeout: 30_000, interval: 20 });
    expect(await keptOf(client)).toEqual([{ kind: "not-synced" }]);
    await client.kill();
    client.start();
    await untilWritable(client);
    expect(await keptOf(client)).toEqual([{ kind: "not-synced" }]);
    proxy.release();
    await untilSynced(client);
    await untilKept(client, ["until"]);
  });

  it("goes by the report of the reset that took the file which it is of", async () => {
    const { world, client } = await withUnsyncedWork();
    await client.ask("account:sign-out", { keepCopy: true });
    await world.terminateAndEnable();
    await client.ask("account:sign-in", credentials("gardener"));
    await acceptRestart(client);
    await untilRecovered(client);
    await untilTexts(client, wanted);
    const { resetId } = await lastReport(client);
    const rows = await client.ask("backups:list", undefined);
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(row).toMatchObject({ resetId, kept: { kind: "unconfirmed" } });
    await client.ask("reports:confirm", { resetId });
    for (const each of await keptOf(client)) expect(each.kind).toBe("until");
  });
});

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

  it("of notes without an account needs no copy once they were given one, here and on another device", async () => {
    const world = await openWorld();
    const neighbour = await world.openClient("other", "neighbour");
    await addSynced(neighbour, "# The neighbour's\n");
    const client = world.startClient("laptop");
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await client.ask("account:anonymous", undefined);
    await untilWritable(client);
    await addSynced(client, "# Kept\n");

    await expect(client.ask("account:register", credentials("neighbour"))).rejects.toThrow(
      /another account already/,
    );
    await expect(
      client.ask("account:register", { ...credentials("neighbour"), password: "guessed-badly" }),
    ).rejects.toThrow(/invalid username/);
    await untilTexts(client, ["# Kept\n"]);

    const mine = { email: "newcomer@example.com", password: "planted in spring" };
    await client.ask("account:register", mine);
    const hasAccount = ({ account }: AppState) =>
      account.kind === "signed-in" && account.email === mine.email;
    await client.until("the account", hasAccount);
    await expect(client.ask("account:register", credentials("gardener"))).rejects.toThrow(/Sign out first/);
    await addSynced(client, "# Written after\n");
    await client.close();
    client.start();
    await client.until("the account after a restart", hasAccount);

    const second = world.startClient("second");
    await second.until("sign-in", ({ account }) => account.kind === "signed-out");
    await second.ask("account:sign-in", mine);
    await untilTexts(second, ["# Kept\n", "# Written after\n"]);
    await untilSynced(client);
    await client.ask("account:sign-out", undefined);
    expect(existsSync(world.pathsOf(client).backups)).toBe(false);
    await client.ask("account:sign-in", mine);
    await untilTexts(client, ["# Kept\n", "# Written after\n"]);
    await untilTexts(neighbour, ["# The neighbour's\n"]);
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
    // Whoever is signed in here next is told of it as well, for nobody else ever will be.
    await client.ask("account:register", credentials("neighbour"));
    await untilWritable(client);
    await untilSynced(client);
    expect(await client.ask("backups:list", undefined)).toMatchObject([
      { name, notes: 2, kept: { kind: "of-no-account" } },
    ]);
    await client.ask("backups:delete", { name: name as string });
    expect(await backupNames(world, client)).toEqual([]);
  });
});
