import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgress, formatElapsed } from "./progress.mjs";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("elapsed time is short and never shows sixty seconds", () => {
  expect([0, 349, 9_949, 9_950, 59_499, 59_500, 80_000, 3_600_000].map(formatElapsed)).toEqual([
    "0.0 s",
    "0.3 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 m 00 s",
    "1 m 20 s",
    "60 m 00 s",
  ]);
});

test("long silent work is spoken of at least every ten seconds", async () => {
  const lines: string[] = [];
  const progress = createProgress({ quiet: false, write: (line) => lines.push(line) });
  let finish = () => {};
  const work = progress.during("compiling", () => new Promise<void>((resolve) => (finish = resolve)));
  await vi.advanceTimersByTimeAsync(31_000);
  expect(lines).toEqual([
    "[0.0 s] compiling",
    "[10 s] compiling (10 s)",
    "[20 s] compiling (20 s)",
    "[30 s] compiling (30 s)",
  ]);
  finish();
  await work;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines).toHaveLength(4);
});

test("updates that follow each other closely are not all printed, and the newest is what is repeated", async () => {
  const lines: string[] = [];
  const progress = createProgress({ quiet: false, write: (line) => lines.push(line) });
  let finish = () => {};
  const work = progress.during("compiling", (update) => {
    for (let done = 1; done <= 12; done++) setTimeout(() => update(`[${done}/12]`), done * 1_000);
    return new Promise<void>((resolve) => (finish = resolve));
  });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(lines).toEqual([
    "[0.0 s] compiling",
    "[5.0 s] [5/12] (5.0 s)",
    "[10 s] [10/12] (10 s)",
    "[20 s] [12/12] (20 s)",
  ]);
  finish();
  await work;
});

test("quiet says nothing, and a failure of the work still reaches the caller", async () => {
  const lines: string[] = [];
  const progress = createProgress({ quiet: true, write: (line) => lines.push(line) });
  await expect(progress.during("compiling", () => Promise.reject(new Error("broke")))).rejects.toThrow(
    "broke",
  );
  expect(lines).toEqual([]);
});
