// Whether the server shows a version of a note that this device had before the one it recovers from. Pure.

import type { Note } from "../../shared/note";
import type { SeenStates } from "../notes/seen";

type Version = { readonly note: Note | undefined; readonly revision: string | undefined };

/**
 * The copy may be older than what was seen after it was made, and then the server's version is not earlier though it was
 * seen. A version of this device's that was never seen (not written, or known by the journal alone) is the latest.
 */
export function cameBefore(seen: Pick<SeenStates, "age">, theirs: Version, mine: Version): boolean {
  const ageOf = ({ note, revision }: Version) => (note === undefined ? null : seen.age(note, revision ?? ""));
  const [age, ageHere] = [ageOf(theirs), ageOf(mine)];
  return age !== null && (ageHere === null || age > ageHere);
}
