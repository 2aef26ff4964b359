// Journals decoded once, though several ask for them at a start: who opens the notes, who shows those of a safety copy,
// and who plans its recovery. Known again by their content, so that whatever is written in between is decoded anew.

import { createHash } from "node:crypto";
import type { DecodeOnce } from "./journal";
import type { DecodedJournal } from "./journal-codec";

export type DecodedJournals = {
  readonly decodeOnce: DecodeOnce;
  /** Of many entries much memory. */
  readonly forget: () => void;
};

export function createDecodedJournals(): DecodedJournals {
  const known = new Map<string, DecodedJournal>();
  return {
    decodeOnce(file, decode) {
      const sha256 = createHash("sha256").update(file).digest("hex");
      const decoded = known.get(sha256) ?? decode();
      known.set(sha256, decoded);
      return decoded;
    },
    forget: () => known.clear(),
  };
}
