// The report of a recovery in words: counts, groups in reading order, the cause in a plain sentence, and the whole
// as a Markdown file. Reads what the plan and the run wrote down; decides nothing. Times are given in UTC, because
// a file may be read anywhere.

import type { NoteId } from "../note";
import { type Outcome, outcomes, type RecoveryReport, type ReportItem, type ResetCause } from "./plan-types";
import { strategyWords } from "./strategies/words";

export function countOutcomes(items: readonly ReportItem[]): Record<Outcome, number> {
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const { outcome } of items) counts[outcome] += 1;
  return counts;
}

export type ReportGroup = {
  readonly kind: "failed" | "needs-help" | Outcome;
  readonly title: string;
  readonly items: readonly ReportItem[];
};

const groupTitles: readonly (readonly [ReportGroup["kind"], string])[] = [
  ["failed", "Not kept by the server"],
  ["needs-help", "Needs your help"],
  ["written-over", "Replaced what was on the server"],
  ["kept-as-copy", "Kept as a copy"],
  ["left-out", "Left out"],
  ["deletion-kept", "Deleted on another device"],
  ["deletion-not-repeated", "Kept although you deleted it"],
  ["moved-to-recovered", "Moved to Recovered notes"],
  ["place-not-kept", "Kept in another place"],
  ["merged", "Merged"],
  ["missing-on-server", "Was missing on the server"],
  ["deletion-repeated", "Deleted again"],
  ["put-back", "Put back"],
];

/** What recovery wrote of an item did not stay on the server: the note itself, or the copy that was made of it. */
export function isFailedOf({ failed }: Pick<RecoveryReport, "failed">): (item: ReportItem) => boolean {
  const ids = new Set<NoteId>(failed);
  return ({ noteId, copyId }) => ids.has(noteId) || (copyId !== null && ids.has(copyId));
}

/** Notes that the server did not keep and no item tells of: what was written for the sake of others. */
export function otherFailed({ items, failed }: Pick<RecoveryReport, "items" | "failed">): readonly NoteId[] {
  const told = new Set(items.flatMap(({ noteId, copyId }) => [noteId, copyId]));
  return failed.filter((id) => !told.has(id));
}

/** A change that the server did not keep needs somebody like what could not be decided without one. */
export function countNeedsHelp(report: Pick<RecoveryReport, "items" | "failed">): number {
  const isFailed = isFailedOf(report);
  return report.items.filter((item) => item.needsHelp || isFailed(item)).length;
}

/** Each item once: what failed or needs a person first, what simply worked last; empty groups left out. */
export function groupItems(report: Pick<RecoveryReport, "items" | "failed">): ReportGroup[] {
  const isFailed = isFailedOf(report);
  const byKind = new Map<ReportGroup["kind"], ReportItem[]>();
  for (const item of report.items) {
    const kind = isFailed(item) ? "failed" : item.needsHelp ? "needs-help" : item.outcome;
    const group = byKind.get(kind);
    if (group === undefined) byKind.set(kind, [item]);
    else group.push(item);
  }
  return groupTitles.flatMap(([kind, title]) => {
    const items = byKind.get(kind);
    return items === undefined ? [] : [{ kind, title, items }];
  });
}

const causes: Readonly<Record<ResetCause, string>> = {
  restored: "The server was restored from an older state.",
  terminated: "Sync was switched off on the server and set up anew.",
  schema: "The server changed how notes are stored.",
  "offline-too-long": "This computer had been away for longer than the server keeps changes.",
  "rights-changed": "What this account may see was changed on the server.",
  "upload-too-large": "A change was too large to be uploaded in one piece.",
  "automatic-recovery-failed": "Sync tried to mend itself and could not.",
  "delete-ordered": "The server asked this computer to delete its notes and get them anew.",
  "cannot-open": "The notes on this computer are of a kind that this version of Perennial cannot open.",
  "asked-for": "Somebody at this computer asked for a fresh copy of the notes.",
  "signed-out": "Somebody signed out while changes were not synced yet.",
  "signed-out-for-good": "Somebody signed out of notes that belong to no account.",
  "found-at-start": "When Perennial opened, it found that sync had to start again.",
  vanished: "Notes had vanished from the server although nobody deleted them.",
  unknown: "The server asked this computer to start again, without a reason that Perennial knows.",
};

/** Why it happened, in one plain sentence. */
export function causeText(cause: ResetCause): string {
  return causes[cause];
}

function insteadText({ insteadOf }: RecoveryReport): string {
  if (insteadOf === undefined) return "";
  return ` (not '${strategyWords[insteadOf].title}', because the server changed how notes are stored)`;
}

/** `itemsMarkdown`: what `renderItemsMarkdown` makes of this report. */
export function renderReportMarkdown(
  report: RecoveryReport,
  itemsMarkdown: string = renderItemsMarkdown(report),
): string {
  const { items, failed, notesFromServer, changesRestored } = report;
  const lines = [
    "# Recovery report",
    "",
    `- Finished: ${utc(report.finishedAtMs)} (started ${utc(report.startedAtMs)})`,
    `- Why: ${causeText(report.cause)}`,
    `- How: ${strategyWords[report.strategy].title}${insteadText(report)}`,
    `- Notes from the server: ${notesFromServer}`,
    `- Changes restored: ${changesRestored}`,
    `- Safety copy: ${report.backupName}`,
    `- Reference: ${report.resetId}`,
    "",
  ];
  if (report.rolledBack) {
    lines.push("The server had gone back to an older state; what it had lost was put back from here.", "");
  }
  if (items.length === 0 && failed.length === 0) {
    lines.push("Nothing had to be changed: everything on this computer was on the server.", "");
  }
  if (itemsMarkdown !== "") lines.push(itemsMarkdown);
  lines.push(...leftoverLines(report));
  const others = otherFailed(report);
  if (others.length > 0) {
    lines.push("## Other notes that the server did not keep", "", ...others.map((id) => `- ${id}`), "");
  }
  return lines.join("\n");
}

/** The part of the report that its items are told in; nothing where there are none. */
export function renderItemsMarkdown(report: Pick<RecoveryReport, "items" | "failed">): string {
  const lines: string[] = [];
  for (const { kind, title, items } of groupItems(report)) {
    lines.push(`## ${title} (${items.length})`, "");
    for (const item of items) lines.push(...itemLines(item, kind === "failed"));
  }
  return lines.join("\n");
}

function leftoverLines({ leftovers }: RecoveryReport): string[] {
  if (leftovers === undefined) return [];
  const { values = [], objects = [] } = leftovers;
  const rows = [
    ...values.map(({ title, field, value }) => [title, field, JSON.stringify(value)]),
    ...objects.map(({ className, object }) => ["", className, JSON.stringify(object)]),
  ].map((cells) => `| ${cells.map(tableCell).join(" | ")} |`);
  const table =
    rows.length === 0 ? [] : ["| Note | Field or kind | Value |", "| --- | --- | --- |", ...rows, ""];
  return ["## What has no place any more", "", leftoverText(leftovers), "", ...table];
}

/** What this version of Perennial could not put anywhere, and where it is kept. */
export function leftoverText({
  file,
  notes,
  fields,
  classes,
}: NonNullable<RecoveryReport["leftovers"]>): string {
  const ofNotes = fields.length > 0 ? [`the fields ${fields.join(", ")} of ${notes} notes`] : [];
  const others = classes.length > 0 ? [`everything of the kinds ${classes.join(", ")}`] : [];
  return `Another version of Perennial keeps more than this one has a place for: ${[...ofNotes, ...others].join(", and ")}. It is kept word for word in ${file}, beside this report.`;
}

function itemLines(item: ReportItem, hasFailed: boolean): string[] {
  const place = ["Notes", ...item.path].map(oneLine).join(" › ");
  const lines = [`### ${oneLine(item.title)}`, "", `In ${place}`, "", item.sentence, ""];
  if (hasFailed) lines.push("The server did not keep this change. Your version is in the safety copy.", "");
  const { mine, theirs, result } = item;
  const isTwoVersions = mine !== null && theirs !== null && mine !== theirs;
  if (isTwoVersions || hasFailed) {
    lines.push(...versionLines("Yours", mine), ...versionLines("The server's", theirs));
    if (result !== mine && result !== theirs) lines.push(...versionLines("Now", result));
  }
  return lines;
}

function versionLines(name: string, text: string | null): string[] {
  if (text === null) return [];
  const fence = "`".repeat(1 + Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length)));
  return [`${name}:`, "", fence, text, fence, ""];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>#]/g, "\\$&");
}

function tableCell(text: string): string {
  return oneLine(text).replaceAll("|", "\\|");
}

/** `2026-11-21 10:44 UTC`. */
export function utc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
