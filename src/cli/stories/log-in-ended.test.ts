import { describe, expect, it } from "vitest";
import type { AppState, SyncStatus } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilSynced, untilWritable } from "../scenario/waits";
import {
  addNote,
  addSynced,
  backupNames,
  credentials,
  openWorld,
  rewrite,
  textOf,
  untilTexts,
  type World,
} from "./world";

const { email, password } = credentials("gardener");
/** Less than the half minute after which a server that only says good-bye would be noticed to be gone. */
const soonMs = 25_000;

type Story = { readonly world: World; readonly client: HeadlessClient; readonly kept: NoteId };

async function openWithNote(): Promise<Story> {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  return { world, client, kept: await addSynced(client, "# Kept\n") };
}

/** An edit and a note that the server never had: it was away when they were made. */
async function writeUnsynced({ client, kept }: Story): Promise<void> {
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, kept, "# Kept\nnever uploaded\n");
  await addNote(client, "# Only here\n");
}

const unsynced = ["# Kept\nnever uploaded\n", "# Only here\n"];

async function untilEnded(client: HeadlessClient): Promise<Extract<SyncStatus, { kind: "ended" }>> {
  const { sync, account } = await client.until("the end of the log-in", isEnded, soonMs);
  expect(account.kind).toBe("signed-out");
  return sync as Extract<SyncStatus, { kind: "ended" }>;
}

const isEnded = ({ sync }: AppState) => sync.kind === "ended";

/** What the window says once the copy of what is not synced has been made. */
async function untilCopied(client: HeadlessClient): Promise<void> {
  await client.until(
    "the words about the copy",
    ({ sync }) => sync.kind === "ended" && /in a safety copy as well/.test(sync.message),
    soonMs,
  );
}

describe("an account that is disabled while the app is open", () => {
  it("is said at once; the notes can be read and written, and all of it goes on after the next sign-in", async () => {
    const { world, client, kept } = await openWithNote();
    await world.server().operate("users", "disable", email);
    const ended = await untilEnded(client);
    expect(ended).toMatchObject({ email, pending: 0 });
    expect(ended.message).toMatch(/signed gardener@example\.com out.*switched off/);
    await untilTexts(client, ["# Kept\n"]);
    await rewrite(client, kept, "# Kept\nwritten after\n");
    await client.until("one change", ({ sync }) => sync.kind === "ended" && sync.pending === 1);
    await expect(client.ask("account:sign-in", { email, password })).rejects.toThrow(/account is disabled/);
    expect(await textOf(client, kept)).toBe("# Kept\nwritten after\n");
    await world.server().operate("users", "enable", email);
    await client.ask("account:sign-in", { email, password });
    await untilSynced(client);
    await addSynced(client, "# Signed in again\n");
    await untilTexts(await world.openClient("fresh"), ["# Kept\nwritten after\n", "# Signed in again\n"]);
  });

  it("keeps what is not synced in a copy, also from who signs in next, and through a killed app", async () => {
    const story = await openWithNote();
    const { world, client, kept } = story;
    await writeUnsynced(story);
    await world.server().operate("users", "disable", email);
    await client.ask("sync:work-offline", { offline: false });
    await untilCopied(client);
    expect(await backupNames(world, client)).toHaveLength(1);
    await rewrite(client, kept, "# Kept\nnever uploaded\nand more\n");
    await client.ask("account:register", credentials("neighbour"));
    await untilWritable(client);
    await untilTexts(client, []);
    await untilSynced(client);
    // What was written after the first copy is in a second one.
    expect(await backupNames(world, client)).toHaveLength(2);
    await client.ask("account:sign-out", undefined);
    await client.kill();
    client.start();
    await world.server().operate("users", "enable", email);
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await client.ask("account:sign-in", { email, password });
    await untilWritable(client);
    await untilSynced(client);
    const wanted = ["# Kept\nnever uploaded\nand more\n", "# Only here\n"];
    await untilTexts(client, wanted);
    await untilTexts(await world.openClient("fresh"), wanted);
  });
});

describe("notes without an account whose log-in the server ends", () => {
  it("stay open and are in a copy, for nobody can sign in to them again", async () => {
    const world = await openWorld();
    const client = world.startClient("laptop");
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await client.ask("account:anonymous", undefined);
    await untilWritable(client);
    const kept = await addSynced(client, "# Nobody's\n");
    const { users } = JSON.parse(await world.server().operate("users", "list", "--json"));
    await world.server().operate("users", "disable", users[0].id);
    expect((await untilEnded(client)).message).toMatch(
      /Nobody can sign in to notes without an account again/,
    );
    await untilCopied(client);
    expect(await textOf(client, kept)).toBe("# Nobody's\n");
    await rewrite(client, kept, "# Nobody's\nwritten after\n");
    await client.ask("account:register", credentials("gardener"));
    await untilWritable(client);
    await untilTexts(client, []);
    await untilSynced(client);
    // The newest of both has what was written after the first.
    const rows = await client.ask("backups:list", undefined);
    expect(rows.map(({ kept }) => kept.kind)).toEqual(["of-no-account", "of-no-account"]);
    await client.ask("backups:open", { name: rows[0]!.name });
    await untilTexts(client, ["# Nobody's\nwritten after\n"]);
    await client.ask("backups:close", undefined);
    await client.kill();
    client.start();
    await untilSynced(client);
    expect(await backupNames(world, client)).toHaveLength(2);
  });
});

describe("a password that the operator has had reset while the app is open", () => {
  it("is said at once, and what was not synced goes on after signing in with the new one", async () => {
    const story = await openWithNote();
    const { world, client } = story;
    await writeUnsynced(story);
    await resetPassword(world, "planted anew");
    await client.ask("sync:work-offline", { offline: false });
    expect((await untilEnded(client)).message).toMatch(/its password was changed/);
    await untilCopied(client);
    await untilTexts(client, unsynced);
    await expect(client.ask("account:sign-in", { email, password })).rejects.toThrow(/invalid username/);
    // Whoever closes the app first has all of it as well.
    await client.kill();
    client.start();
    await client.until("sign-in", ({ account }) => account.kind === "signed-out");
    await client.ask("account:sign-in", { email, password: "planted anew" });
    await untilWritable(client);
    await untilSynced(client);
    await untilTexts(client, unsynced);
    const fresh = world.startClient("fresh");
    await fresh.until("sign-in", ({ account }) => account.kind === "signed-out");
    await fresh.ask("account:sign-in", { email, password: "planted anew" });
    await untilTexts(fresh, unsynced);
  });
});

/** The operator issues a token, and its owner sets the password with it, as an app's page would. */
async function resetPassword(world: World, wanted: string): Promise<void> {
  const issued = await world.server().operate("users", "reset-password", email, "--json");
  const { token, tokenId } = JSON.parse(issued) as { token: string; tokenId: string };
  const path = "/api/client/v2.0/app/perennial/auth/providers/local-userpass/reset";
  const answer = await fetch(`${world.server().url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, tokenId, password: wanted }),
  });
  expect(answer.ok).toBe(true);
}
