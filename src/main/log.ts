// The log: one JSON object a line, on a stream and in a file that is rotated by size. No note text, no token
// and no password goes in; callers pass ids, counts, states and messages of their own.

import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

const rotateAtBytes = 2_000_000;

/** Appends to `file`; what cannot be written is dropped, because a log must never take the app down. */
export function openFileLog(file: string, alsoStderr: boolean): Log {
  mkdirSync(dirname(file), { recursive: true });
  return (level, message, fields) => {
    const line = `${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`;
    if (alsoStderr && level !== "debug") process.stderr.write(line);
    try {
      if (sizeOf(file) > rotateAtBytes) renameSync(file, `${file}.1`);
      appendFileSync(file, line);
    } catch {
      // Disk full or gone: the pipeline reports that itself, with what to do.
    }
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last whole lines of the log, the file before it included; empty where there is none. */
export function readLogTail(file: string, maxBytes: number): string[] {
  const text = [`${file}.1`, file].map(readIfThere).join("");
  return text
    .slice(-maxBytes)
    .split("\n")
    .slice(text.length > maxBytes ? 1 : 0)
    .filter((line) => line !== "");
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
