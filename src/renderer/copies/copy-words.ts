// The words about safety copies: how long one is kept, what an export came to. Pure.

import type { BackupRow } from "../../shared/ipc-contract";
import { dateAndTime, plural } from "../design/words";

export function keptWords({ resetId, needsHelp, expiresAtMs }: BackupRow): string {
  if (needsHelp > 0) {
    return `Kept until nothing needs your help any more (${plural(needsHelp, "note")} left), then for 30 days.`;
  }
  if (expiresAtMs !== null)
    return `Kept until ${dateAndTime(expiresAtMs)}, and never fewer than the last three.`;
  return resetId === null
    ? "The last three are kept."
    : "Kept until you confirm its recovery report, then for 30 days.";
}

export function exportedWords(format: "markdown" | "json", count: number): string {
  return format === "markdown"
    ? `${plural(count, "note")} exported as Markdown.`
    : `${plural(count, "record")} exported as JSON.`;
}
