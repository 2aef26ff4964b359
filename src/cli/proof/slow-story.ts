// A story with nothing simulated but the person: two clients as processes of their own with the real Realm, the real
// server, real files, clocks that are wrong, and SIGKILL. Shorter than a simulated one; judged by the same rules.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { dataPaths } from "../../main/paths";
import type { Note, NoteId } from "../../shared/note";
import { createRandom, type Random, tokensIn } from "../../shared/recovery/testing/random-world";
import { statesAfterRestart, statesBeforeRestart } from "../../shared/reset-machine";
import { buildTree } from "../../shared/tree";
import { type HeadlessClient, startHeadlessClient } from "../scenario/headless-client";
import type { ServerProcess } from "../scenario/server-process";
import { untilSame, untilSynced, untilWritable } from "../scenario/waits";
import { type Ledger, noteRemovals, noteTokens, openLedger } from "./ledger";
import { createSlowWriting } from "./slow-writing";
import type { Violation } from "./violation";

export type SlowWorld = {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly clientProgram: string;
};

export type SlowResult = {
  readonly violations: readonly Violation[];
  readonly event: string;
  readonly kills: number;
  readonly tokens: number;
  /** Edits that were answered while the laptop recovered, before there was a plan. */
  readonly writtenInDownload: number;
};

const events = ["restored", "restored", "restored", "terminated", "terminated", "local", "none"] as const;
type Event = (typeof events)[number];

/** Where the laptop is killed: right after an answer, in a state of its recovery, or at any moment of it. */
const deaths = ["typing", "state", "state", "moment", "none"] as const;

const recoveryStates = [...statesBeforeRestart, ...statesAfterRestart] as const;

const clocks = [0, -300_000, 120_000, 86_400_000] as const;

export async function playSlow(world: SlowWorld, seed: number): Promise<SlowResult> {
  const random = createRandom(seed);
  const event = random.pick(events);
  const death = random.pick(deaths);
  const ledger = openLedger();
  const folder = join(world.folder, `seed-${seed}`);
  const account = { email: `gardener-${seed}@example.com`, password: "grows back every year" };
  const start = (name: string) =>
    startHeadlessClient({
      name,
      program: world.clientProgram,
      dataDir: join(folder, name),
      serverUrl: world.server.url,
      clockOffsetMs: random.pick(clocks),
      resetWay: random.chance(0.25) ? "immediate" : "restart",
    });
  const laptop = start("laptop");
  const phone = start("phone");
  const attendants = [laptop, phone].map(attend);
  // Draws of its own, so that the rest of a story is what it was before anybody wrote meanwhile.
  const meanwhileRandom = createRandom(seed * 31 + 5);
  const writing = (hand: Hand) =>
    createSlowWriting(laptop, world.server, meanwhileRandom, () => hand(1, () => true));
  let kills = 0;
  let isKept = true;
  try {
    await laptop.until("sign-in", ({ account: { kind } }) => kind === "signed-out");
    await laptop.ask("account:register", account);
    await untilWritable(laptop);
    const hands = { laptop: createHand(laptop, random, ledger), phone: createHand(phone, random, ledger) };
    await hands.laptop(3, () => true, true);
    await untilSynced(laptop);
    await phone.until("sign-in", ({ account: { kind } }) => kind === "signed-out");
    await phone.ask("account:sign-in", account);
    await untilWritable(phone);
    await untilSame(laptop, phone);
    const backup = join(folder, "backup");
    if (event === "restored") {
      await world.server.operate("backup", backup);
      // A machine that knows of nothing after the backup has no reason to be reset.
      await hands.phone(1, () => true, true);
      await untilSynced(phone);
      await untilSame(laptop, phone);
    }

    // Where sync's own rules would have to choose between two texts, each writes in notes of its own.
    const isApart = event === "local" || event === "none";
    const own = (half: number) => (id: NoteId) =>
      !isApart || Number.parseInt(id.slice(0, 2), 16) % 2 === half;
    await laptop.ask("sync:work-offline", { offline: true });
    await hands.laptop(2 + random.below(4), own(0));
    await hands.phone(1 + random.below(4), own(1));
    await untilSynced(phone);

    if (event === "restored") await world.server.operate("restore", backup);
    if (event === "terminated") {
      await world.server.operate("terminate");
      await world.server.operate("enable");
    }
    if (event === "restored" || event === "terminated") {
      await phone.until("its recovery", ({ reset, readOnly }) => reset.kind === "finished" && !readOnly);
      await untilSynced(phone);
    }

    const hasReset = event === "restored" || event === "terminated";
    const meanwhile = hasReset && meanwhileRandom.chance(0.7) ? writing(hands.laptop) : null;
    if (death === "typing" || death === "state") {
      await laptop.kill();
      kills += 1;
    }
    if (death === "state" && hasReset) {
      await within(120_000, "its death in a recovery", laptop.dieAt(random.pick(recoveryStates)));
      kills += 1;
      meanwhile?.holdServer();
      laptop.start();
    } else if (death === "typing" || death === "state") {
      laptop.start();
      await laptop.until("an open realm", ({ sync }) => sync.kind !== "starting");
    } else {
      await laptop.ask("sync:work-offline", { offline: false });
    }
    if (meanwhile !== null) {
      if (death !== "state") await meanwhile.holdWhenItRecovers();
      kills += await meanwhile.write();
    }
    if (event === "local") {
      await untilSynced(laptop);
      await hands.laptop(2, own(0));
      await laptop
        .simulateError({
          code: random.pick([211, 211, 132]),
          message: "simulated",
          category: "realm::sync::ProtocolError",
          isFatal: true,
        })
        .catch(() => undefined);
    }
    if (death === "moment") {
      // The moment is the stimulus, and nothing waits for it.
      await new Promise((resolve) => setTimeout(resolve, random.below(1_200)));
      await laptop.kill();
      kills += 1;
      laptop.start();
    }

    await untilQuiet(laptop);
    await untilQuiet(phone);
    await untilSame(laptop, phone);
    const violations = await judge(ledger, event, laptop, phone, folder);
    isKept = violations.length > 0;
    const writtenInDownload = meanwhile?.written() ?? 0;
    return { violations, event: `${event}, ${death}`, kills, tokens: ledger.tokens.size, writtenInDownload };
  } finally {
    for (const stop of attendants) stop();
    world.server.signal("SIGCONT");
    await laptop.kill();
    await phone.kill();
    // What is left of a story that failed is all there is to find out by.
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}

async function within(limitMs: number, what: string, wait: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms for ${what}`)), limitMs);
  });
  await Promise.race([wait, limit]).finally(() => clearTimeout(timer));
}

/** The person in front of the machine answers whatever it asks. Answers how to make them leave. */
function attend(client: HeadlessClient): () => void {
  let isThere = true;
  const answer = (channel: "reset:restart" | "reset:accept-plan" | "reset:try-again") => {
    void client.ask(channel, undefined).catch(() => undefined);
  };
  let asked = "";
  const look = (): Promise<unknown> =>
    client
      .until(
        "whatever comes",
        ({ reset }) => {
          if (!isThere) return true;
          if (reset.kind === asked) return false;
          asked = reset.kind;
          if (reset.kind === "prompt" || reset.kind === "postponed") answer("reset:restart");
          if (reset.kind === "review") answer("reset:accept-plan");
          if (reset.kind === "copy-failed" || reset.kind === "stopped") answer("reset:try-again");
          return false;
        },
        10_000,
      )
      .catch(() => (isThere ? look() : undefined));
  void look();
  return () => {
    isThere = false;
  };
}

async function untilQuiet(client: HeadlessClient): Promise<void> {
  await client.until(
    "quiet",
    ({ reset, readOnly, sync }) =>
      (reset.kind === "none" || reset.kind === "finished") && !readOnly && sync.kind === "synced",
    180_000,
  );
}

type Hand = (edits: number, mayTouch: (id: NoteId) => boolean, onlyCreates?: boolean) => Promise<void>;

function createHand(client: HeadlessClient, random: Random, ledger: Ledger): Hand {
  const by = client.name;
  return async (edits, mayTouch, onlyCreates = false) => {
    for (let edit = 0; edit < edits; edit += 1) {
      const notes = await client.notes();
      const tree = buildTree(notes.values() as Iterable<Note>);
      const rootId = tree.rootId!;
      // Ids are new in every run; texts are not, and the same seed shall choose the same.
      const live = [...tree.rows.values()]
        .filter(({ id }) => !tree.trashed.has(id))
        .sort((a, b) => (a.text < b.text ? -1 : 1));
      const others = live.filter(({ id }) => id !== rootId && mayTouch(id));
      const note = others.length === 0 ? null : random.pick(others);
      const kind = onlyCreates || note === null ? 0 : random.below(10);
      if (kind < 2) {
        const text = `# ${ledger.newToken(by)}\n`;
        const parentId = random.chance(0.5) ? rootId : random.pick(live).id;
        const id = await client.ask("notes:create", { target: { parentId, afterId: null }, text });
        noteTokens(ledger, by, id, text);
      } else if (kind < 8) {
        const lines = note!.text.split("\n");
        const token = ledger.newToken(by);
        if (kind === 2) lines[random.below(lines.length)] = token;
        else lines.splice(random.below(lines.length + 1), 0, token);
        const text = lines.join("\n");
        noteRemovals(ledger, by, note!.text, text);
        await client.ask("notes:edit", { id: note!.id, text, base: note!.text });
        noteTokens(ledger, by, note!.id, text);
      } else if (kind === 8) {
        const target = { parentId: random.pick(live).id, afterId: null };
        // Into itself is refused, as it should be.
        await client.ask("notes:move", { id: note!.id, target }).catch(() => undefined);
      } else {
        await client.ask("notes:trash", { id: note!.id });
      }
    }
  };
}

async function judge(
  ledger: Ledger,
  event: Event,
  laptop: HeadlessClient,
  phone: HeadlessClient,
  folder: string,
): Promise<Violation[]> {
  const found: Violation[] = [];
  const notes = await laptop.notes();
  const others = await phone.notes();
  const print = (each: Map<string, Note>) =>
    JSON.stringify(
      [...each.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ lastUpdatedMs, ...note }) => note),
    );
  if (print(notes) !== print(others))
    found.push({ oracle: "O9", what: `the machines differ after ${event}` });
  const texts = [...notes.values()].map(({ text }) => text);
  const recovered = new Set<NoteId>();
  for (const client of [laptop, phone]) {
    for (const { resetId } of await client.ask("reports:list", undefined)) {
      const { items } = await client.ask("reports:read", { resetId });
      for (const { mine, noteId } of items) {
        texts.push(mine ?? "");
        recovered.add(noteId);
      }
    }
    found.push(...wholeCopies(join(folder, client.name), client.name));
  }
  const there = new Set(texts.flatMap((text) => tokensIn(text)));
  for (const [token, { by, noteId }] of ledger.tokens) {
    if (there.has(token) || ledger.removed.has(token)) continue;
    found.push({ oracle: "O1", what: `${token}, typed by ${by} into ${noteId}, is lost after ${event}` });
  }
  const tree = buildTree(notes.values() as Iterable<Note>);
  // A ring that persons have closed, by moves that did not know of each other, is shown and left as it is.
  const ofPersons = new Set(tree.cycles.filter((ring) => !ring.some((id) => recovered.has(id))).flat());
  for (const id of tree.recovered) {
    if (!ofPersons.has(id)) found.push({ oracle: "O3", what: `${id} is not reached from the root` });
  }
  return found;
}

function wholeCopies(dataDir: string, name: string): Violation[] {
  const { backups } = dataPaths(dataDir);
  if (!existsSync(backups)) return [];
  return readdirSync(backups).flatMap((copy) => {
    const manifest = join(backups, copy, "manifest.json");
    if (!existsSync(manifest)) return [];
    const { sha256 } = JSON.parse(readFileSync(manifest, "utf8")) as { sha256: string };
    const hash = createHash("sha256")
      .update(readFileSync(join(backups, copy, "notes.realm")))
      .digest("hex");
    return hash === sha256
      ? []
      : [{ oracle: "O8", what: `the copy ${copy} of the ${name} is not what it was` }];
  });
}
