// Which safety copies may go. A copy of a reset stays until its report is confirmed, then for thirty days; while a
// note of its report needs help it stays; the last three of each user stay whatever happens. Pure.

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
};

export type ReportOfCopy =
  /** The reset is under way, or its report is lost: nobody has seen what became of the notes. */
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly needsHelp: number }
  | { readonly kind: "confirmed"; readonly atMs: number; readonly needsHelp: number };

export const keptDays = 30;
const keptMs = keptDays * 24 * 60 * 60 * 1_000;
const keptAlways = 3;

/** When the copy may go: never while something speaks against it (null), else a time; the rule of the last three aside. */
export function expiryOf({ kind, createdAtMs, report }: ShelvedCopy): number | null {
  if (kind === "daily") return createdAtMs;
  if (report.kind !== "confirmed" || report.needsHelp > 0) return null;
  return report.atMs + keptMs;
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
