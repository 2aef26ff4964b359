// The server has ended the log-in of whoever's notes are open: the account was switched off, its password was changed,
// or the log-in grew too old. Realm signs the person out by itself then. The notes stay open, here and to be written to;
// this sees that what is not synced is in a safety copy, as at any sign-out, and says it. Closes nothing.

import type { SyncStatus } from "../shared/ipc-contract";
import type { Log } from "./log";
import type { SafetyCopies } from "./reset/safety-copies";
import type { Session } from "./session";
import { copyForSignOut, needsCopy } from "./sign-out";
import type { SignedIn } from "./start-order";

export type EndedLogIn = {
  /** Looks whether it has ended, and answers it. Not from a callback of Realm's. */
  readonly look: () => boolean;
  /** What is said instead of how syncing is doing; null: the log-in is as it was. */
  readonly status: () => Extract<SyncStatus, { kind: "ended" }> | null;
  /** Before the notes are closed for somebody else: a copy of what is not synced now. Answers why not, or null. */
  readonly secure: () => Promise<string | null>;
};

type Dependencies = {
  readonly session: () => Session | null;
  readonly signedIn: () => SignedIn | null;
  /** Who was signed in last, whether or not anybody is now. */
  readonly lastSignedIn: () => SignedIn | null;
  readonly copies: Pick<SafetyCopies, "ofOpenRealm">;
  readonly now: () => number;
  readonly log: Log;
  readonly onChange: () => void;
};

type Copied =
  | { readonly kind: "not-needed" }
  | { readonly kind: "made" }
  | { readonly kind: "failed"; readonly message: string };

export function createEndedLogIn(dependencies: Dependencies): EndedLogIn {
  const { session, signedIn, lastSignedIn, copies, now, log, onChange } = dependencies;
  let known: { readonly session: Session; readonly copied: Copied } | null = null;

  /** The open notes whose person is not signed in any more. */
  function left(): Session | null {
    const open = session();
    return open !== null && signedIn() === null ? open : null;
  }

  function isForGood(): boolean {
    return lastSignedIn()?.isAnonymous === true;
  }

  async function copy(of: Session): Promise<Copied> {
    const leaving = { isLast: isForGood(), copies, now };
    if (!needsCopy(of, leaving)) return { kind: "not-needed" };
    const message = await copyForSignOut(of, leaving);
    return message === null ? { kind: "made" } : { kind: "failed", message };
  }

  async function copyOnce(of: Session): Promise<void> {
    const copied = await copy(of);
    if (copied.kind === "failed") log("error", "the log-in ended without a copy", { error: copied.message });
    if (known?.session === of) known = { session: of, copied };
    onChange();
  }

  return {
    look() {
      const of = left();
      if (of === null) {
        known = null;
        return false;
      }
      if (known?.session !== of) {
        known = { session: of, copied: { kind: "not-needed" } };
        log("warn", "the server has ended the log-in", { unsynced: of.pending() });
        void copyOnce(of);
      }
      return true;
    },
    status() {
      const of = left();
      if (of === null || known?.session !== of) return null;
      const email = lastSignedIn()?.email ?? null;
      return { kind: "ended", email, message: endedWords(email, known.copied), pending: of.pending() };
    },
    async secure() {
      const of = left();
      const copied = of === null ? null : await copy(of);
      return copied?.kind === "failed"
        ? `The notes that are open could not be put into a safety copy, so nobody else was signed in. ${copied.message}`
        : null;
    },
  };
}

/** The server does not tell an app why. */
export function endedWords(email: string | null, copied: Copied): string {
  const who = email === null ? "you" : email;
  const what = `The server has signed ${who} out: the account was switched off or deleted, its password was changed, or the log-in had grown too old. Your notes are still on this computer.`;
  const how =
    email === null
      ? "Nobody can sign in to notes without an account again: export them, or read them in their safety copy."
      : "Sign in again to go on syncing; if that is refused, ask whoever runs the server.";
  switch (copied.kind) {
    case "not-needed":
      return `${what} ${how}`;
    case "made":
      return `${what} What was not synced is in a safety copy as well. ${how}`;
    case "failed":
      return `${what} A safety copy could not be made. ${copied.message} ${how}`;
  }
}
