// The whole story without a window: two people take notes, one goes offline, something happens to the server, clients
// are reset, restart and recover; then everything that was typed is looked for. What happens is one of the causes.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Note } from "../../shared/note";
import type { StrategyName } from "../../shared/recovery/plan-types";
import type { Cause, Stage } from "./cause";
import { type CauseName, causes } from "./causes";
import { gatherDocuments } from "./documents";
import { type ClientOptions, type HeadlessClient, startHeadlessClient } from "./headless-client";
import { seededChance } from "./random";
import { startServerProcess } from "./server-process";
import { type Told, whatWasTold } from "./told";
import { createTypist, type Protocol } from "./typist";
import { judge, type Verdict } from "./verdict";
import { untilRecovered, untilSame, untilSynced } from "./waits";

export type StoryOptions = {
  readonly cause: CauseName;
  readonly notes: number;
  readonly seed: number;
  /** The state of the recovery in which the first client is killed once; null: none. */
  readonly crashAt: string | null;
  readonly strategy: StrategyName;
  readonly programs: { readonly client: string; readonly server: string };
  readonly documents: string;
  readonly keep: boolean;
  readonly say: (line: string) => void;
};

export type StoryResult = {
  readonly cause: CauseName;
  readonly strategy: StrategyName;
  /** What the laptop was told by the server, as its own log and report have it. */
  readonly code: number;
  readonly action: Told["action"];
  readonly clientCause: Told["cause"];
  /** Null: the phone was not reset, and was not to be. */
  readonly phone: Pick<Told, "code" | "action"> | null;
  readonly notes: number;
  readonly edits: number;
  readonly kills: number;
  readonly recoveryMs: number;
} & Verdict;

const account = { email: "gardener@example.com", password: "grows back every year" };

export async function playStory(options: StoryOptions): Promise<StoryResult> {
  const { notes, seed, crashAt, strategy, programs, say } = options;
  const cause = causes[options.cause];
  const folder = await mkdtemp(join(tmpdir(), "perennial-scenario-"));
  const chance = seededChance(seed);
  const protocol: Protocol = { words: [], trashed: [], moved: [] };
  const server = await startServerProcess(programs.server, join(folder, "server"));
  const clients: HeadlessClient[] = [];

  function startClient(name: string, more: Partial<ClientOptions> = {}): HeadlessClient {
    const client = startHeadlessClient({
      name,
      program: programs.client,
      dataDir: join(folder, name),
      serverUrl: server.url,
      recoveryStrategy: strategy,
      ...(cause.firstSchema !== undefined && name !== "fresh" && { schema: cause.firstSchema }),
      ...more,
    });
    clients.push(client);
    return client;
  }

  try {
    say(`server ${server.url}, data in ${folder}`);
    const documents = join(folder, "documents");
    await gatherDocuments(options.documents, documents, notes);
    const laptop = startClient("laptop", {
      clockOffsetMs: -300_000,
      ...(crashAt === null ? {} : { crashAt }),
    });
    await laptop.until("sign-in", ({ account }) => account.kind === "signed-out");
    await laptop.ask("account:register", account);
    await laptop.until("a writable tree", ({ readOnly }) => !readOnly);
    const { notes: importedCount } = await laptop.ask("notes:import-folder", { folder: documents });
    await untilSynced(laptop);
    const imported = await laptop.notes();
    say(`laptop imported ${importedCount} notes`);

    const phone = startClient("phone", { clockOffsetMs: 120_000 });
    await phone.until("sign-in", ({ account }) => account.kind === "signed-out");
    await phone.ask("account:sign-in", account);
    await phone.until("a writable tree", ({ readOnly }) => !readOnly);
    await untilSame(laptop, phone);

    const laptopHand = createTypist(laptop, chance, protocol);
    const phoneHand = createTypist(phone, chance, protocol);
    const someNotes = () => pickIds(imported, chance, 6);
    const editsPerStage = Math.max(8, Math.round(notes / 20));

    await laptopHand.work(1, editsPerStage, []);
    await untilSynced(laptop);
    const stage: Stage = { folder, server, laptop, phone, crashAt, say };
    await cause.prepare?.(stage);

    await untilSame(laptop, phone);
    await laptopHand.work(2, editsPerStage, []);
    await untilSynced(laptop);
    await untilSame(laptop, phone);
    await phoneHand.work(2, editsPerStage, []);
    await untilSynced(phone);
    await untilSame(laptop, phone);

    await laptop.ask("sync:work-offline", { offline: true });
    const both = someNotes();
    await laptopHand.work(3, editsPerStage, both);
    await phoneHand.work(3, editsPerStage, both);
    await untilSynced(phone);
    say("laptop is offline; both went on");

    await cause.strike(stage);
    if (cause.resetsPhone) {
      await phone.until("the prompt", ({ reset }) => reset.kind === "prompt");
      await cause.beforeRestart?.(phone, stage);
      await phone.ask("reset:restart", undefined);
      await untilRecovered(phone);
      await untilSynced(phone);
      say("phone has recovered");
    }
    await phoneHand.work(4, editsPerStage, both);
    await untilSynced(phone);

    await laptopHand.work(4, 3, []);
    if (cause.comeBack) await cause.comeBack(stage);
    else await laptop.ask("sync:work-offline", { offline: false });
    await postponeThenWrite(laptop, () => laptopHand.work(5, 3, []));
    await cause.beforeRestart?.(laptop, stage);
    const restartedAtMs = Date.now();
    if (laptop.resetState() === "postponed")
      await laptop.ask("reset:restart", undefined).catch(ignoreKill(laptop));
    await tryAgainWhereItStopped(laptop);
    await untilRecovered(laptop);
    const recoveryMs = Date.now() - restartedAtMs;
    await untilSynced(laptop);
    say(`laptop has recovered in ${recoveryMs} ms`);

    await untilSame(laptop, phone);
    const fresh = startClient("fresh", cause.lastSchema === undefined ? {} : { schema: cause.lastSchema });
    await fresh.until("sign-in", ({ account }) => account.kind === "signed-out");
    await fresh.ask("account:sign-in", account);
    await fresh.until("a writable tree", ({ readOnly }) => !readOnly);
    await untilSame(fresh, phone);

    const told = await whatWasTold(laptop, join(folder, "laptop"));
    const toldPhone = await whatWasTold(phone, join(folder, "phone"));
    expectTold("laptop", told, cause);
    if (cause.resetsPhone) expectTold("phone", toldPhone, cause);
    else if (toldPhone !== null) throw new Error(`phone was reset: ${toldPhone.message}`);

    if (cause.resetsPhone) await cause.verify?.(phone, stage);
    await cause.verify?.(laptop, stage);

    const verdict = judge({
      protocol,
      imported,
      server: await fresh.notes(),
      replicas: new Map([
        ["laptop", await laptop.notes()],
        ["phone", await phone.notes()],
      ]),
      copies: new Map([...(await copiesOf(laptop)), ...(await copiesOf(phone))]),
      recoveredFirst: "phone",
    });
    const edits = protocol.words.length + protocol.moved.length + protocol.trashed.length;
    const kills = laptop.kills();
    return {
      cause: options.cause,
      strategy,
      code: told.code,
      action: told.action,
      clientCause: told.cause,
      phone: toldPhone && { code: toldPhone.code, action: toldPhone.action },
      notes: importedCount,
      edits,
      kills,
      recoveryMs,
      ...verdict,
    };
  } finally {
    for (const client of clients) await client.close();
    await server.stop();
    if (!options.keep) await rm(folder, { recursive: true, force: true });
  }
}

function expectTold(name: string, told: Told | null, { expected }: Cause): asserts told is Told {
  if (told === null) throw new Error(`${name} was not reset`);
  const { code, action, cause, message } = told;
  if (!expected.codes.includes(code) || action !== "ClientReset" || cause !== expected.cause)
    throw new Error(`${name} was told ${code} ${action} and calls it ${cause}: ${message}`);
}

/** 'Not now' at the prompt, and on with the work. A client that is killed meanwhile recovers at its next start. */
async function postponeThenWrite(client: HeadlessClient, work: () => Promise<void>): Promise<void> {
  await client.until("the prompt, or recovery after a crash", ({ reset }) =>
    ["prompt", "recovering", "finished"].includes(reset.kind),
  );
  if (client.resetState() !== "prompting") return;
  await client.ask("reset:later", undefined).catch(ignoreKill(client));
  await client.until("the banner, or recovery after a crash", ({ reset }) =>
    ["postponed", "recovering", "finished"].includes(reset.kind),
  );
  if (client.resetState() === "postponed") await work();
}

/** A client that was killed starts at once, before the cause of its resets is gone, and stops after a few of them. */
async function tryAgainWhereItStopped(client: HeadlessClient): Promise<void> {
  if (client.kills() === 0) return;
  const { reset } = await client.until("the end of recovery, or of trying", ({ reset }) =>
    ["stopped", "finished", "review"].includes(reset.kind),
  );
  if (reset.kind === "stopped") await client.ask("reset:try-again", undefined);
}

function ignoreKill(client: HeadlessClient): (error: Error) => void {
  return (error) => {
    if (client.kills() === 0) throw error;
  };
}

function pickIds(
  notes: ReadonlyMap<string, Note>,
  chance: ReturnType<typeof seededChance>,
  count: number,
): string[] {
  const ids = [...notes.values()].filter(({ isRoot }) => !isRoot).map(({ id }) => id);
  return Array.from({ length: count }, () => chance.pick(ids));
}

async function copiesOf(client: HeadlessClient): Promise<Map<string, string>> {
  const copies = new Map<string, string>();
  for (const { resetId } of await client.ask("reports:list", undefined)) {
    const { items } = await client.ask("reports:read", { resetId });
    for (const { noteId, copyId } of items) if (copyId !== null) copies.set(copyId, noteId);
  }
  return copies;
}
