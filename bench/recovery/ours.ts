// Perennial recovers in a process of its own, and somebody goes on writing meanwhile. Times are from the start of the
// process that recovers; what is read to judge the outcome is read when all that is timed is over.

import { existsSync } from "node:fs";
import { type HeadlessClient, startHeadlessClient } from "../../src/cli/scenario/headless-client";
import type { ServerProcess } from "../../src/cli/scenario/server-process";
import { dataPaths } from "../../src/main/paths";
import type { AppState, NoteRow } from "../../src/shared/ipc-contract";
import type { NoteId } from "../../src/shared/note";
import type { RecoveryReport } from "../../src/shared/recovery/plan-types";
import { type Run, toTwoPlaces } from "./figures";
import { type Prepared, programs, say } from "./prepare";
import { cpuSeconds, memoryMb } from "./process-figures";
import { type ReadByAnother, readByAnother } from "./read-by-another";
import { startTyping } from "./typing";

export type Way = {
  /** False: nothing is written during the recovery, as it was measured at first. */
  readonly writes: boolean;
  /** Reads every note at the moment when the tree is usable, which disturbs all times. */
  readonly looks: boolean;
  /** The restart is chosen the moment the prompt is there; else once a person would have read it. */
  readonly atOnce?: boolean;
};

export type Recovered = {
  readonly run: Run;
  /** Null where nobody looked. */
  readonly missingWhenUsable: number | null;
  /** The device's notes before its restart. */
  readonly before: readonly NoteRow[];
  readonly server: ReadByAnother;
  readonly report: RecoveryReport;
};

/** Words that the benchmark has written, before and during the recovery. */
const anyWord = "(?:token-\\d+-(?:ring)?[0-9a-f]+|meanwhile-\\d+)";
const patientMs = 3_600_000;

export async function recoverByUs(
  dataDir: string,
  { url, made, openMb }: Prepared,
  server: ServerProcess,
  way: Way,
): Promise<Recovered> {
  let startedAtMs = 0;
  let serverBefore = 0;
  let restarting = false;
  const client = startHeadlessClient({
    name: "ours",
    program: programs.client,
    dataDir,
    serverUrl: url,
    onLaunch() {
      if (!restarting) return;
      startedAtMs = performance.now();
      serverBefore = cpuSeconds(server.pid);
    },
  });
  try {
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt", patientMs);
    const { rows: before } = await client.ask("notes:all", undefined);
    const promptMs = way.atOnce === true ? 0 : await untilMadeAhead(dataDir);
    const madeAhead = filesAhead(dataDir).filter((file) => existsSync(file)).length;
    restarting = true;
    await client.ask("reset:restart", undefined);
    await client.until("the restart", () => client.restarts() > 0, patientMs);
    restarting = false;

    const since = (): number => Math.round(performance.now() - startedAtMs);
    const ids = idsToWriteIn(await untilShown(client));
    const shownMs = since();
    const typing = way.writes ? startTyping(client, ids, "meanwhile-", 1) : null;
    if (typing === null) await client.until("a writable tree", ({ readOnly }) => !readOnly, patientMs);
    else await typing.firstAnswered;
    const usableMs = since();
    const shownThen = way.looks ? await wordsShown(client) : null;
    const missingWhenUsable =
      shownThen === null ? null : made.tokens.filter((word) => !shownThen.has(word)).length;
    await untilSettled(client);
    const settledMs = since();
    const typed = (await typing?.stop()) ?? null;
    await client.until("everything synced", ({ sync }) => sync.kind === "synced", patientMs);
    const figures = {
      promptMs,
      madeAhead,
      shownMs,
      usableMs,
      settledMs,
      uploadedMs: since(),
      peakMb: memoryMb(client.pid(), "VmHWM"),
      abovePeakMb: memoryMb(client.pid(), "VmHWM") - openMb,
      clientCpuSeconds: cpuSeconds(client.pid()),
      serverCpuSeconds: toTwoPlaces(cpuSeconds(server.pid) - serverBefore),
      answered: typed?.words.length ?? null,
      longestWaitMs: typed?.longestWaitMs ?? null,
    };

    const words = [...made.tokens, ...(typed?.words ?? [])];
    const look = async () => ({ tree: await wordsShown(client), server: await readByAnother(url, anyWord) });
    let looked = await look();
    if (countMissing(words, looked) > 0) {
      say(`FIRST LOOK: ${whereMissing(words, looked)}`);
      looked = await look();
      say(`SECOND LOOK: ${whereMissing(words, looked)}`);
    }
    const run = { ...figures, missing: countMissing(words, looked) };
    return { run, missingWhenUsable, before, server: looked.server, report: await lastReport(client) };
  } finally {
    await client.close();
  }
}

const lookEveryMs = 20;
/** Nobody reads a prompt for longer. */
const longestPromptMs = 30_000;

/**
 * While a person reads the prompt the client reads the notes into a file and fetches the fresh copy into another; one
 * that does not come is not waited for.
 */
async function untilMadeAhead(dataDir: string): Promise<number> {
  const startedAtMs = performance.now();
  const passed = () => performance.now() - startedAtMs;
  while (!filesAhead(dataDir).every((file) => existsSync(file)) && passed() < longestPromptMs) {
    await new Promise((done) => setTimeout(done, lookEveryMs));
  }
  return Math.round(passed());
}

function filesAhead(dataDir: string): string[] {
  const { notesAsRead, fetchedAhead } = dataPaths(dataDir);
  return [notesAsRead, fetchedAhead];
}

async function untilShown(client: HeadlessClient): Promise<readonly NoteRow[]> {
  for (;;) {
    const all = await client.ask("notes:all", undefined).catch(() => null);
    if (all !== null && all.rows.length > 1) return all.rows;
    await new Promise((done) => setTimeout(done, lookEveryMs));
  }
}

function idsToWriteIn(rows: readonly NoteRow[]): NoteId[] {
  return rows.filter(({ isRoot, deletedAtMs }) => !isRoot && deletedAtMs === null).map(({ id }) => id);
}

/** A plan that changes so much that a person is asked first is agreed to. */
async function untilSettled(client: HeadlessClient): Promise<void> {
  let agreed = false;
  const isSettled = ({ reset, readOnly }: AppState): boolean => {
    if (reset.kind === "stopped" || reset.kind === "copy-failed") throw new Error(reset.message);
    if (reset.kind === "review" && !agreed) {
      agreed = true;
      void client.ask("reset:accept-plan", undefined).catch(() => undefined);
    }
    return (reset.kind === "none" || reset.kind === "finished") && !readOnly;
  };
  await client.until("the end of the recovery", isSettled, patientMs);
}

/** So many notes are asked for at once. */
const readAtOnce = 200;

async function wordsShown(client: HeadlessClient): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const pattern = new RegExp(anyWord, "g");
  const { rows } = await client.ask("notes:all", undefined);
  for (let from = 0; from < rows.length; from += readAtOnce) {
    // One that is gone when it is read is not there.
    const some = rows
      .slice(from, from + readAtOnce)
      .map(({ id }) => client.ask("notes:read", { id }).catch(() => null));
    for (const note of await Promise.all(some)) {
      for (const word of note?.text.match(pattern) ?? []) found.add(word);
    }
  }
  return found;
}

type Looked = { readonly tree: ReadonlySet<string>; readonly server: ReadByAnother };

function countMissing(words: readonly string[], { tree, server }: Looked): number {
  const there = new Set(server.words);
  return words.filter((word) => !tree.has(word) || !there.has(word)).length;
}

/** Nobody could find out afterwards. */
function whereMissing(words: readonly string[], { tree, server }: Looked): string {
  const there = new Set(server.words);
  const some = (missing: readonly string[]) => `${missing.length} (${missing.slice(0, 8).join(" ")})`;
  return [
    `not in the tree: ${some(words.filter((word) => !tree.has(word)))}`,
    `not on the server: ${some(words.filter((word) => !there.has(word)))}`,
    `notes read there: ${server.rows.length}`,
  ].join(", ");
}

async function lastReport(client: HeadlessClient): Promise<RecoveryReport> {
  const [summary] = await client.ask("reports:list", undefined);
  if (summary === undefined) throw new Error("the recovery left no report");
  return client.ask("reports:read", { resetId: summary.resetId });
}
