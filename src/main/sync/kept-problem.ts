// The problem that keeps a file from syncing, on the disk from its first moment until the server is seen to have
// everything again: so that 'not syncing since' is true after restarts too.

import { z } from "zod";
import { readJson, removeDurably, writeDurably } from "../durable-file";

const schema = z.strictObject({
  generation: z.string(),
  code: z.number(),
  message: z.string(),
  sinceMs: z.number(),
});
export type KeptProblem = z.infer<typeof schema>;

export type ProblemKeeper = {
  readonly now: () => KeptProblem | null;
  /** The time of the first of several problems in a row stays. */
  readonly keep: (problem: { readonly code: number; readonly message: string }) => void;
  readonly clear: () => void;
};

/** A problem of another file generation is none of this one's. What cannot be written is known until the end only. */
export function openProblemKeeper(
  file: string,
  generation: string,
  now: () => number,
  onWriteError: (error: Error) => void,
): ProblemKeeper {
  const read = readJson(file);
  const parsed = read.kind === "ok" ? schema.safeParse(read.value) : null;
  let kept = parsed?.success && parsed.data.generation === generation ? parsed.data : null;

  function put(problem: KeptProblem | null): void {
    kept = problem;
    try {
      if (problem === null) removeDurably(file);
      else writeDurably(file, JSON.stringify(problem));
    } catch (error) {
      onWriteError(error as Error);
    }
  }

  return {
    now: () => kept,
    keep: ({ code, message }) => put({ generation, code, message, sinceMs: kept?.sinceMs ?? now() }),
    clear() {
      if (kept !== null) put(null);
    },
  };
}
