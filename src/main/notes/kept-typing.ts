// What a window has typed and nobody has answered yet (a save that waits for a recovery, say), in a file of its own, so
// that it is there again whatever ends the process. Usually there is none. Knows nothing of notes; never what is saved.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type KeptTyping, keptTyping } from "../../shared/ipc-contract";
import { replaceFile } from "../durable-file";
import type { DataPaths } from "../paths";
import { readSealedJson } from "../sealed-file";

type Folder = Pick<DataPaths, "typing" | "sealing">;

/** In the place of what was kept before. Throws what the file system throws. */
export function keepTyping({ typing, sealing }: Folder, userId: string, typed: readonly KeptTyping[]): void {
  const file = fileOf(typing, userId);
  if (typed.length === 0) rmSync(file, { force: true });
  else replaceFile(file, sealing.seal(JSON.stringify(typed)));
}

/** A file that makes no sense counts as none. */
export function readKeptTyping({ typing, sealing }: Folder, userId: string): readonly KeptTyping[] {
  const read = readSealedJson(fileOf(typing, userId), sealing);
  const parsed = z.array(keptTyping).safeParse(read.kind === "ok" ? read.value : []);
  return parsed.success ? parsed.data : [];
}

function fileOf(folder: string, userId: string): string {
  return join(folder, `${userId}.json`);
}
