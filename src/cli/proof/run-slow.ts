// The slow tier: real clients and servers. Each worker has a server of its own and plays its share of the seeds there.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startServerProcess } from "../scenario/server-process";
import { playSlow, type SlowResult } from "./slow-story";

export type SlowOptions = {
  readonly seed: number;
  readonly seeds: number;
  readonly workers: number;
  readonly say: (line: string) => void;
};

export type SlowRunResult = {
  readonly tier: "slow";
  readonly seed: number;
  readonly seeds: number;
  readonly violations: number;
  readonly byOracle: Readonly<Record<string, number>>;
  readonly crashPoints: number;
  readonly tokens: number;
  readonly writtenInDownload: number;
  readonly byEvent: Readonly<Record<string, number>>;
};

export async function runSlow({ seed, seeds, workers, say }: SlowOptions): Promise<SlowRunResult> {
  const programs = resolve(import.meta.dirname, "../../../out/node");
  const clientProgram = join(programs, "client.cjs");
  if (!existsSync(clientProgram)) throw new Error(`${clientProgram} is missing: run 'npm run setup' first`);
  // What this program needs in order to run as TypeScript, the clients and the server do not.
  process.execArgv.splice(0);
  const byOracle: Record<string, number> = {};
  const byEvent: Record<string, number> = {};
  let violations = 0;
  let kills = 0;
  let tokens = 0;
  let writtenInDownload = 0;
  let played = 0;
  let next = seed;
  const failed = new Set<string>();

  function take(seedPlayed: number, result: SlowResult): void {
    played += 1;
    kills += result.kills;
    tokens += result.tokens;
    writtenInDownload += result.writtenInDownload;
    byEvent[result.event] = (byEvent[result.event] ?? 0) + 1;
    if (result.violations.length > 0) violations += 1;
    for (const { oracle, what } of result.violations) {
      byOracle[oracle] = (byOracle[oracle] ?? 0) + 1;
      say(`seed ${seedPlayed}, ${oracle}: ${what} (${result.event})`);
      say(`  again: npm run test:recovery -- --tier slow --seed ${seedPlayed} --seeds 1`);
    }
    if (played % 10 === 0) say(`${played} of ${seeds} seeds`);
  }

  async function work(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "perennial-slow-"));
    const server = await startServerProcess(join(programs, "server.cjs"), join(folder, "server"));
    try {
      while (next < seed + seeds) {
        const mine = next;
        next += 1;
        const result = await playSlow({ folder, server, clientProgram }, mine).catch(
          (error: Error): SlowResult => ({
            violations: [{ oracle: "stuck", what: error.message }],
            event: "not played to its end",
            kills: 0,
            tokens: 0,
            writtenInDownload: 0,
          }),
        );
        take(mine, result);
        if (result.violations.length > 0) failed.add(folder);
      }
    } finally {
      await server.stop();
      if (failed.has(folder)) say(`what is left of the stories that failed is in ${folder}`);
      else await rm(folder, { recursive: true, force: true });
    }
  }

  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, work));
  return {
    tier: "slow",
    seed,
    seeds,
    violations,
    byOracle,
    crashPoints: kills,
    tokens,
    writtenInDownload,
    byEvent,
  };
}
