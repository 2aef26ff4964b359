// The world of one story: a real server and real clients as processes of their own, in a folder of their own that
// goes when the story ends. Needs the built programs (out/node), which `npm test` makes first.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { dataPaths } from "../../main/paths";
import type { Note, NoteId } from "../../shared/note";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { type ClientOptions, type HeadlessClient, startHeadlessClient } from "../scenario/headless-client";
import { type ServerProcess, startServerProcess } from "../scenario/server-process";
import { untilSynced, untilWritable } from "../scenario/waits";
import type { RewritingProxy } from "./rewriting-proxy";

/** Where the built programs are; another folder lets stories run while the usual one is being built. */
const programs = resolve(process.env.PERENNIAL_TEST_PROGRAMS ?? join("out", "node"));

export type World = {
  readonly folder: string;
  readonly server: () => ServerProcess;
  readonly stopServer: () => Promise<void>;
  /** At the address it had before; `more`: further arguments of `perennial-server start`. */
  readonly startServer: (more?: readonly string[]) => Promise<void>;
  /** The server's data as they are now; `restore` goes back to them later. */
  readonly backUp: () => Promise<string>;
  readonly restore: (backup: string) => Promise<void>;
  /** The server forgets all its clients, and keeps its notes. */
  readonly terminateAndEnable: () => Promise<void>;
  /** The version of the server's history: it rises with everything that anybody writes. */
  readonly serverVersion: () => Promise<number>;
  readonly startClient: (name: string, more?: Partial<ClientOptions>) => HeadlessClient;
  /** A client that has signed in with the account and shows a tree that can be written. */
  readonly openClient: (
    name: string,
    account?: AccountName,
    more?: Partial<ClientOptions>,
  ) => Promise<HeadlessClient>;
  readonly pathsOf: (client: HeadlessClient) => ReturnType<typeof dataPaths>;
  readonly logOf: (client: HeadlessClient) => Promise<string>;
};

export type AccountName = "gardener" | "neighbour";

export function credentials(account: AccountName): { email: string; password: string } {
  return { email: `${account}@example.com`, password: "grows back every year" };
}

/** `proxy`: clients reach the server through it alone. */
export async function openWorld({ proxy }: { readonly proxy?: RewritingProxy } = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "perennial-story-"));
  const dataDir = join(folder, "server");
  const clients: HeadlessClient[] = [];
  const registered = new Set<AccountName>();
  let backups = 0;
  let server = await startServerProcess(join(programs, "server.cjs"), dataDir);
  const { url } = server;
  proxy?.forwardTo(url);

  onTestFinished(async ({ task }) => {
    for (const client of clients) await client.kill();
    server.signal("SIGCONT");
    await server.stop();
    proxy?.close();
    if (task.result?.state !== "fail") await rm(folder, { recursive: true, force: true });
    else console.error(`the story's data are in ${folder}`);
  });

  function startClient(name: string, more: Partial<ClientOptions> = {}): HeadlessClient {
    const client = startHeadlessClient({
      name,
      program: join(programs, "client.cjs"),
      dataDir: join(folder, name),
      serverUrl: proxy?.url ?? url,
      ...more,
    });
    clients.push(client);
    return client;
  }

  return {
    folder,
    server: () => server,
    stopServer: () => server.stop(),
    async startServer(more = []) {
      server = await startServerProcess(
        join(programs, "server.cjs"),
        dataDir,
        Number(new URL(url).port),
        more,
      );
    },
    async backUp() {
      backups += 1;
      const backup = join(folder, `backup-${backups}`);
      await server.operate("backup", backup);
      return backup;
    },
    async restore(backup) {
      await server.operate("restore", backup);
    },
    async terminateAndEnable() {
      await server.operate("terminate");
      await server.operate("enable");
    },
    async serverVersion() {
      const status = JSON.parse(await server.operate("status", "--json")) as { version: number };
      return status.version;
    },
    startClient,
    async openClient(name, account = "gardener", more = {}) {
      const client = startClient(name, more);
      await signIn(client, account, registered);
      return client;
    },
    pathsOf: (client) => dataPaths(join(folder, client.name)),
    async logOf(client) {
      return readFile(dataPaths(join(folder, client.name)).log, "utf8");
    },
  };
}

export async function signIn(
  client: HeadlessClient,
  account: AccountName,
  registered: Set<AccountName>,
): Promise<void> {
  await client.until("sign-in", ({ account }) => account.kind === "signed-out");
  const channel = registered.has(account) ? "account:sign-in" : "account:register";
  registered.add(account);
  await client.ask(channel, credentials(account));
  await untilWritable(client);
}

/** A new note under the root, as its last child or first. */
export async function addNote(client: HeadlessClient, text: string, under?: NoteId): Promise<NoteId> {
  const { rootId } = await client.ask("notes:all", undefined);
  return client.ask("notes:create", { target: { parentId: under ?? rootId, afterId: null }, text });
}

export async function addSynced(client: HeadlessClient, text: string, under?: NoteId): Promise<NoteId> {
  const id = await addNote(client, text, under);
  await untilSynced(client);
  return id;
}

/** Types `text` in the place of what the note says. */
export async function rewrite(client: HeadlessClient, id: NoteId, text: string): Promise<void> {
  const { text: base } = await client.ask("notes:read", { id });
  await client.ask("notes:edit", { id, text, base });
}

export async function textOf(client: HeadlessClient, id: NoteId): Promise<string> {
  return (await client.ask("notes:read", { id })).text;
}

/** The texts of all notes outside the trash but for the root, sorted. */
export async function texts(client: HeadlessClient): Promise<string[]> {
  const notes = await client.notes();
  return [...notes.values()]
    .filter((note) => !note.isRoot && note.deletedAtMs === null)
    .map(({ text }) => text)
    .sort();
}

/** Waits until the client shows exactly these texts, in any order. */
export async function untilTexts(client: HeadlessClient, wanted: readonly string[]): Promise<void> {
  await untilNotes(client, `the texts ${JSON.stringify(wanted)}`, (notes) => {
    const found = notes
      .filter((note) => !note.isRoot && note.deletedAtMs === null)
      .map(({ text }) => text)
      .sort();
    return JSON.stringify(found) === JSON.stringify([...wanted].sort());
  });
}

export async function untilNotes(
  client: HeadlessClient,
  what: string,
  condition: (notes: readonly Note[]) => boolean,
): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const notes = [...(await client.notes()).values()];
    if (condition(notes)) return;
    if (Date.now() > deadline) {
      const found = JSON.stringify(notes.map(({ text, deletedAtMs }) => ({ text, deletedAtMs })));
      throw new Error(`${client.name} never showed ${what}; it shows ${found}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function lastReport(client: HeadlessClient): Promise<RecoveryReport> {
  const [summary] = await client.ask("reports:list", undefined);
  if (summary === undefined) throw new Error(`${client.name} has no report`);
  return client.ask("reports:read", { resetId: summary.resetId });
}

export async function backupNames(world: World, client: HeadlessClient): Promise<string[]> {
  return (await readdir(world.pathsOf(client).backups)).sort();
}

/** From the prompt through the restart to the end of the recovery, as a person would go. */
export async function acceptRestart(client: HeadlessClient): Promise<void> {
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await client.ask("reset:restart", undefined);
}
