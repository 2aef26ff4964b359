/** The soak as a whole: gardens of some rounds each until the time is over, and what came of it. */
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../random";
import { Garden } from "./garden";
import { disturb, judge, type Say } from "./round";

export type SoakOptions = {
  readonly directory: string;
  readonly minutes: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
};

export type SoakReport = {
  /** All that took part, in all gardens. */
  readonly clients: number;
  readonly operations: number;
  readonly reconnects: number;
  readonly kills: number;
  /** Replicas that were not what the server had. */
  readonly diverged: number;
  readonly lostAcknowledged: number;
  /** Errors, stalls and damage: whatever else should not have been. */
  readonly failures: number;
  readonly refusedWrites: number;
  readonly tokens: number;
  readonly rounds: number;
  readonly minutes: number;
  readonly seed: number;
};

const roundsPerGarden = 4;
const shortestRoundMs = 10_000;

export async function soak({ directory, minutes, seed, onProgress }: SoakOptions): Promise<SoakReport> {
  const startedAtMs = Date.now();
  const endsAtMs = startedAtMs + minutes * 60_000;
  const total = {
    clients: 0,
    operations: 0,
    reconnects: 0,
    kills: 0,
    refusedWrites: 0,
    tokens: 0,
    rounds: 0,
  };
  const outcome = { diverged: 0, lostAcknowledged: 0, failures: 0 };
  const isGood = (): boolean => Object.values(outcome).every((count) => count === 0);
  const longestRoundMs = Math.min(45_000, Math.max(shortestRoundMs, (minutes * 60_000) / 3));

  for (let number = 0; isGood() && (number === 0 || Date.now() < endsAtMs); number++) {
    const gardenSeed = (seed + number * 1009) >>> 0;
    const random = new Random(gardenSeed);
    const garden = await Garden.plant(join(directory, `garden-${number}`), random);
    total.clients += garden.clients.length;
    onProgress(`garden ${number}: ${garden.clients.length} clients, ${garden.schema.length} classes`);
    const say: Say = (who, what, detail) =>
      appendFileSync(
        join(garden.directory, "schedule.jsonl"),
        `${JSON.stringify({ atMs: Date.now() - startedAtMs, who, what, detail })}\n`,
      );
    try {
      await garden.start();
      for (const client of garden.clients) await client.subscribe("everything");
      for (let round = 0; isGood() && round < roundsPerGarden; round++) {
        if (round > 0 && Date.now() >= endsAtMs) break;
        const roundSeed = random.below(2 ** 31);
        say("all", "round", { round, roundSeed });
        const durationMs = shortestRoundMs + random.below(longestRoundMs - shortestRoundMs + 1);
        await disturb(garden, roundSeed, durationMs, say);
        await settle(garden, `round ${round}`);
      }
      if (isGood()) {
        for (const client of garden.clients) await client.subscribe("everything");
        await settle(garden, "everybody sees everything");
      }
    } catch (error) {
      outcome.failures += 1;
      onProgress(`garden ${number}: ${String((error as Error).stack)}`);
    } finally {
      await garden.dispose();
    }
    total.operations += garden.counts.operations;
    total.reconnects += garden.counts.reconnects - garden.clients.length;
    total.kills += garden.counts.kills;
    total.refusedWrites += garden.counts.refusals;
    total.tokens += garden.tokens.length;
    if (isGood()) rmSync(garden.directory, { recursive: true, force: true });
  }
  return { ...total, ...outcome, minutes: Math.round((Date.now() - startedAtMs) / 6000) / 10, seed };

  async function settle(garden: Garden, what: string): Promise<void> {
    const { diverged, lost, failures } = await judge(garden);
    total.rounds += 1;
    outcome.diverged += diverged.length;
    outcome.lostAcknowledged += lost.length;
    outcome.failures += failures.length;
    const { operations, reconnects, kills } = garden.counts;
    onProgress(
      `${what}: ${operations} operations, ${reconnects} connections, ${kills} kills, ${garden.tokens.length} tokens`,
    );
    for (const text of diverged) onProgress(`DIVERGED ${text}`);
    for (const text of lost.slice(0, 20)) onProgress(`LOST ${text}`);
    for (const text of failures) onProgress(`FAILED ${text}`);
  }
}
