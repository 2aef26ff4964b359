// The moment in which things are made ahead: a person reads that the notes have to be fetched anew and has yet to say
// when, while these very notes are open. Pure.

import type { ResetFacts, ResetState } from "../../shared/reset-machine";
import type { Session } from "../session";

/** The reset whose prompt stands; null: none does, or the notes that it leaves behind are not `open`. */
export function promptedReset(
  state: ResetState,
  open: Pick<Session, "userId" | "generation"> | null,
): ResetFacts | null {
  if (state.kind !== "prompting" && state.kind !== "postponed") return null;
  const { facts } = state;
  return open?.generation === facts.generation && open.userId === facts.userId ? facts : null;
}
