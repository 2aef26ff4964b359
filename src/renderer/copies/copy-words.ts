// The words about safety copies: what deleting one by hand means, what an export came to. How long one is kept is in
// shared/backup-rules.ts, since the command says it too. Pure.

import type { Kept } from "../../shared/backup-rules";
import { dateAndTime, plural, secondWords } from "../design/words";

export function deletionWords(kept: Kept): string {
  switch (kept.kind) {
    case "of-no-account":
      return "Its notes belong to no account and are nowhere else. This cannot be undone; export them first if anybody may want them again.";
    case "not-synced":
      return "Some of its changes may be nowhere else: nobody has signed in since and synced them. This cannot be undone.";
    default:
      return "Your notes stay as they are. This cannot be undone.";
  }
}

/** When a copy was made, to the second where another one was made in the same minute. */
export function momentWords(
  { createdAtMs }: { readonly createdAtMs: number },
  all: readonly { readonly createdAtMs: number }[],
): string {
  const minute = dateAndTime(createdAtMs);
  const alike = all.filter((each) => dateAndTime(each.createdAtMs) === minute);
  return alike.length > 1 ? `${minute}:${secondWords(createdAtMs)}` : minute;
}

export function exportedWords(format: "markdown" | "json", count: number): string {
  return format === "markdown"
    ? `${plural(count, "note")} exported as Markdown.`
    : `${plural(count, "record")} exported as JSON.`;
}
