// From what the plan decided for one note to the line about it in the report: one outcome, one or more sentences
// in the user's words. Decides nothing. One line for each note; where several things happened to it, the outcome
// is the one that a person should look at first.

import { type Note, type NoteId, titleOf } from "../note";
import { ancestorsOf, type TreeView } from "../tree";
import type { DeletionDecision, PlaceDecision, TextDecision } from "./field-decisions";
import type { GivenUp } from "./place-plan";
import type { Outcome, ReportItem } from "./plan-types";

/** What became of one note, for the report. */
export type Fate = {
  readonly local: Note;
  readonly remote: Note | null;
  /** As the plan leaves it. */
  readonly result: Note;
  readonly isWritten: boolean;
  readonly isOwnCreation: boolean;
  readonly text: TextDecision;
  readonly place: PlaceDecision;
  readonly deletion:
    | DeletionDecision
    | { readonly kind: "kept-live"; readonly reason: "itself" | "under-it" };
  /** What others had changed in it was replaced, which only the guides' strategies do. */
  readonly isWrittenOver?: boolean;
  readonly givenUp: GivenUp | null;
  /** The parent it has on this device. */
  readonly wishedParent: NoteId | null;
  readonly isRecovered: boolean;
  readonly copy: Note | null;
  readonly baseText: string | null;
  /** In the trash, by itself or with a note above it, on this device and as the plan leaves it. */
  readonly wasTrashed: boolean;
  readonly isTrashed: boolean;
  readonly historyTrusted: boolean;
  readonly changedAtMs: number | null;
};

type Line = { readonly outcome: Outcome; readonly sentence: string; readonly needsHelp?: boolean };

/** Which outcome names the whole where several apply: the lower, what asks for a look first. */
const ranks: Readonly<Record<Outcome, number>> = {
  "written-over": 1,
  "kept-as-copy": 2,
  "deletion-kept": 3,
  "deletion-not-repeated": 4,
  "moved-to-recovered": 5,
  "place-not-kept": 6,
  merged: 7,
  "deletion-repeated": 8,
  "missing-on-server": 9,
  "put-back": 10,
  "left-out": 11,
};

/** As much of this device's tree as a path is told from. */
type LocalTree = Pick<TreeView, "parents" | "rootId"> & {
  readonly rows: { readonly get: (id: NoteId) => Note | undefined };
};

export type ItemWriter = (fate: Fate) => ReportItem | null;

/** Null where there is nothing to tell. */
export function createItemWriter(
  localTree: LocalTree,
  timeText: ((atMs: number) => string) | null,
): ItemWriter {
  const titles = new Map<NoteId, string>();
  const titleOfId = (id: NoteId): string => {
    const known = titles.get(id);
    if (known !== undefined) return known;
    const title = titleOf(localTree.rows.get(id)!.text);
    titles.set(id, title);
    return title;
  };

  return (fate) => {
    const lines = linesOf(fate, timeText, titleOfId);
    const [first] = lines.toSorted((a, b) => ranks[a.outcome] - ranks[b.outcome]);
    if (first === undefined) return null;
    const { local, remote, result } = fate;
    return {
      noteId: local.id,
      outcome: first.outcome,
      title: titleOf(result.text),
      path: pathOf(localTree, local.id, titleOfId),
      sentence: lines.map(({ sentence }) => sentence).join(" "),
      needsHelp: lines.some(({ needsHelp }) => needsHelp === true),
      copyId: fate.copy?.id ?? null,
      base: fate.baseText,
      mine: local.text,
      theirs: remote?.text ?? null,
      result: result.text,
      undo: fate.isWritten ? { before: remote, after: result } : null,
    };
  };
}

/** A path is cut in the middle of nowhere where a chain of notes is absurdly deep. */
const pathLimit = 32;

function pathOf(tree: LocalTree, id: NoteId, titleOfId: (id: NoteId) => string): string[] {
  const above = ancestorsOf(tree, id, pathLimit + 1);
  const titles = above.map(titleOfId);
  return titles.length > pathLimit ? ["…", ...titles.slice(1)] : titles;
}

function linesOf(
  fate: Fate,
  timeText: ((atMs: number) => string) | null,
  titleOfId: (id: NoteId) => string,
): Line[] {
  const when = timeText === null || fate.changedAtMs === null ? "" : ` from ${timeText(fate.changedAtMs)}`;
  const lines = fate.remote === null ? putBackLines(fate, when) : changeLines(fate, when);
  if (fate.isWrittenOver) lines.push(writtenOver);
  if (fate.isRecovered && fate.givenUp !== null) {
    lines.push({ outcome: "moved-to-recovered", sentence: recoveredSentence(fate.givenUp) });
  } else if (fate.remote !== null && (fate.place.kind === "overruled" || fate.givenUp !== null)) {
    lines.push({ outcome: "place-not-kept", sentence: placeSentence(fate, titleOfId) });
  }
  return lines;
}

function putBackLines({ deletion, isOwnCreation, isTrashed }: Fate, when: string): Line[] {
  if (deletion.kind === "kept-live") return [notRepeated(deletion.reason)];
  const where = isTrashed ? " into the trash" : "";
  return isOwnCreation
    ? [{ outcome: "put-back", sentence: `Your new note${when} was put back${where}.` }]
    : [{ outcome: "missing-on-server", sentence: `It was missing on the server and was put back${where}.` }];
}

function changeLines(fate: Fate, when: string): Line[] {
  const { text, place, deletion } = fate;
  const placeIsMine = place.kind === "mine" && fate.givenUp === null;
  const hasMine = text.kind === "mine" || text.kind === "merged" || text.kind === "conflict" || placeIsMine;
  if (fate.isTrashed && !fate.wasTrashed && hasMine) return [deletionKept(fate)];
  if (deletion.kind === "overruled") return [restoreOverruled];

  const lines: Line[] = [];
  if (text.kind === "conflict" && fate.copy !== null) {
    const why = fate.historyTrusted
      ? "Both edits changed the same lines."
      : "This text differs from the server's, and it is not known which part of it had been synced.";
    lines.push({ outcome: "kept-as-copy", sentence: `${why} Yours is in '${titleOf(fate.copy.text)}'.` });
  }
  if (text.kind === "merged") lines.push(mergedLine(text.lost));
  if (deletion.kind === "kept-live") lines.push(notRepeated(deletion.reason));
  if (deletion.kind === "doubtful") lines.push(notRepeated("itself"));
  if (deletion.kind === "not-trusted") lines.push(notTrusted);
  if (deletion.kind === "trash") {
    const why = deletion.lost ? "The server had lost that you deleted this." : "You deleted this.";
    lines.push({ outcome: "deletion-repeated", sentence: `${why} It is in the trash again.` });
  }
  const lost =
    (text.kind === "mine" && text.lost) ||
    (place.kind === "mine" && placeIsMine && place.lost) ||
    (deletion.kind === "restore" && deletion.lost);
  if (lost) {
    lines.push({
      outcome: "missing-on-server",
      sentence: "The server had lost a change of this note. It was put back.",
    });
  } else if (text.kind === "mine") {
    lines.push({ outcome: "put-back", sentence: `Your edit${when} was put back.` });
  } else if (placeIsMine) {
    lines.push({ outcome: "put-back", sentence: `Your move${when} was put back.` });
  } else if (deletion.kind === "restore") {
    lines.push({ outcome: "put-back", sentence: "You had taken this out of the trash. It is out again." });
  }
  return lines;
}

function mergedLine(lost: boolean): Line {
  return {
    outcome: "merged",
    sentence: lost
      ? "The server had lost part of this text. The lines of both versions were kept."
      : "You and another device both edited this. The two edits were combined.",
  };
}

function deletionKept({ copy }: Fate): Line {
  const where = copy === null ? "" : ` as '${titleOf(copy.text)}'`;
  return {
    outcome: "deletion-kept",
    sentence: `Deleted on another device. Your edited version is in Trash${where}.`,
    needsHelp: true,
  };
}

function notRepeated(reason: "itself" | "under-it"): Line {
  return {
    outcome: "deletion-not-repeated",
    sentence:
      reason === "itself"
        ? "You deleted this, but it was edited elsewhere, so it was kept."
        : "You deleted this, but something under it was added or edited elsewhere, so it was kept.",
    needsHelp: true,
  };
}

const writtenOver: Line = {
  outcome: "written-over",
  sentence: "It had been changed elsewhere too; this computer's version has replaced that.",
  needsHelp: true,
};

const restoreOverruled: Line = {
  outcome: "deletion-kept",
  sentence: "You had taken this out of the trash. It was deleted again on another device.",
  needsHelp: true,
};

const notTrusted: Line = {
  outcome: "deletion-not-repeated",
  sentence: "This was in the trash here, but it is not known who put it there, so it was kept.",
  needsHelp: true,
};

function recoveredSentence(reason: GivenUp): string {
  const why = {
    "parent-gone": "Its parent no longer exists.",
    "parent-in-trash": "Its parent was deleted on another device.",
    cycle: "Its place would have been inside itself.",
    unreached: "Its place can no longer be reached.",
  }[reason];
  return `${why} It is now under Recovered notes.`;
}

function placeSentence({ wishedParent, givenUp }: Fate, titleOfId: (id: NoteId) => string): string {
  if (wishedParent === null || givenUp === "parent-gone" || givenUp === "unreached") {
    return "You had moved this to a place that can no longer be reached. It is where the server has it.";
  }
  const wished = `'${titleOfId(wishedParent)}'`;
  switch (givenUp) {
    case null:
      return `You and another device both moved this. It is where the other device put it; you had put it under ${wished}.`;
    case "parent-in-trash":
      return `You had moved this under ${wished}, which was deleted on another device. It is where the server has it.`;
    case "cycle":
      return `You had moved this under ${wished}, which another device moved under this. It is where the server has it.`;
  }
}
