// Which safety copies may go, and what holds the others. A copy of a reset stays until its report is confirmed, then for
// thirty days; while a note of its report needs help it stays. One that no recovery came of (somebody signed out) stays
// until everything in it was seen to be on the server, then for thirty days; one of notes that belong to no account
// stays. The last three of each user stay whatever happens. Pure.

export type CopyKind =
  /** Made because the file was about to be thrown away. */
  | "reset"
  /** Made in the midst of a recovery, of the file that it was writing to and had to give up. */
  | "interim"
  /** Made once a day. */
  | "daily";

export type ShelvedCopy = {
  readonly name: string;
  readonly userId: string;
  readonly kind: CopyKind;
  readonly createdAtMs: number;
  /** What became of the reset's report. */
  readonly report: ReportOfCopy;
  readonly signOut: SignOut;
  /** When everything in it was seen to be on the server, with no recovery; null: it was not. */
  readonly onServerAtMs: number | null;
};

export type SignOut =
  | "none"
  /** Somebody signed out of an account with changes that were not synced. */
  | "from-account"
  /** Of notes without an account: nobody can ever sign in to them again. */
  | "for-good";

export type ReportOfCopy =
  /** The reset is under way, or its report is lost: nobody has seen what became of the notes. */
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly needsHelp: number }
  | { readonly kind: "confirmed"; readonly atMs: number; readonly needsHelp: number };

export const keptDays = 30;
const keptMs = keptDays * 24 * 60 * 60 * 1_000;
const keptAlways = 3;

/** What holds a copy, the rule of the last three aside. */
export type Kept =
  /** Of the day: nothing but that rule. */
  | { readonly kind: "last-three" }
  | { readonly kind: "until"; readonly atMs: number }
  | { readonly kind: "needs-help"; readonly notes: number }
  | { readonly kind: "unconfirmed" }
  /** Its recovery is under way, or the report of it is lost. */
  | { readonly kind: "not-recovered" }
  /** Of a sign-out: nobody has signed in since and synced everything. */
  | { readonly kind: "not-synced" }
  | { readonly kind: "of-no-account" };

export function keptFor(copy: Omit<ShelvedCopy, "name" | "userId" | "createdAtMs">): Kept {
  const { kind, report, signOut, onServerAtMs } = copy;
  if (kind === "daily") return { kind: "last-three" };
  if (report.kind !== "none") {
    if (report.needsHelp > 0) return { kind: "needs-help", notes: report.needsHelp };
    return report.kind === "open" ? { kind: "unconfirmed" } : { kind: "until", atMs: report.atMs + keptMs };
  }
  if (signOut === "for-good") return { kind: "of-no-account" };
  if (onServerAtMs !== null) return { kind: "until", atMs: onServerAtMs + keptMs };
  return { kind: signOut === "none" ? "not-recovered" : "not-synced" };
}

/** When the copy may go: never while something speaks against it (null), else a time; the rule of the last three aside. */
export function expiryOf(copy: ShelvedCopy): number | null {
  const kept = keptFor(copy);
  if (kept.kind === "last-three") return copy.createdAtMs;
  return kept.kind === "until" ? kept.atMs : null;
}

/** Whether a person may delete it by hand: not what a recovery, or the look at its report, is still to be done with. */
export function mayDelete(kept: Kept): boolean {
  return ["last-three", "until", "not-synced", "of-no-account"].includes(kept.kind);
}

/** Until when a copy stays, or why it does, in one sentence. */
export function keptWords(kept: Kept, dateText: (atMs: number) => string): string {
  switch (kept.kind) {
    case "last-three":
      return "Kept until there are three newer ones that were made once a day.";
    case "until":
      return `Kept until ${dateText(kept.atMs)}, and never fewer than the last three.`;
    case "needs-help": {
      const notes = kept.notes === 1 ? "1 note" : `${kept.notes} notes`;
      return `Kept until nothing needs your help any more (${notes} left), then for ${keptDays} days.`;
    }
    case "unconfirmed":
      return `Kept until you confirm its recovery report, then for ${keptDays} days.`;
    case "not-recovered":
      return `Kept until its notes are recovered and you confirm the report, then for ${keptDays} days.`;
    case "not-synced":
      return `Kept because some of it was not synced at the sign-out. Sign in again: once everything is synced, it stays for ${keptDays} days.`;
    case "of-no-account":
      return "Kept until you delete it: its notes belong to no account, so nobody can sign in to them again.";
  }
}

/** Names of the copies that may be removed now. Each kind has its last three. */
export function expiredCopies(copies: readonly ShelvedCopy[], nowMs: number): string[] {
  const kept = new Map<string, number>();
  const expired: string[] = [];
  for (const copy of copies.toSorted((a, b) => b.createdAtMs - a.createdAtMs)) {
    const shelf = `${copy.userId} ${copy.kind}`;
    const newer = kept.get(shelf) ?? 0;
    kept.set(shelf, newer + 1);
    const expiry = expiryOf(copy);
    if (newer >= keptAlways && expiry !== null && expiry < nowMs) expired.push(copy.name);
  }
  return expired;
}
