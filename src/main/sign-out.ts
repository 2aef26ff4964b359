// What stands in the way of signing out: changes that are not synced, and notes of no account, to which nobody could
// ever sign in again. They may stay behind in a verified safety copy, and not otherwise.

import type { ResetEvent } from "../shared/reset-machine";
import { factsOfSession } from "./reset/begin-reset";
import type { SafetyCopies } from "./reset/safety-copies";
import type { Session } from "./session";

type Leaving = {
  /** Nobody can ever sign in again as who is signed in. */
  readonly isLast: boolean;
  readonly copies: Pick<SafetyCopies, "ofOpenRealm">;
  readonly now: () => number;
};

const lastSignOut =
  "These notes belong to no account, so nobody could ever sign in to them again. Sign out keeping a safety copy, or export them first.";

/** Answers why nobody may be signed out, in words for a person, or null. */
export async function secureForSignOut(
  session: Session,
  { keepCopy, ...leaving }: Leaving & { readonly keepCopy: boolean },
): Promise<string | null> {
  if (!needsCopy(session, leaving)) return null;
  if (!keepCopy) return leaving.isLast ? lastSignOut : "Some changes are not synced yet.";
  const failure = await copyForSignOut(session, leaving);
  if (failure === null) return null;
  return `Nobody was signed out, because a safety copy could not be made. ${failure}`;
}

export function needsCopy(session: Session, { isLast }: Pick<Leaving, "isLast">): boolean {
  return session.pending() > 0 || isLast;
}

/** Answers why no copy could be made, or null. */
export async function copyForSignOut(
  session: Session,
  { isLast, copies, now }: Leaving,
): Promise<string | null> {
  const cause = isLast ? "signed-out-for-good" : "signed-out";
  const facts = factsOfSession(session, { cause, order: "own" }, now());
  const made = await copies.ofOpenRealm(session.realm, facts);
  return made.kind === "copy-failed" ? copyFailedWords(made) : null;
}

function copyFailedWords({ message, bytesNeeded }: Extract<ResetEvent, { kind: "copy-failed" }>): string {
  const room = bytesNeeded === null ? "" : ` Free ${Math.ceil(bytesNeeded / 1_000_000)} MB, then try again.`;
  return `${message}${room}`;
}
