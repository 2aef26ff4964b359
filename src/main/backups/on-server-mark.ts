// Beside a safety copy that no recovery came of: when everything in it was seen to be on the server. Written once, and
// goes with the copy. Knows nothing of what follows from it.

import { join } from "node:path";
import { z } from "zod";
import { readJson, writeDurably } from "../durable-file";

const markSchema = z.strictObject({ version: z.literal(1), atMs: z.number() });

const fileName = "on-server.json";

/** Null where there is none, or one that makes no sense. */
export function readOnServerMark(copyFolder: string): number | null {
  const read = readJson(join(copyFolder, fileName));
  const parsed = read.kind === "ok" ? markSchema.safeParse(read.value) : null;
  return parsed?.success ? parsed.data.atMs : null;
}

/** Throws what the file system throws. */
export function writeOnServerMark(copyFolder: string, atMs: number): void {
  writeDurably(join(copyFolder, fileName), `${JSON.stringify({ version: 1, atMs })}\n`);
}
