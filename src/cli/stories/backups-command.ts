// Runs the built `npm run backups` as a person would: its exit code, its last line, its words.

import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const program = resolve(process.env.PERENNIAL_TEST_PROGRAMS ?? join("out", "node"), "backups.cjs");
export type Ran = {
  readonly code: number;
  readonly json: Record<string, unknown> | null;
  readonly words: string;
};

export async function runBackups(...args: string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args]);
    return { code: 0, json: lastJson(stdout), words: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, json: lastJson(stdout), words: stderr };
  }
}

function lastJson(stdout: string): Record<string, unknown> | null {
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return last.startsWith("{") ? JSON.parse(last) : null;
}
