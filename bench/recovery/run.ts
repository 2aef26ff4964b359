// `npm run bench:recovery`: how long it takes from the restart to a usable tree with every offline edit in it, and to
// everything uploaded, beside Realm's own automatic recovery of the very same data on the same server.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type HeadlessClient, startHeadlessClient } from "../../src/cli/scenario/headless-client";
import { startServerProcess } from "../../src/cli/scenario/server-process";
import { appId } from "../../src/main/paths";
import type { OfflineEdits } from "./garden";
import { layOutPrepared, memoryMb, type Prepared, placesIn, prepareOnce, programs, say } from "./prepare";
import type { AutoMessage } from "./realm-auto";

const usage = `usage: npm run bench:recovery -- [--notes N] [--edits N] [--scaling N,N,…] [--rounds N] [--seed S] [--json] [--data DIR]

A device holds notes that are all synced, and makes edits offline; the operator terminates sync and enables it again.
Copies of that device's folder and of the server's are recovered by Realm itself and by Perennial, in turn, each in a
process of its own with a server of its own.

  --notes N      notes of the device (default 100000)
  --edits N      edits made offline (default: a tenth of the notes)
  --scaling …    smaller sizes to measure before, for the growth (default 1000,10000; empty: none)
  --rounds N     how often each is measured (default 3); told are the medians
  --seed S       seed of all chance (default 1)
  --json         print one JSON object as the last line
  --data DIR     keep what was prepared there, and use again what is prepared there already

Times are from the start of the process to: \`shown\`, the notes can be read; \`usable\`, the tree is writable and holds
every edit; \`uploaded\`, the server has everything. Memory is the process's largest resident size, and for Perennial
also how far that is above its size with the realm open and nothing to do.

Exit code 0: measured, and every edit was there. 1: an edit was missing, or it could not be measured. 2: wrong arguments.`;

type Run = {
  readonly shownMs: number | null;
  readonly usableMs: number;
  readonly uploadedMs: number;
  readonly peakMb: number;
  readonly abovePeakMb: number | null;
  readonly missing: number;
};

type Sized = { readonly notes: number; readonly edits: number; readonly ours: Run; readonly auto: Run };

type Wanted = {
  readonly notes: number;
  readonly edits: number;
  readonly seed: number;
  readonly rounds: number;
  /** Null: in a folder of its own, which is removed. */
  readonly data: string | null;
};

/**
 * One device and one server are prepared, and each run is given copies of their folders, in the same places: the same
 * data, the same edits, the same server.
 */
async function measure({ notes, edits, seed, rounds, data }: Wanted): Promise<Sized> {
  const folder =
    data === null
      ? await mkdtemp(join(tmpdir(), "perennial-bench-recovery-"))
      : join(resolve(data), `${notes}-${edits}-${seed}`);
  try {
    const prepared = await prepareOnce(folder, notes, edits, seed);
    const onFreshCopy = async (run: (dataDir: string) => Promise<Run>): Promise<Run> => {
      await layOutPrepared(folder);
      const places = placesIn(folder);
      const server = await startServerProcess(programs.server, places.server, prepared.port);
      try {
        return await run(places.client);
      } finally {
        await server.stop();
      }
    };
    const auto: Run[] = [];
    const ours: Run[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const byRealm = await onFreshCopy((dataDir) => runAuto(dataDir, prepared, seed));
      say(
        `realm-auto: usable ${byRealm.usableMs} ms, uploaded ${byRealm.uploadedMs} ms, ${byRealm.peakMb} MB`,
      );
      auto.push(byRealm);
      const byUs = await onFreshCopy((dataDir) => runOurs(dataDir, prepared));
      say(
        `perennial: shown ${byUs.shownMs} ms, usable ${byUs.usableMs} ms, uploaded ${byUs.uploadedMs} ms, ${byUs.peakMb} MB`,
      );
      ours.push(byUs);
    }
    return { notes, edits, ours: medianRun(ours), auto: medianRun(auto) };
  } finally {
    if (data === null) await rm(folder, { recursive: true, force: true });
  }
}

/** The median of each figure by itself; of memory and of what is missing the worst. */
function medianRun(runs: readonly Run[]): Run {
  const median = (of: (run: Run) => number | null): number =>
    runs.map((run) => of(run) ?? 0).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0;
  const most = (of: (run: Run) => number | null): number => Math.max(...runs.map((run) => of(run) ?? 0));
  return {
    shownMs: runs.some(({ shownMs }) => shownMs === null) ? null : median(({ shownMs }) => shownMs),
    usableMs: median(({ usableMs }) => usableMs),
    uploadedMs: median(({ uploadedMs }) => uploadedMs),
    peakMb: most(({ peakMb }) => peakMb),
    abovePeakMb: runs.some(({ abovePeakMb }) => abovePeakMb === null)
      ? null
      : most(({ abovePeakMb }) => abovePeakMb),
    missing: most(({ missing }) => missing),
  };
}

async function runAuto(dataDir: string, { url, made }: Prepared, seed: number): Promise<Run> {
  const startedAtMs = performance.now();
  const since = (): number => Math.round(performance.now() - startedAtMs);
  const child = fork(programs.auto, [dataDir, url, appId, `token-${seed}-`], {
    execArgv: [],
    env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const ended = once(child, "exit");
  let usableMs = 0;
  let missing = 0;
  return new Promise<Run>((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the process of realm-auto ended with ${code}`)));
    child.on("message", (message: AutoMessage) => {
      if (message.kind === "failed") {
        // Reports of the connection come here as well.
        if (/ClientReset/.test(message.message)) reject(new Error(`realm-auto failed: ${message.message}`));
        return;
      }
      if (message.kind === "usable") {
        usableMs = since();
        const found = new Set(message.texts);
        missing = made.tokens.filter((token) => !found.has(token)).length;
        return;
      }
      const peakMb = memoryMb(child.pid ?? 0, "VmHWM");
      resolve({ shownMs: null, usableMs, uploadedMs: since(), peakMb, abovePeakMb: null, missing });
    });
  }).finally(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
}

async function runOurs(dataDir: string, { url, made, openMb }: Prepared): Promise<Run> {
  let startedAtMs = 0;
  let restarting = false;
  const client = startHeadlessClient({
    name: "ours",
    program: programs.client,
    dataDir,
    serverUrl: url,
    onLaunch() {
      if (restarting) startedAtMs = performance.now();
    },
  });
  try {
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt", 600_000);
    restarting = true;
    await client.ask("reset:restart", undefined);
    await client.until("the restart", () => client.restarts() > 0, 600_000);
    restarting = false;
    return await timeOurs(client, startedAtMs, made, openMb);
  } finally {
    await client.close();
  }
}

/** After the measuring: so many notes are asked for at once. */
const readAtOnce = 200;

async function timeOurs(
  client: HeadlessClient,
  startedAtMs: number,
  made: OfflineEdits,
  openMb: number,
): Promise<Run> {
  const since = (): number => Math.round(performance.now() - startedAtMs);
  let shownMs = 0;
  for (; shownMs === 0; ) {
    const all = await client.ask("notes:all", undefined).catch(() => null);
    if (all !== null && all.rows.length > 1) shownMs = since();
    else await new Promise((done) => setTimeout(done, 20));
  }
  await client.until("a writable tree", ({ readOnly }) => !readOnly, 3_600_000);
  const usableMs = since();
  await client.until("everything synced", ({ sync }) => sync.kind === "synced", 3_600_000);
  const uploadedMs = since();
  const peakMb = memoryMb(client.pid(), "VmHWM");
  const found = new Set<string>();
  const { rows } = await client.ask("notes:all", undefined);
  for (let from = 0; from < rows.length; from += readAtOnce) {
    const some = rows.slice(from, from + readAtOnce).map(({ id }) => client.ask("notes:read", { id }));
    for (const { text } of await Promise.all(some)) {
      for (const word of text.match(/token-\d+-\d+/g) ?? []) found.add(word);
    }
  }
  const missing = made.tokens.filter((token) => !found.has(token)).length;
  return { shownMs, usableMs, uploadedMs, peakMb, abovePeakMb: peakMb - openMb, missing };
}

function wholeNumbers(name: string, text: string): number[] {
  const numbers = text.split(",").filter(Boolean).map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return numbers;
  console.error(`--${name} takes whole numbers\n\n${usage}`);
  process.exit(2);
}

async function main(): Promise<void> {
  const { values } = (() => {
    try {
      return parseArgs({
        options: {
          notes: { type: "string", default: "100000" },
          edits: { type: "string" },
          scaling: { type: "string", default: "1000,10000" },
          seed: { type: "string", default: "1" },
          json: { type: "boolean", default: false },
          rounds: { type: "string", default: "3" },
          data: { type: "string" },
          help: { type: "boolean", default: false },
        },
      });
    } catch (error) {
      console.error(`${(error as Error).message}\n\n${usage}`);
      process.exit(2);
    }
  })();
  if (values.help) {
    console.log(usage);
    return;
  }
  const [notes = 0] = wholeNumbers("notes", values.notes);
  const [seed = 0] = wholeNumbers("seed", values.seed);
  const [rounds = 0] = wholeNumbers("rounds", values.rounds);
  const sizes = wholeNumbers("scaling", values.scaling);
  const measured: Sized[] = [];
  for (const size of [...sizes, notes]) {
    const edits =
      size === notes && values.edits !== undefined
        ? (wholeNumbers("edits", values.edits)[0] ?? 0)
        : Math.round(size / 10);
    const data = values.data ?? null;
    measured.push(await measure({ notes: size, edits, seed, rounds: Math.max(1, rounds), data }));
  }
  const largest = measured.at(-1);
  if (largest === undefined) return;
  const { ours, auto, edits } = largest;
  const result = {
    notes,
    edits,
    ratioUsable: ratio(ours.usableMs, auto.usableMs),
    ratioUploaded: ratio(ours.uploadedMs, auto.uploadedMs),
    peakMb: ours.abovePeakMb,
    shownMs: ours.shownMs,
    scaling: measured.map((each) => ({
      notes: each.notes,
      usableMs: each.ours.usableMs,
      uploadedMs: each.ours.uploadedMs,
      autoUsableMs: each.auto.usableMs,
      autoUploadedMs: each.auto.uploadedMs,
    })),
    ours,
    auto,
    missing: measured.reduce((sum, each) => sum + each.ours.missing, 0),
  };
  if (values.json) console.log(JSON.stringify(result));
  else console.log(result);
  process.exitCode = result.missing === 0 ? 0 : 1;
}

function ratio(one: number, other: number): number {
  return Math.round((one / other) * 100) / 100;
}

main().catch((error: Error) => {
  console.error(`It could not be measured: ${error.message}`);
  process.exit(1);
});
