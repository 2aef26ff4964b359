// What both contenders of the recovery benchmark find: a client's folder with all notes synced and edits that were
// made offline, and a server whose sync was terminated and enabled again. Prepared once, then copied for each.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cp, lstat, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startHeadlessClient } from "../../src/cli/scenario/headless-client";
import { startServerProcess } from "../../src/cli/scenario/server-process";
import { appId } from "../../src/main/paths";
import type { AppState } from "../../src/shared/ipc-contract";
import { editOffline, type OfflineEdits } from "./garden";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const programs = {
  client: join(root, "out", "node", "client.cjs"),
  server: join(root, "out", "node", "server.cjs"),
  other: join(root, "out", "node", "other-device.cjs"),
  auto: join(root, "out", "node", "realm-auto.cjs"),
};

export const say = (line: string): void => console.error(`${process.uptime().toFixed(1)} s  ${line}`);

/** Where the realm and the server lie, always: Realm keeps absolute paths, and the server's address. */
export type Places = { readonly client: string; readonly server: string };

export function placesIn(folder: string): Places {
  return { client: join(folder, "client"), server: join(folder, "server") };
}

const keptAside = (place: string): string => `${place}.prepared`;

export type Prepared = {
  readonly url: string;
  readonly port: number;
  readonly made: OfflineEdits;
  /** Resident size of the client with its realm open and nothing to do. */
  readonly openMb: number;
};

/** Answers what a former run has prepared in the folder, where one has. */
export async function prepareOnce(
  folder: string,
  notes: number,
  edits: number,
  seed: number,
): Promise<Prepared> {
  const about = join(folder, "prepared.json");
  if (existsSync(about)) return JSON.parse(readFileSync(about, "utf8")) as Prepared;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const prepared = await prepare(folder, notes, edits, seed);
  writeFileSync(about, JSON.stringify(prepared));
  return prepared;
}

const account = { email: "bench@example.com", password: "grows back every year" };

async function prepare(folder: string, notes: number, edits: number, seed: number): Promise<Prepared> {
  const places = placesIn(folder);
  const server = await startServerProcess(programs.server, places.server);
  const client = startHeadlessClient({
    name: "client",
    program: programs.client,
    dataDir: places.client,
    serverUrl: server.url,
  });
  const isSynced = ({ readOnly, sync }: AppState) => !readOnly && sync.kind === "synced";
  try {
    await client.until("sign-in", ({ account: { kind } }) => kind === "signed-out");
    await client.ask("account:register", account);
    await client.until("a writable tree", isSynced);
    const { rootId } = await client.ask("notes:all", undefined);
    await client.close();
    await writeByOtherDevice(join(folder, "other"), server.url, rootId, notes);
    say(`${notes} notes were written by another device`);
    client.start();
    await client.until("all notes", isSynced, 600_000);
    for (let there = 0; there <= notes; ) there = (await client.ask("notes:all", undefined)).rows.length;
    say("the device has them");
    await client.close();
    client.start();
    await client.until("the tree again", isSynced, 600_000);
    await client.ask("sync:work-offline", { offline: true });
    const openMb = memoryMb(client.pid(), "VmRSS");
    const made = await editOffline(client, edits, seed);
    await client.close();
    say(`${made.changed} edits were made offline; ${openMb} MB with the realm open`);
    await server.operate("terminate");
    await server.operate("enable");
    await server.stop();
    for (const place of Object.values(places)) await rename(place, keptAside(place));
    return { url: server.url, port: Number(new URL(server.url).port), made, openMb };
  } finally {
    await client.close();
    await server.stop();
  }
}

async function writeByOtherDevice(
  dataDir: string,
  serverUrl: string,
  rootId: string,
  notes: number,
): Promise<void> {
  await mkdir(dataDir);
  const args = [dataDir, serverUrl, appId, account.email, account.password, rootId, String(notes)];
  const child = spawn(process.execPath, [programs.other, ...args], {
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the other device ended with ${code}`);
  await rm(dataDir, { recursive: true });
}

/** Puts fresh copies in their places. */
export async function layOutPrepared(folder: string): Promise<void> {
  for (const place of Object.values(placesIn(folder))) {
    await rm(place, { recursive: true, force: true });
    // Realm makes its named pipes anew.
    await cp(keptAside(place), place, {
      recursive: true,
      filter: async (from) => !(await lstat(from)).isFIFO(),
    });
  }
}

/** Linux's own accounting of a living process. */
export function memoryMb(pid: number, field: "VmRSS" | "VmHWM"): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}
