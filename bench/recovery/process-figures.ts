// Linux's own accounting of a living process: what it took, whatever else ran on the machine beside it.

import { readFileSync } from "node:fs";

/** The kernel counts in these for every program, whatever its own clock does (USER_HZ). */
const ticksPerSecond = 100;

/** `VmRSS`: resident now; `VmHWM`: the most it ever was. */
export function memoryMb(pid: number, field: "VmRSS" | "VmHWM"): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}

/** Seconds of processor time since its start, its own and the system's for it, of all its threads. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may have spaces and brackets in it. See proc(5): utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
