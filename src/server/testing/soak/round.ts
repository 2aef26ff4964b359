/**
 * One round of the soak: everybody writes, goes offline, loses connections, changes queries, is killed; then all is
 * put right again, and every replica is compared with the server.
 */
import { Random } from "../random";
import { expectedReplica } from "./expected-replica";
import type { Garden, GardenClient } from "./garden";
import { differencesOf, tokensAstray } from "./verdict";

export type Say = (who: string, what: string, detail?: unknown) => void;

/** Together with all retries. Under load, a start alone may take seconds. */
const quiescenceLimitMs = 90_000;

/** @throws the first thing that went wrong, once everybody has stopped */
export async function disturb(garden: Garden, seed: number, durationMs: number, say: Say): Promise<void> {
  const endsAtMs = Date.now() + durationMs;
  let hasFailed = false;
  const isOver = (): boolean => hasFailed || Date.now() >= endsAtMs;
  const noting = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const outcomes = await Promise.allSettled([
    ...garden.clients.map((client, index) => noting(live(client, new Random(seed + index + 1), isOver, say))),
    noting(disturbServer(garden, new Random(seed), isOver, say)),
  ]);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

async function live(client: GardenClient, random: Random, isOver: () => boolean, say: Say): Promise<void> {
  const write = async (): Promise<void> => {
    const seed = random.below(2 ** 31);
    await client.write(seed, 1 + random.below(4));
  };
  const writes = async (): Promise<void> => {
    for (let count = 1 + random.below(4); count > 0; count--) await write();
  };
  while (!isOver()) {
    const choice = random.below(100);
    if (choice < 50) {
      await write();
      await pass(random.below(200));
    } else if (choice < 58) {
      const afterBytes = random.chance(0.3) ? 0 : random.below(random.chance(0.5) ? 600 : 20_000);
      say(client.name, "cut", afterBytes);
      client.proxy.cut(afterBytes);
    } else if (choice < 63) {
      say(client.name, "unreachable");
      client.proxy.setDown(true);
      await writes();
      await pass(random.below(1500));
      client.proxy.setDown(false);
      await reconnect(client);
    } else if (choice < 71) {
      say(client.name, "offline");
      await client.pause();
      await writes();
      await client.resume();
    } else if (choice < 77) {
      const seed = random.below(2 ** 31);
      say(client.name, "subscribe", seed);
      await client.subscribe(seed);
      if (random.chance(0.4)) client.proxy.cut(random.below(3000));
    } else if (choice < 85) {
      await client.uploaded(3000);
    } else if (choice < 90) {
      await client.downloaded(3000);
    } else if (choice < 95) {
      await reconnect(client);
    } else if (choice < 97) {
      const delayMs = random.below(60);
      say(client.name, "kill", delayMs);
      await client.killWhileWriting(random.below(2 ** 31), delayMs);
      await client.start();
    } else if (choice < 98) {
      if (random.chance(0.3)) client.edition = 2;
      say(client.name, "open again", client.edition);
      await client.open();
    } else {
      await pass(random.below(1000));
    }
  }
}

async function disturbServer(garden: Garden, random: Random, isOver: () => boolean, say: Say): Promise<void> {
  for (;;) {
    const restAtMs = Date.now() + 2000 + random.below(8000);
    while (Date.now() < restAtMs && !isOver()) await pass(100);
    if (isOver()) return;
    const isKill = random.chance(0.7);
    say("server", isKill ? "kill" : "restart");
    if (isKill) await garden.killServer();
    else await garden.stopServer();
    await pass(random.below(800));
    await garden.startServer();
  }
}

/** A client that waits to try again forgets how long it wanted to wait. */
async function reconnect(client: GardenClient): Promise<void> {
  await client.pause();
  await client.resume();
}

/** @returns what keeps the clients from coming to rest; empty when nobody has anything left to say */
async function comeToRest(garden: Garden): Promise<string[]> {
  const giveUpAtMs = Date.now() + quiescenceLimitMs;
  for (const client of garden.clients) client.proxy.setDown(false);
  const until = async (
    client: GardenClient,
    what: string,
    ask: (limitMs: number) => Promise<boolean>,
  ): Promise<string[]> => {
    for (;;) {
      const askedAtMs = Date.now();
      if (await ask(5000)) return [];
      // A wait that is refused at once must not become a client that only ever connects.
      await pass(Math.max(0, askedAtMs + 500 - Date.now()));
      await client.collectErrors();
      if (Date.now() > giveUpAtMs || garden.failures.length > 0) return [`${client.name} is not ${what}`];
      await reconnect(client);
    }
  };
  const steps: readonly (readonly [string, (client: GardenClient, limitMs: number) => Promise<boolean>])[] = [
    ["uploaded", (client, limitMs) => client.uploaded(limitMs)],
    ["subscribed", (client, limitMs) => client.subscribed(limitMs)],
    // What waited behind the new queries.
    ["uploaded", (client, limitMs) => client.uploaded(limitMs)],
    ["downloaded", (client, limitMs) => client.downloaded(limitMs)],
  ];
  for (const client of garden.clients) await reconnect(client);
  for (const [what, ask] of steps) {
    const stalled = await Promise.all(
      garden.clients.map((client) => until(client, what, (limitMs) => ask(client, limitMs))),
    );
    if (stalled.flat().length > 0) return stalled.flat();
  }
  return [];
}

export type Verdict = {
  /** Replicas that differ from the server, each with its first differences. */
  readonly diverged: readonly string[];
  readonly lost: readonly string[];
  readonly failures: readonly string[];
};

export async function judge(garden: Garden): Promise<Verdict> {
  const stalled = await comeToRest(garden);
  for (const client of garden.clients) await client.collectErrors();
  const failures = [...garden.failures, ...stalled];
  if (failures.length > 0) return { diverged: [], lost: [], failures };
  const copy = await garden.serverCopy();
  const diverged: string[] = [];
  for (const client of garden.clients) {
    const replica = await client.dump();
    const { schema } = garden;
    const { edition, ownerId } = client;
    const expected = expectedReplica(copy, schema, edition, ownerId, replica.queries);
    const differences = differencesOf(replica.objects, expected);
    if (differences.length > 0)
      diverged.push(`${client.name} (${differences.length} objects): ${differences.slice(0, 3).join("\n")}`);
  }
  return { diverged, lost: tokensAstray(garden.tokens, copy.objects), failures: [...copy.problems] };
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
