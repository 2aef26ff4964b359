// What a recovery of the benchmark finds: a client's folder with all notes synced and edits that were made offline, and
// a server whose sync was terminated and enabled again. Prepared once, then copied for each.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cp, lstat, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type HeadlessClient, startHeadlessClient } from "../../src/cli/scenario/headless-client";
import { startServerProcess } from "../../src/cli/scenario/server-process";
import { appId } from "../../src/main/paths";
import type { AppState } from "../../src/shared/ipc-contract";
import { addLine, editOffline, type OfflineEdits, type Shape } from "./garden";
import { memoryMb } from "./process-figures";
import { moveOneSide, moveOtherSide, type Ring, ringsOf, untilClosed } from "./rings";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const programs = {
  client: join(root, "out", "node", "client.cjs"),
  server: join(root, "out", "node", "server.cjs"),
  other: join(root, "out", "node", "other-device.cjs"),
  reader: join(root, "out", "node", "reading-device.cjs"),
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

export type Wanted = {
  readonly notes: number;
  readonly edits: number;
  readonly seed: number;
  readonly shape: Shape;
};

/** The folder of what is prepared, below the one for all. */
export function preparedFolder(data: string, { notes, edits, seed, shape }: Wanted): string {
  return join(data, `${notes}-${edits}-${seed}${shape === "beds" ? "" : `-${shape}`}`);
}

/** Answers what a former run has prepared in the folder, where one has. */
export async function prepareOnce(folder: string, wanted: Wanted): Promise<Prepared> {
  const about = join(folder, "prepared.json");
  if (existsSync(about)) return JSON.parse(readFileSync(about, "utf8")) as Prepared;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const prepared = await prepare(folder, wanted);
  writeFileSync(about, JSON.stringify(prepared));
  return prepared;
}

export const account = { email: "bench@example.com", password: "grows back every year" };

const longMs = 600_000;
const isSynced = ({ readOnly, sync }: AppState) => !readOnly && sync.kind === "synced";

async function prepare(folder: string, { notes, edits, seed, shape }: Wanted): Promise<Prepared> {
  const places = placesIn(folder);
  const server = await startServerProcess(programs.server, places.server);
  const device = (name: string, dataDir: string) =>
    startHeadlessClient({ name, program: programs.client, dataDir, serverUrl: server.url });
  const client = device("client", places.client);
  let phone: HeadlessClient | null = null;
  const rings = shape === "cycle" ? ringsOf(notes) : { early: [], late: [] };
  const tokens: string[] = [];
  try {
    await client.until("sign-in", ({ account: { kind } }) => kind === "signed-out");
    await client.ask("account:register", account);
    await client.until("a writable tree", isSynced);
    const { rootId } = await client.ask("notes:all", undefined);
    await client.close();
    await writeByOtherDevice(join(folder, "other"), server.url, [rootId, String(notes), shape]);
    say(`${notes} notes were written by another device`);
    client.start();
    await client.until("all notes", isSynced, longMs);
    await untilAllThere(client, notes);
    say("the device has them");
    if (shape === "cycle") {
      phone = device("phone", join(folder, "phone"));
      await phone.until("sign-in", ({ account: { kind } }) => kind === "signed-out");
      await phone.ask("account:sign-in", account);
      await phone.until("all notes", isSynced, longMs);
      await untilAllThere(phone, notes);
      await closeRings(client, phone, rings.early);
      say(`${rings.early.length} rings are closed`);
    }
    await client.close();
    client.start();
    await client.until("the tree again", isSynced, longMs);
    await client.ask("sync:work-offline", { offline: true });
    const openMb = memoryMb(client.pid(), "VmRSS");
    const made = await editOffline(client, edits, seed, shape === "beds" ? "all" : "new");
    tokens.push(...made.tokens);
    for (const ring of [...rings.early, ...rings.late]) tokens.push(...(await writeInto(client, ring, seed)));
    await moveOneSide(client, rings.late);
    await client.close();
    if (phone !== null) {
      await moveOtherSide(phone, rings.late);
      await phone.until("what the phone did", isSynced, longMs);
    }
    say(`${made.changed} edits were made offline; ${openMb} MB with the realm open`);
    await phone?.close();
    await server.operate("terminate");
    await server.operate("enable");
    await server.stop();
    for (const place of Object.values(places)) await rename(place, keptAside(place));
    return {
      url: server.url,
      port: Number(new URL(server.url).port),
      made: { ...made, tokens },
      openMb,
    };
  } finally {
    await client.close();
    await phone?.close();
    await server.stop();
  }
}

async function untilAllThere(client: HeadlessClient, notes: number): Promise<void> {
  for (let there = 0; there <= notes; ) there = (await client.ask("notes:all", undefined)).rows.length;
}

async function closeRings(
  client: HeadlessClient,
  phone: HeadlessClient,
  rings: readonly Ring[],
): Promise<void> {
  const both = [client, phone];
  for (const each of both) await each.ask("sync:work-offline", { offline: true });
  await moveOneSide(client, rings);
  await moveOtherSide(phone, rings);
  for (const each of both) await each.ask("sync:work-offline", { offline: false });
  for (const each of both) {
    await untilClosed(each, rings);
    await each.until("the rings synced", isSynced, longMs);
  }
}

/** A word at the top of either branch, and one at its end. */
async function writeInto(client: HeadlessClient, ring: Ring, seed: number): Promise<readonly string[]> {
  const ids = [...new Set(Object.values(ring))];
  const words = ids.map((id) => `token-${seed}-ring${id.slice(0, 8)}`);
  for (const [index, id] of ids.entries()) await addLine(client, id, words[index] ?? "", 1);
  return words;
}

async function writeByOtherDevice(
  dataDir: string,
  serverUrl: string,
  garden: readonly string[],
): Promise<void> {
  await mkdir(dataDir);
  const args = [dataDir, serverUrl, appId, account.email, account.password, ...garden];
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
