// The ids of the notes that every device of a user must agree upon without asking each other.

import { v5 } from "uuid";
import type { NoteId } from "../../shared/note";

/** Namespace of Perennial's own name-based ids (RFC 9562, version 5). */
const namespace = "8c0c7f0e-6f0b-5f3b-9a51-6b1f5f2d7a11";

export function rootIdOf(userId: string): NoteId {
  return v5(`${userId}/root`, namespace) as NoteId;
}

export function recoveredIdOf(userId: string): NoteId {
  return v5(`${userId}/recovered`, namespace) as NoteId;
}
