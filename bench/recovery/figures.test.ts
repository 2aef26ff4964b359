import { describe, expect, it } from "vitest";
import { medianRun, type Run, tableOf } from "./figures";
import { cpuSeconds, memoryMb } from "./process-figures";

const run: Run = {
  promptMs: 1_000,
  madeAhead: 2,
  shownMs: 200,
  usableMs: 400,
  settledMs: 500,
  uploadedMs: 600,
  peakMb: 100,
  abovePeakMb: 10,
  clientCpuSeconds: 1,
  serverCpuSeconds: 0.5,
  answered: 3,
  longestWaitMs: 40,
  missing: 0,
};

describe("the figures of several rounds", () => {
  it("are medians, but the worst of waits, memory and what is missing", () => {
    const worst = { longestWaitMs: 80, peakMb: 120, missing: 1, madeAhead: 1 };
    expect(medianRun([run, { ...run, usableMs: 900, ...worst }, run])).toEqual({ ...run, ...worst });
  });

  it("leave out what one of the contenders does not have", () => {
    const auto = {
      ...run,
      promptMs: null,
      madeAhead: null,
      shownMs: null,
      settledMs: null,
      answered: null,
      longestWaitMs: null,
    };
    expect(medianRun([auto, auto, auto])).toEqual(auto);
    const table = tableOf([{ notes: 1_000, edits: 100, ours: run, auto, missingWhenUsable: 0 }]);
    expect(table).toContain("| 1,000, 100 | the prompt stood, before all that | 1.00 s | | |");
    expect(table).toContain("| | usable | 0.40 s | 0.40 s | 1.00 |");
    expect(table).toContain("| | processor time, both processes | 1.5 s | 1.5 s | 1.00 |");
    for (const line of table.split("\n")) expect(line.match(/\|/g)).toHaveLength(6);
  });

  it("are the kernel's own: work of this process is counted in seconds, memory in megabytes", () => {
    const before = cpuSeconds(process.pid);
    while (cpuSeconds(process.pid) <= before) JSON.stringify(Array.from({ length: 1_000 }, (_, i) => i));
    const told = process.cpuUsage();
    const usedSeconds = (told.user + told.system) / 1_000_000;
    expect(Math.abs(cpuSeconds(process.pid) - usedSeconds)).toBeLessThan(Math.max(0.5, usedSeconds / 10));
    expect(memoryMb(process.pid, "VmHWM")).toBeGreaterThanOrEqual(
      Math.floor(process.memoryUsage().rss / 1_048_576),
    );
  });
});
