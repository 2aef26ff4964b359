// `npm run bench:recovery`: how long it takes from the restart to a usable tree with every offline edit in it, and to
// everything uploaded, beside Realm's own automatic recovery of the very same data on the same server.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type HeadlessClient, startHeadlessClient } from "../../src/cli/scenario/headless-client";
import { startServerProcess } from "../../src/cli/scenario/server-process";
import { appId } from "../../src/main/paths";
import { editOffline, type OfflineEdits, writeGarden } from "./garden";
import type { AutoMessage } from "./realm-auto";

const usage = `usage: npm run bench:recovery -- [--notes N] [--edits N] [--scaling N,N,…] [--seed S] [--json] [--keep]

Two accounts on one server hold the same notes and make the same edits offline; the operator terminates sync and
enables it again; then one account is recovered by Realm itself, the other by Perennial, each in a process of its own.

  --notes N      notes of each account (default 100000)
  --edits N      edits made offline (default: a tenth of the notes)
  --scaling …    smaller sizes to measure before, for the growth (default 1000,10000; empty: none)
  --seed S       seed of all chance (default 1)
  --json         print one JSON object as the last line

Times are from the start of the process to: \`shown\`, the notes can be read; \`usable\`, the tree is writable and holds
every edit; \`uploaded\`, the server has everything. Memory is the process's largest resident size, and for Perennial
also how far that is above its size with the realm open and nothing to do.

Exit code 0: measured, and every edit was there. 1: an edit was missing, or it could not be measured. 2: wrong arguments.`;

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const programs = {
  client: join(root, "out", "node", "client.cjs"),
  server: join(root, "out", "node", "server.cjs"),
  auto: join(root, "out", "node", "realm-auto.cjs"),
};

type Run = {
  readonly shownMs: number | null;
  readonly usableMs: number;
  readonly uploadedMs: number;
  readonly peakMb: number;
  readonly abovePeakMb: number | null;
  readonly missing: number;
};

type Sized = { readonly notes: number; readonly edits: number; readonly ours: Run; readonly auto: Run };

const say = (line: string): void => console.error(`${(process.uptime()).toFixed(1)} s  ${line}`);

async function measure(notes: number, edits: number, seed: number, keep: boolean): Promise<Sized> {
  const folder = await mkdtemp(join(tmpdir(), "perennial-bench-recovery-"));
  const server = await startServerProcess(programs.server, join(folder, "server"));
  const clients: HeadlessClient[] = [];
  try {
    const garden = join(folder, "garden");
    await writeGarden(garden, notes);
    let launched: ((atMs: number) => void) | null = null;
    const prepare = async (
      name: string,
    ): Promise<{ client: HeadlessClient; made: OfflineEdits; openMb: number }> => {
      const client = startHeadlessClient({
        name,
        program: programs.client,
        dataDir: join(folder, name),
        serverUrl: server.url,
        onLaunch: () => {
          if (name === "ours") launched?.(performance.now());
        },
      });
      clients.push(client);
      await client.until("sign-in", ({ account }) => account.kind === "signed-out");
      await client.ask("account:register", {
        email: `${name}@example.com`,
        password: "grows back every year",
      });
      await client.until("a writable tree", ({ readOnly }) => !readOnly);
      const imported = await client.ask("notes:import-folder", { folder: garden });
      await client.until("everything synced", ({ sync }) => sync.kind === "synced", 3_600_000);
      await client.close();
      client.start();
      await client.until(
        "the tree again",
        ({ readOnly, sync }) => !readOnly && sync.kind === "synced",
        600_000,
      );
      await client.ask("sync:work-offline", { offline: true });
      const openMb = memoryMb(client.pid(), "VmRSS");
      const made = await editOffline(client, edits, seed);
      await client.close();
      say(`${name}: ${imported} notes, ${made.changed} edits offline, ${openMb} MB with the realm open`);
      return { client, made, openMb };
    };

    const [left, right] = await Promise.all([prepare("auto"), prepare("ours")]);
    await server.operate("terminate");
    await server.operate("enable");

    const auto = await runAuto(join(folder, "auto"), server.url, left.made, seed);
    say(`realm-auto: usable ${auto.usableMs} ms, uploaded ${auto.uploadedMs} ms, ${auto.peakMb} MB`);
    const ours = await runOurs(right.client, right.made, right.openMb, (listener) => {
      launched = listener;
    });
    say(
      `perennial: shown ${ours.shownMs} ms, usable ${ours.usableMs} ms, uploaded ${ours.uploadedMs} ms, ${ours.peakMb} MB`,
    );
    return { notes, edits, ours, auto };
  } finally {
    for (const client of clients) await client.close();
    await server.stop();
    if (keep) say(`data in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

async function runAuto(dataDir: string, url: string, made: OfflineEdits, seed: number): Promise<Run> {
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

async function runOurs(
  client: HeadlessClient,
  made: OfflineEdits,
  openMb: number,
  onLaunch: (listener: ((atMs: number) => void) | null) => void,
): Promise<Run> {
  client.start();
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt", 600_000);
  let startedAtMs = 0;
  onLaunch((atMs) => {
    startedAtMs = atMs;
  });
  await client.ask("reset:restart", undefined);
  await client.until("the restart", () => client.restarts() > 0, 600_000);
  onLaunch(null);
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
  for (const { id } of rows) {
    for (const word of (await client.ask("notes:read", { id })).text.match(/token-\d+-\d+/g) ?? [])
      found.add(word);
  }
  const missing = made.tokens.filter((token) => !found.has(token)).length;
  return { shownMs, usableMs, uploadedMs, peakMb, abovePeakMb: peakMb - openMb, missing };
}

/** Linux's own accounting of a living process. */
function memoryMb(pid: number, field: "VmRSS" | "VmHWM"): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
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
          keep: { type: "boolean", default: false },
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
  const sizes = wholeNumbers("scaling", values.scaling);
  const measured: Sized[] = [];
  for (const size of [...sizes, notes]) {
    const edits =
      size === notes && values.edits !== undefined
        ? (wholeNumbers("edits", values.edits)[0] ?? 0)
        : Math.round(size / 10);
    measured.push(await measure(size, edits, seed, values.keep));
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
