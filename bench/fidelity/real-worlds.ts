// Plays stories with real clients and a real server, so that Realm itself recovers them: many worlds at once, because
// the server breaks for all of them together. Before anything is recovered, each world is compared with the one in
// memory: what is judged is the very same world. Judges nothing itself.

import { randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { SignJWT } from "jose";
import { startServerProcess } from "../../src/cli/scenario/server-process";
import { appId } from "../../src/main/paths";
import type { Note, NoteId } from "../../src/shared/note";
import { type Judged, type JudgedRun, judgedStory } from "../../src/shared/recovery/testing/fidelity";
import type { Story } from "../../src/shared/recovery/testing/random-world";
import { createWorld, type Deed, type Realm, type Versioned } from "../../src/shared/recovery/testing/world";
import type { Command, Dumped, Recovered, Step } from "./peer-commands";
import { type Peer, startPeer } from "./peer-process";
import { type Script, scriptOf, type Turn } from "./script";

export type Told = { readonly number: number; readonly story: Story; readonly deeds: readonly Deed[] };

export type Played = {
  readonly number: number;
  readonly judged: Judged;
  /** How Realm's recoveries ended, one for each device that had to start anew. */
  readonly endings: readonly Recovered[];
};

export type Programs = { readonly server: string; readonly peer: string };

type World = Told & { readonly script: Script };

/** What tokens are signed with. Written as text, because the server reads it so. */
const secret = new TextEncoder().encode(randomBytes(32).toString("hex"));

const convergenceMs = 30_000;
const notTheSame = `the device did not come to show what the server has within ${convergenceMs} ms`;

/** At the same time in one process; more only wait for each other. */
const atOnce = 16;

/** All of these must break in the same way: the server is restored under them, or sync is terminated. */
export async function playTogether(all: readonly Told[], programs: Programs): Promise<Played[]> {
  const worlds = all.map((told): World => ({ ...told, script: scriptOf(told.deeds) }));
  const folder = await mkdtemp(join(tmpdir(), "perennial-fidelity-"));
  const server = await startServerProcess(programs.server, join(folder, "server"));
  const folderOf = (name: string): string => join(folder, name);
  const peers = new Map<string, Peer>();
  const start = (...names: string[]): void => {
    for (const name of names) peers.set(name, startPeer(programs.peer, folderOf(name), server.url, appId));
  };
  const peer = (name: string): Peer => peers.get(name)!;

  async function logIn(name: string, { number }: World): Promise<void> {
    const token = await new SignJWT({ aud: appId, sub: `gardener-${number}` })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setExpirationTime("2h")
      .sign(secret);
    await peer(name).ask(number, { kind: "log-in", token });
  }

  /** The operator's hand may do to the notes what no device did; it is a client like others. */
  async function openHand(world: World): Promise<void> {
    await logIn("hand", world);
    await peer("hand").ask(world.number, { kind: "open" });
  }

  async function setUp(world: World): Promise<void> {
    const { number } = world;
    for (const name of ["phone", "laptop"]) {
      await logIn(name, world);
      await peer(name).ask(number, { kind: "open" });
      if (name === "phone") await peer(name).ask(number, { kind: "steps", steps: plantRoot(number) });
    }
    await peer("laptop").ask(number, { kind: "steps", steps: [{ kind: "download" }] });
  }

  async function take(world: World, turns: readonly Turn[]): Promise<void> {
    for (const turn of turns) {
      if (turn.kind === "steps") {
        const steps = turn.steps.map((step) => stepIn(world.number, step));
        await peer(turn.device).ask(world.number, { kind: "steps", steps });
      } else {
        await uploadUnheard(world, turn.device);
      }
    }
  }

  /** A copy of the device's file uploads in its place; the file itself never hears of it. */
  async function uploadUnheard(world: World, device: string): Promise<void> {
    const { number } = world;
    const path = await peer(device).ask<string>(number, { kind: "path" });
    await logIn("hand", world);
    const copy = join(folderOf("hand"), relative(folderOf(device), path));
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(path, copy);
    await peer("hand").ask(number, { kind: "open-copied" });
    await peer("hand").ask(number, { kind: "steps", steps: [{ kind: "upload" }, { kind: "download" }] });
    await peer("hand").ask(number, { kind: "close" });
    await rm(copy, { force: true });
  }

  async function lose(world: World): Promise<void> {
    const { loses } = world.script;
    if (loses === null) return;
    await openHand(world);
    const ids = loses.kind === "notes" ? loses.ids.map((id) => idIn(world.number, id)) : [];
    const command: Command = loses.kind === "notes" ? { kind: "lose-notes", ids } : { kind: "lose-lists" };
    await peer("hand").ask(world.number, command);
    await peer("hand").ask(world.number, { kind: "close" });
  }

  /** What a client that comes new to it gets. */
  async function readServer(world: World): Promise<Realm> {
    const { number } = world;
    await logIn("reader", world);
    await peer("reader").ask(number, { kind: "open" });
    await peer("reader").ask(number, { kind: "steps", steps: [{ kind: "download" }] });
    return realmFrom(await peer("reader").ask<Dumped>(number, { kind: "dump" }));
  }

  /** What the server has once the device shows the same: Realm's recovery is uploaded, and nothing is on its way. */
  async function untilTheSame(
    { number }: World,
    device: string,
    isExpected: boolean,
  ): Promise<{ readonly server: Realm; readonly isSame: boolean }> {
    const deadlineMs = Date.now() + (isExpected ? convergenceMs : 0);
    for (;;) {
      await peer("reader").ask(number, { kind: "steps", steps: [{ kind: "download" }] });
      const server = realmFrom(await peer("reader").ask<Dumped>(number, { kind: "dump" }));
      const own = realmFrom(await peer(device).ask<Dumped>(number, { kind: "dump" }));
      const isSame = differences(server, own).length === 0;
      if (isSame || Date.now() > deadlineMs) return { server, isSame };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function recoverAll(world: World): Promise<Played> {
    const { number, story } = world;
    const before = await readServer(world);
    const [first] = story.runs;
    const differs = differences(first!.serverBefore, before);
    if (differs.length > 0)
      throw new Error(`world ${number} is not the one in memory: ${differs.join("; ")}`);
    const runs: JudgedRun[] = [];
    const endings: Recovered[] = [];
    let server: Realm = first!.serverBefore;
    for (const run of judgedStory(story).runs) {
      await logIn(run.device, world);
      const ended = await peer(run.device).ask<Recovered>(number, { kind: "recover" });
      const after = await untilTheSame(world, run.device, ended.kind !== "failed");
      endings.push(after.isSame || ended.kind === "failed" ? ended : { kind: "failed", message: notTheSame });
      runs.push({ ...run, before: server, after: after.server, copies: new Map() });
      server = after.server;
    }
    return { number, endings, judged: { ...judgedStory(story), runs } };
  }

  let isWorthReading = false;
  try {
    const secretFile = join(folder, "secret");
    await writeFile(secretFile, secret);
    await server.operate("auth", "set", "--jwt", "HS256", "--jwt-secret-file", secretFile);
    start("laptop", "phone", "hand", "reader");
    await eachOf(worlds, setUp);
    await eachOf(worlds, (world) => take(world, world.script.beforeBackup));
    const backup = join(folder, "backup");
    await server.operate("backup", backup);
    await eachOf(worlds, (world) => take(world, world.script.untilBroken));
    if (worlds.some(({ script }) => script.breaks === "restored")) {
      await server.operate("restore", backup);
    } else {
      await eachOf(worlds, lose);
      await server.operate("terminate");
      await server.operate("enable");
    }
    await eachOf(worlds, (world) => take(world, world.script.afterBreak));
    // Processes that lived through the break wait ever longer before they connect again; new ones do not.
    for (const name of ["laptop", "phone"]) await peer(name).close();
    start("laptop", "phone");
    return await eachOf(worlds, recoverAll);
  } catch (error) {
    isWorthReading = (error as Error).message.includes("process ended");
    throw error;
  } finally {
    for (const each of peers.values()) await each.close();
    await server.stop();
    if (!isWorthReading) await rm(folder, { recursive: true, force: true });
  }
}

async function eachOf<Value>(
  worlds: readonly World[],
  work: (world: World) => Promise<Value>,
): Promise<Value[]> {
  const results = new Map<World, Value>();
  const waiting = [...worlds];
  const workers = Array.from({ length: atOnce }, async () => {
    for (let world = waiting.shift(); world !== undefined; world = waiting.shift()) {
      results.set(world, await work(world));
    }
  });
  await Promise.all(workers);
  return worlds.map((world) => results.get(world) as Value);
}

/** The root that every story begins with. */
function plantRoot(number: number): Step[] {
  const { server, rootId } = createWorld();
  const { note, revision } = server.get(rootId)!;
  const change = { kind: "create", note: noteIn(number, note) } as const;
  return [{ kind: "write", writes: [{ change, revision }] }, { kind: "upload" }];
}

// --- Ids: in memory every world has the same, on one server a key belongs to one user ------------------------------

const sharedStart = "00000000-";

function idIn<Id extends NoteId | null>(world: number, id: Id): Id {
  return id === null ? id : (id.replace(sharedStart, `${world.toString(16).padStart(8, "0")}-`) as Id);
}

function idFrom<Id extends NoteId | null>(id: Id): Id {
  return id === null ? id : (`${sharedStart}${id.slice(sharedStart.length)}` as Id);
}

function noteIn(world: number, note: Note): Note {
  return { ...note, id: idIn(world, note.id), parentId: idIn(world, note.parentId), childIds: [] };
}

function stepIn(world: number, step: Step): Step {
  if (step.kind !== "write") return step;
  const writes = step.writes.map(({ change, revision }) => {
    if (change.kind === "create")
      return { revision, change: { ...change, note: noteIn(world, change.note) } };
    const id = idIn(world, change.id);
    if (change.kind !== "place") return { revision, change: { ...change, id } };
    const after = { ...change.after, parentId: idIn(world, change.after.parentId) };
    return { revision, change: { ...change, id, after } };
  });
  return { kind: "write", writes };
}

function realmFrom(dumped: Dumped): Realm {
  return new Map(
    dumped.map(({ note, revision }): [NoteId, Versioned] => {
      const { id, parentId, childIds } = note;
      const plain = { ...note, id: idFrom(id), parentId: idFrom(parentId), childIds: childIds.map(idFrom) };
      return [plain.id, { note: plain, revision }];
    }),
  );
}

function differences(wanted: Realm, found: Realm): string[] {
  const text = (realm: Realm, id: NoteId): string => {
    const version = realm.get(id);
    if (version === undefined) return "nothing";
    const { lastUpdatedMs: _, ...note } = version.note;
    return JSON.stringify([version.revision, Object.entries(note).sort()]);
  };
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((id) => text(wanted, id) !== text(found, id))
    .map((id) => `${text(found, id)} in place of ${text(wanted, id)}`);
}
