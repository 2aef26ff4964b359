// Ids of notes that a recovery creates: derived from the reset, never random, so that the same recovery run twice
// creates the same notes once.

import { v5 } from "uuid";
import type { NoteId } from "../note";

const recoveryNamespace = "6f1d3c1e-5a43-4d0c-9a3e-2f8f6f3b7f10";

/** UUID version 5 (RFC 9562) of the note and the purpose, in a namespace of the reset's own. */
export function derivedId(resetId: string, noteId: NoteId, purpose: "copy" | "home"): NoteId {
  return v5(`${noteId}/${purpose}`, v5(resetId, recoveryNamespace)) as NoteId;
}
