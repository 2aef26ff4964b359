// What one recovery came to, and how several are told as one. Only numbers.

export type Run = {
  /** How long the prompt stood before the restart was chosen, when nothing is timed yet; null: there is none. */
  readonly promptMs: number | null;
  /** How many of two things were made by then: the file of the notes as they were read, and the fresh copy. */
  readonly madeAhead: number | null;
  /** Of Realm's own recovery: null, nothing can be shown before it is usable. */
  readonly shownMs: number | null;
  readonly usableMs: number;
  /** The recovery is over, its report written; null for Realm's own. */
  readonly settledMs: number | null;
  readonly uploadedMs: number;
  readonly peakMb: number;
  readonly abovePeakMb: number | null;
  /** Processor time until `uploaded`. */
  readonly clientCpuSeconds: number;
  readonly serverCpuSeconds: number;
  /** Edits that were made during the recovery and answered; null: none were wanted. */
  readonly answered: number | null;
  /** The longest wait of any of these but the first, whose wait is from `shown` to `usable`. */
  readonly longestWaitMs: number | null;
  /** Words that were not in the tree in the end, or not on the server. */
  readonly missing: number;
};

/** The median of each figure by itself; of memory, of waits, of what was made ahead and of what is missing the worst. */
export function medianRun(runs: readonly Run[]): Run {
  const [first] = runs;
  if (first === undefined) throw new Error("nothing was run");
  const sorted = (of: (run: Run) => number) => runs.map(of).sort((a, b) => a - b);
  const median = (of: (run: Run) => number): number => sorted(of)[Math.floor(runs.length / 2)] ?? 0;
  const most = (of: (run: Run) => number): number => Math.max(...runs.map(of));
  const where = (of: keyof Run, told: (of: (run: Run) => number) => number): number | null =>
    first[of] === null ? null : told((run) => run[of] ?? 0);
  return {
    promptMs: where("promptMs", median),
    madeAhead: where("madeAhead", (of) => sorted(of)[0] ?? 0),
    shownMs: where("shownMs", median),
    usableMs: median(({ usableMs }) => usableMs),
    settledMs: where("settledMs", median),
    uploadedMs: median(({ uploadedMs }) => uploadedMs),
    peakMb: most(({ peakMb }) => peakMb),
    abovePeakMb: where("abovePeakMb", most),
    clientCpuSeconds: median(({ clientCpuSeconds }) => clientCpuSeconds),
    serverCpuSeconds: median(({ serverCpuSeconds }) => serverCpuSeconds),
    answered: where("answered", median),
    longestWaitMs: where("longestWaitMs", most),
    missing: most(({ missing }) => missing),
  };
}

export function sentenceOf(run: Run): string {
  const parts = [
    run.promptMs === null ? null : `after a prompt of ${run.promptMs} ms, ${run.madeAhead} of 2 made ahead`,
    run.shownMs === null ? null : `shown ${run.shownMs} ms`,
    `usable ${run.usableMs} ms`,
    run.settledMs === null ? null : `settled ${run.settledMs} ms`,
    `uploaded ${run.uploadedMs} ms`,
    `${run.peakMb} MB`,
    `${run.clientCpuSeconds} s of processor time and ${run.serverCpuSeconds} s of the server's`,
    run.answered === null ? null : `${run.answered} edits answered, waiting at most ${run.longestWaitMs} ms`,
    run.missing === 0 ? null : `${run.missing} WORDS MISSING`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

export function ratio(one: number, other: number): number {
  return toTwoPlaces(one / other);
}

export function toTwoPlaces(figure: number): number {
  return Math.round(figure * 100) / 100;
}

/** Of both processes. */
export function cpuOf({ clientCpuSeconds, serverCpuSeconds }: Run): number {
  return toTwoPlaces(clientCpuSeconds + serverCpuSeconds);
}

export type Sized = {
  readonly notes: number;
  readonly edits: number;
  readonly ours: Run;
  readonly auto: Run;
  /** Of the run that is not timed: offline edits that were not in the tree when it became usable. */
  readonly missingWhenUsable: number | null;
};

/** The rows of the table in bench/recovery.md. */
export function tableOf(measured: readonly Sized[]): string {
  const lines = ["| notes, edits | | Perennial | realm-auto | ratio |", "| --- | --- | ---: | ---: | ---: |"];
  for (const { notes, edits, ours, auto } of measured) {
    const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
    const both = (what: string, one: number, other: number, told: (figure: number) => string) =>
      `${what} | ${told(one)} | ${told(other)} | ${ratio(one, other).toFixed(2)} |`;
    const alone = (what: string, figure: number | null, told: (figure: number) => string) =>
      figure === null ? null : `${what} | ${told(figure)} | | |`;
    const rows = [
      alone("the prompt stood, before all that", ours.promptMs, seconds),
      alone("shown", ours.shownMs, seconds),
      both("usable", ours.usableMs, auto.usableMs, seconds),
      alone("settled", ours.settledMs, seconds),
      both("uploaded", ours.uploadedMs, auto.uploadedMs, seconds),
      both("processor time, both processes", cpuOf(ours), cpuOf(auto), (figure) => `${figure.toFixed(1)} s`),
      alone("edits answered meanwhile", ours.answered, String),
      alone("longest wait of one", ours.longestWaitMs, seconds),
      alone("memory above the open realm", ours.abovePeakMb, (figure) => `${figure} MB`),
    ].filter((row) => row !== null);
    const size = `${notes.toLocaleString("en-GB")}, ${edits.toLocaleString("en-GB")}`;
    for (const [index, row] of rows.entries()) lines.push(`| ${index === 0 ? `${size} ` : ""}| ${row}`);
  }
  return lines.join("\n");
}
