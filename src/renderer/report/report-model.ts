// What a recovery report shows and offers: groups, words and actions by outcome. Pure; the report itself was
// written by recovery and is only read here.

import type { NoteId } from "../../shared/note";
import type { Outcome, RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { countNeedsHelp, isFailedOf } from "../../shared/recovery/report";
import type { IconName } from "../design/Icon";
import { countWords, plural } from "../design/words";

export type ResolveChoice = "mine" | "theirs" | "both" | "restore" | "delete" | "keep" | "undo";

export type ItemAction =
  | { readonly kind: "open"; readonly label: string; readonly id: NoteId }
  | { readonly kind: "compare"; readonly label: string }
  | { readonly kind: "move-to"; readonly label: string }
  | { readonly kind: "open-copy"; readonly label: string }
  | { readonly kind: "copy-details"; readonly label: string }
  | { readonly kind: "resolve"; readonly label: string; readonly choice: ResolveChoice };

const open = (id: NoteId, label = "Open"): ItemAction => ({ kind: "open", label, id });
const compare: ItemAction = { kind: "compare", label: "Compare" };
const openCopy: ItemAction = { kind: "open-copy", label: "Show safety copy" };
const moveTo: ItemAction = { kind: "move-to", label: "Move to…" };
const resolve = (choice: ResolveChoice, label: string): ItemAction => ({ kind: "resolve", label, choice });

/**
 * What a line offers. Two versions can always be compared, and settled from there; what was chosen last is not offered
 * again. `isUndone`: the whole recovery was.
 */
export function actionsOf(item: ReportItem, isFailed = false, isUndone = false): readonly ItemAction[] {
  const offered = offeredFor(item, isFailed);
  if (isFailed) return offered;
  const isSpent = (action: ItemAction) =>
    action.kind === "resolve" && (action.choice === item.settled || (isUndone && action.choice === "undo"));
  return [
    ...offered.filter((action) => !isSpent(action)),
    ...(item.settled === "undo" || isUndone ? putBackAgain(item) : []),
  ];
}

/** After an undo, where nothing but a person's own words was undone. */
function putBackAgain({ outcome, undo, mine, result }: ReportItem): readonly ItemAction[] {
  if (outcome !== "put-back" || undo === null) return [];
  if (undo.before === null) return [resolve("restore", "Put back again")];
  const isOnlyText =
    undo.after !== undefined &&
    undo.after.parentId === undo.before.parentId &&
    undo.after.deletedAtMs === undo.before.deletedAtMs;
  return isOnlyText && mine !== null && mine === result ? [resolve("mine", "Put back again")] : [];
}

function offeredFor(item: ReportItem, isFailed: boolean): readonly ItemAction[] {
  const compared = hasTwoVersions(item) ? [compare] : [];
  if (isFailed) {
    // Where the copy is what is missing, the other version stays where it is.
    const again = item.outcome === "kept-as-copy" ? "both" : "mine";
    return [open(item.noteId), ...compared, resolve(again, "Put back again"), openCopy];
  }
  const undo = item.undo === null ? [] : [resolve("undo", "Undo")];
  switch (item.outcome) {
    case "put-back":
    case "merged":
      return [open(item.noteId), ...compared, ...undo];
    case "written-over":
      return [
        open(item.noteId),
        ...compared,
        resolve("mine", "Keep mine"),
        resolve("theirs", "Keep theirs"),
        ...undo,
      ];
    case "kept-as-copy":
      return [
        open(item.noteId),
        ...(item.copyId === null ? [] : [open(item.copyId, "Open the copy")]),
        compare,
        ...keepActions,
      ];
    case "moved-to-recovered":
    case "place-not-kept":
      return [open(item.noteId), ...compared, moveTo, ...undo];
    case "deletion-kept":
      return [
        open(item.noteId),
        ...compared,
        resolve("restore", "Restore"),
        ...(item.needsHelp ? [resolve("keep", "Leave in trash")] : []),
      ];
    case "deletion-repeated":
      return [open(item.noteId), ...compared, resolve("restore", "Restore")];
    case "deletion-not-repeated":
      return [
        open(item.noteId),
        ...compared,
        resolve("delete", "Delete"),
        ...(item.needsHelp ? [resolve("keep", "Keep it")] : []),
      ];
    case "missing-on-server":
      return [
        open(item.noteId),
        ...compared,
        ...(item.undo?.before === null ? [resolve("undo", "Remove again")] : undo),
      ];
    case "left-out":
      return [
        ...(item.leftOut === undefined ? [] : [resolve("restore", "Put back"), compare]),
        ...(item.leftOut !== undefined && item.needsHelp ? [resolve("keep", "Leave away")] : []),
        openCopy,
        { kind: "copy-details", label: "Copy details" },
      ];
  }
}

function hasTwoVersions({ mine, theirs }: ReportItem): boolean {
  return mine !== null && theirs !== null && mine !== theirs;
}

/** The three ways to settle two versions of one note. */
export const keepActions: readonly Extract<ItemAction, { kind: "resolve" }>[] = [
  { kind: "resolve", label: "Keep mine", choice: "mine" },
  { kind: "resolve", label: "Keep theirs", choice: "theirs" },
  { kind: "resolve", label: "Keep both", choice: "both" },
];

/** Where there is but one version there is nothing to keep of another. */
export function keepActionsOf(item: ReportItem): typeof keepActions {
  return hasTwoVersions(item) || item.outcome === "kept-as-copy"
    ? keepActions.filter(({ choice }) => choice !== item.settled)
    : [];
}

const choiceLabels: Readonly<Record<string, string>> = {
  mine: "Keep mine",
  theirs: "Keep theirs",
  both: "Keep both",
  restore: "Put back",
  delete: "Delete",
  keep: "Leave it so",
  undo: "Undo",
} satisfies Record<ResolveChoice, string>;

/** What was chosen for a line, in this window or an earlier one. */
export function choiceWords(settled: string | undefined): string | undefined {
  return settled === undefined ? undefined : choiceLabels[settled];
}

/** The lines whose note is called so, or stands there; all of them where nothing is asked for. */
export function itemsFor(report: RecoveryReport, sought: string): readonly ReportItem[] {
  const words = sought
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return report.items;
  return report.items.filter(({ title, path }) => {
    const where = [...path, title].join(" / ").toLowerCase();
    return words.every((word) => where.includes(word));
  });
}

/** Shorter reports are seen at a glance. */
export const filteredFrom = 10;

export type ReportGroup = {
  readonly key: Outcome | "needs-help";
  readonly title: string;
  readonly icon: IconName;
  readonly openAtFirst: boolean;
  readonly items: readonly ReportItem[];
};

/** Groups in the order in which they are read: what needs a person first, what simply worked last. */
const groupsInOrder: readonly Omit<ReportGroup, "items">[] = [
  { key: "needs-help", title: "Needs your help", icon: "help", openAtFirst: true },
  {
    key: "written-over",
    title: "Replaced what was on the server",
    icon: "warning",
    openAtFirst: true,
  },
  { key: "kept-as-copy", title: "Kept as a copy", icon: "copy", openAtFirst: true },
  { key: "merged", title: "Merged", icon: "merge", openAtFirst: true },
  { key: "moved-to-recovered", title: "Moved to Recovered notes", icon: "folder", openAtFirst: true },
  { key: "place-not-kept", title: "Kept in another place", icon: "arrow", openAtFirst: true },
  { key: "missing-on-server", title: "Was missing on the server", icon: "server", openAtFirst: true },
  { key: "deletion-not-repeated", title: "Kept although you deleted it", icon: "restore", openAtFirst: true },
  { key: "deletion-kept", title: "Deleted on another device", icon: "trash", openAtFirst: true },
  { key: "left-out", title: "Left out", icon: "warning", openAtFirst: true },
  { key: "deletion-repeated", title: "Deleted again", icon: "trash", openAtFirst: false },
  { key: "put-back", title: "Put back", icon: "check", openAtFirst: false },
];

export function groupsOf(
  report: RecoveryReport,
  items: readonly ReportItem[] = report.items,
): readonly ReportGroup[] {
  const isFailed = isFailedOf(report);
  const groupOf = (item: ReportItem) => (item.needsHelp || isFailed(item) ? "needs-help" : item.outcome);
  return groupsInOrder
    .map((group) => ({ ...group, items: items.filter((item) => groupOf(item) === group.key) }))
    .filter((group) => group.items.length > 0);
}

/** The group that shows what a count counts: a note that needs help is not among the others of its kind. */
export function groupOfCount(
  groups: readonly ReportGroup[],
  counted: CountChip["key"],
): ReportGroup["key"] | null {
  const group =
    groups.find(({ key }) => key === counted) ??
    groups.find(({ items }) => items.some(({ outcome }) => outcome === counted));
  return group?.key ?? null;
}

/** What a row says. A note whose write did not stay on the server says that, whatever was planned for it. */
export function sentenceOf(item: ReportItem, report: RecoveryReport): string {
  return isFailedOf(report)(item)
    ? "The server did not keep this change. Your version is in the safety copy."
    : item.sentence;
}

export type CountChip = {
  readonly key: Outcome | "needs-help";
  readonly icon: IconName;
  readonly text: string;
  readonly count: number;
};

const alwaysCounted: readonly { outcome: Outcome; icon: IconName; words: string }[] = [
  { outcome: "put-back", icon: "check", words: "put back" },
  { outcome: "merged", icon: "merge", words: "merged" },
  { outcome: "kept-as-copy", icon: "copy", words: "kept as a copy" },
  { outcome: "moved-to-recovered", icon: "folder", words: "moved to Recovered notes" },
];
const countedWhereAny: readonly { outcome: Outcome; icon: IconName; words: string }[] = [
  { outcome: "written-over", icon: "warning", words: "replaced on the server" },
  { outcome: "place-not-kept", icon: "arrow", words: "kept in another place" },
  { outcome: "missing-on-server", icon: "server", words: "missing on the server" },
  { outcome: "deletion-kept", icon: "trash", words: "deleted elsewhere" },
  { outcome: "deletion-not-repeated", icon: "restore", words: "not deleted again" },
  { outcome: "deletion-repeated", icon: "trash", words: "deleted again" },
  { outcome: "left-out", icon: "warning", words: "left out" },
];

export function countsOf(report: RecoveryReport): readonly CountChip[] {
  const count = (outcome: Outcome) => report.items.filter((item) => item.outcome === outcome).length;
  const chips = [...alwaysCounted, ...countedWhereAny.filter(({ outcome }) => count(outcome) > 0)].map(
    ({ outcome, icon, words }) => ({ key: outcome, icon, count: count(outcome), text: words }),
  );
  const help = countNeedsHelp(report);
  return [
    ...chips,
    { key: "needs-help", icon: "help", count: help, text: help === 1 ? "needs your help" : "need your help" },
  ];
}

/** `9,870 notes from the server · 12 of your changes restored`. */
export function summaryLine(report: RecoveryReport): string {
  const { cause, notesFromServer, changesRestored } = report;
  if (cause === "vanished") return `${plural(changesRestored, "note")} put back`;
  return `${plural(notesFromServer, "note")} from the server · ${countWords(changesRestored)} of your changes restored`;
}

/** `Garden / Spring`, or where a note at the top stands. */
export function pathWords(path: readonly string[]): string {
  return path.length === 0 ? "At the top" : path.join(" / ");
}

/** For the clipboard: enough to find the note in the safety copy, without its text. */
export function detailsOf(item: ReportItem, report: RecoveryReport): string {
  return [
    `Note: ${item.noteId}`,
    `Title: ${item.title}`,
    `Place: ${pathWords(item.path)}`,
    `Outcome: ${item.outcome}`,
    sentenceOf(item, report),
    `Safety copy: ${report.backupName}`,
    `Recovery: ${report.resetId}`,
  ].join("\n");
}
