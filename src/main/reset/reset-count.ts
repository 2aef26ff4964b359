// How many resets each user's notes have seen in the last 24 hours, kept on the disk: a server that asks for a new
// start again and again must not be followed for ever, across restarts either. No other decision asks the clock.

import { z } from "zod";
import { readJson, writeDurably } from "../durable-file";

const dayMs = 24 * 60 * 60 * 1_000;
const schema = z.record(z.string(), z.array(z.number()));

export type ResetCount = {
  /** Times in the future, as after a clock was set back, count too: one stop too many loses nothing. */
  readonly today: (userId: string) => number;
  /** Throws what the file system throws. */
  readonly add: (userId: string) => void;
  readonly clear: (userId: string) => void;
};

/** A file that cannot be read counts as none: the worst that follows is one more try. */
export function openResetCount(file: string, now: () => number): ResetCount {
  const read = readJson(file);
  const parsed = read.kind === "ok" ? schema.safeParse(read.value) : null;
  const times = new Map(parsed?.success ? Object.entries(parsed.data) : []);
  const recent = (userId: string) => (times.get(userId) ?? []).filter((atMs) => atMs > now() - dayMs);

  function keep(userId: string, kept: number[]): void {
    times.set(userId, kept);
    writeDurably(file, JSON.stringify(Object.fromEntries(times)));
  }

  return {
    today: (userId) => recent(userId).length,
    add: (userId) => keep(userId, [...recent(userId), now()]),
    clear(userId) {
      if (times.has(userId)) keep(userId, []);
    },
  };
}
