// The fast tier: makes the program of simulated stories and has one or several processes of it share the seeds.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bundleProgram } from "./bundle";
import type { WorldKind } from "./commands";
import type { Mutation } from "./mutations";
import type { RunnerMessage, RunnerOrder } from "./runner-messages";

export type FastOptions = {
  readonly seed: number;
  readonly seeds: number;
  readonly workers: number;
  readonly crashPoints: boolean;
  /** The seeds that were broken once, instead of those from `seed` on. */
  readonly knownSeeds: boolean;
  readonly twice: boolean;
  readonly trace: boolean;
  readonly world: WorldKind | null;
  readonly say: (line: string) => void;
};

export type FastResult = {
  readonly tier: "fast";
  readonly seed: number;
  readonly seeds: number;
  /** Seeds, or crash points, at which a promise was broken. */
  readonly violations: number;
  readonly byOracle: Readonly<Record<string, number>>;
  readonly crashPoints: number;
  readonly counts: Readonly<Record<string, number>>;
};

export async function runFast(options: FastOptions): Promise<FastResult> {
  const { seed, seeds, crashPoints, twice, trace, world, say } = options;
  const mode = crashPoints ? "crash-points" : options.knownSeeds ? "known-seeds" : "seeds";
  const workers = mode === "seeds" ? Math.min(options.workers, seeds) : 1;
  let played = 0;
  const done = await withProgram(null, (program) =>
    Promise.all(
      Array.from({ length: workers }, (_, worker) =>
        runProgram(
          program,
          {
            mode,
            seed: crashPoints ? seed : seed + worker,
            seeds: crashPoints ? seeds : seeds - worker,
            stride: workers,
            twice,
            shrink: true,
            stopAtFirst: false,
            trace,
            world,
          },
          (message) => {
            if (message.kind === "progress") {
              played += 1_000;
              say(`${played} of ${seeds} seeds`);
            } else sayViolation(message, say);
          },
        ),
      ),
    ),
  );
  const sum = (pick: (message: Done) => Readonly<Record<string, number>>) => {
    const total: Record<string, number> = {};
    for (const message of done) {
      for (const [name, count] of Object.entries(pick(message))) total[name] = (total[name] ?? 0) + count;
    }
    return total;
  };
  const counts = sum((message) => message.counts);
  return {
    tier: "fast",
    seed,
    seeds: mode === "known-seeds" ? sum(({ seeds: count }) => ({ count })).count! : seeds,
    violations: done.reduce((total, { violations }) => total + violations, 0),
    byOracle: sum(({ byOracle }) => byOracle),
    crashPoints: counts.crashPoints ?? 0,
    counts,
  };
}

type Done = Extract<RunnerMessage, { kind: "done" }>;
type Violation = Extract<RunnerMessage, { kind: "violation" }>;

function sayViolation({ seed, world, oracles, commands }: Violation, say: (line: string) => void): void {
  const where = world === "plain" ? "" : ` in a world of kind ${world}`;
  for (const { oracle, what } of oracles) say(`seed ${seed}${where}, ${oracle}: ${what}`);
  if (commands.length === 0) return;
  say(`  the shortest story found:\n${commands.map((command) => `    ${command}`).join("\n")}`);
  say(`  again: npm run test:recovery -- --tier fast --world ${world} --seed ${seed} --seeds 1 --trace`);
}

/** Makes the program, mutated or not, for as long as `work` runs. */
export async function withProgram<T>(
  mutation: Mutation | null,
  work: (program: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "perennial-proof-"));
  try {
    const program = join(folder, "stories.mjs");
    await writeFile(program, await bundleProgram("fast-runner.ts", mutation));
    return await work(program);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs it to its end; a run that ends without saying what came of it is an error. */
export async function runProgram(
  program: string,
  order: RunnerOrder,
  onMessage: (message: Exclude<RunnerMessage, { kind: "done" }>) => void,
): Promise<Done> {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let done: Done | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as RunnerMessage;
    if (message.kind === "done") done = message;
    else onMessage(message);
  }
  const code = await ended;
  if (done === null) throw new Error(`the stories ended with exit code ${code} before they were told`);
  return done;
}
