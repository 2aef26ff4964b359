// What a real client was told when it was reset, read from its own log and report: not what the server meant to say.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dataPaths } from "../../main/paths";
import type { ResetCause } from "../../shared/recovery/plan-types";
import type { HeadlessClient } from "./headless-client";

export type Told = {
  readonly code: number;
  readonly action: "ClientReset" | "DeleteRealm";
  /** As the client's report calls it. */
  readonly cause: ResetCause;
  readonly message: string;
};

type LogLine = {
  readonly message: string;
  readonly kind?: string;
  readonly code?: number;
  readonly error?: string;
};

/** Of the last reset; null when there was none. */
export async function whatWasTold(client: HeadlessClient, dataDir: string): Promise<Told | null> {
  const { log: file } = dataPaths(dataDir);
  const log = existsSync(file) ? await readFile(file, "utf8") : "";
  const lines = log
    .split("\n")
    .filter((line) => line.includes('"sync error"'))
    .map((line) => JSON.parse(line) as LogLine);
  const told = lines.findLast(({ kind }) => kind === "client-reset" || kind === "delete-realm");
  if (told === undefined) return null;
  const [newest] = await client.ask("reports:list", undefined);
  if (newest === undefined) throw new Error(`${client.name} was reset and has no report`);
  return {
    code: told.code ?? 0,
    action: told.kind === "client-reset" ? "ClientReset" : "DeleteRealm",
    cause: newest.cause,
    message: told.error ?? "",
  };
}
