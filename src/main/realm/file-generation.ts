// Which generation the realm file of each user is: an identity of our own that is minted whenever the file is a
// new one, so that journal, tracker and copies of different files are never taken for each other's.

import { randomUUID } from "node:crypto";
import { z } from "zod";
import { readJson, writeDurably } from "../durable-file";

const schema = z.record(
  z.string(),
  z.strictObject({ generation: z.string(), path: z.string(), earlierRecovered: z.array(z.string()) }),
);

export type FileGeneration = {
  readonly generation: string;
  readonly path: string;
  /** Names of the files that Realm had moved away before this one was made: none of them is this one. */
  readonly earlierRecovered: readonly string[];
};

export type FileGenerations = {
  readonly of: (userId: string) => FileGeneration | null;
  readonly all: () => readonly (FileGeneration & { readonly userId: string })[];
  readonly mint: (userId: string, path: string, earlierRecovered: string[]) => FileGeneration;
};

/**
 * Where the file is missing or cannot be understood, `rebuild` says what else is known: a user whose generation is
 * forgotten would have changes that no reset finds and nobody counts as waiting.
 */
export function openFileGenerations(
  file: string,
  rebuild: () => readonly (FileGeneration & { readonly userId: string })[],
  onDamaged: (message: string) => void,
): FileGenerations {
  const known = new Map<string, FileGeneration>();
  const read = readJson(file);
  const parsed = read.kind === "ok" ? schema.safeParse(read.value) : null;
  if (parsed?.success) {
    for (const [userId, generation] of Object.entries(parsed.data)) known.set(userId, generation);
  } else {
    if (read.kind !== "absent") {
      onDamaged(read.kind === "unreadable" ? read.message : (parsed?.error.message ?? ""));
    }
    for (const { userId, ...generation } of rebuild()) known.set(userId, generation);
  }
  return {
    of: (userId) => known.get(userId) ?? null,
    all: () => [...known].map(([userId, generation]) => ({ userId, ...generation })),
    mint(userId, path, earlierRecovered) {
      const minted = { generation: randomUUID(), path, earlierRecovered };
      known.set(userId, minted);
      writeDurably(file, JSON.stringify(Object.fromEntries(known)));
      return minted;
    },
  };
}
