// At the start of a process, before Realm may touch anything: is there a reset to recover from? Either the record
// says so, or Realm has stored an order that no callback ever told of, or the file is simply gone.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ResetCause } from "../../shared/recovery/plan-types";
import type { ResetFacts } from "../../shared/reset-machine";
import type { FileGeneration } from "../realm/file-generation";
import type { StoredOrder } from "../realm/stored-orders";

export type FoundAtStart = {
  readonly facts: ResetFacts;
  /** The file that holds the person's notes now. */
  readonly sourcePath: string;
};

/** Realm's own names for the files it moves away; side files of an opened one have other endings. */
const recoveredName = /^recovered_realm-\d{8}-\d{6}-.{8}$/;

export function findResetAtStart(
  generations: readonly (FileGeneration & { readonly userId: string })[],
  orders: readonly StoredOrder[],
  recoveredRealms: string,
  mint: { readonly resetId: string; readonly atMs: number },
): FoundAtStart | null {
  for (const { userId, generation, path, earlierRecovered } of generations) {
    const facts = (cause: ResetCause): ResetFacts => ({
      resetId: mint.resetId,
      cause,
      code: 0,
      serverMessage: "",
      userId,
      generation,
      originalPath: path,
      foundAtMs: mint.atMs,
      moved: false,
      resetsDuring: 0,
    });
    if (orders.some((order) => order.originalPath === path) && existsSync(path)) {
      return { facts: facts("found-at-start"), sourcePath: path };
    }
    if (!existsSync(path)) {
      const moved = newestRecovered(recoveredRealms, earlierRecovered);
      if (moved !== null) return { facts: facts("found-at-start"), sourcePath: moved };
    }
  }
  return null;
}

/** Names of the files that Realm has moved away; a name says nothing of where its file came from. */
export function listRecovered(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => recoveredName.test(name)) : [];
}

/** The newest file that Realm moved away, but for those that were there before. */
export function newestRecovered(folder: string, earlier: readonly string[]): string | null {
  const paths = listRecovered(folder)
    .filter((name) => !earlier.includes(name))
    .map((name) => join(folder, name));
  const [newest] = paths.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return newest ?? null;
}

/** What the server's words and code say about the cause. Codes: sync protocol errors of core 12.12. */
export function causeOf(code: number, message: string): ResetCause {
  if (/restor/i.test(message)) return "restored";
  if (/terminat|re-?enabled/i.test(message)) return "terminated";
  if (/schema/i.test(message)) return "schema";
  if (/expired|offline|too long/i.test(message)) return "offline-too-long";
  switch (code) {
    case 104:
      return "upload-too-large";
    case 132:
      return "automatic-recovery-failed";
    case 211:
    case 209:
      return "restored";
    case 208:
      return "terminated";
    case 222:
      return "offline-too-long";
    case 225:
      return "schema";
    default:
      return "unknown";
  }
}
