// Strategy `discard`, 'discard unsynced changes' of the guides: the server's notes stand as they are, and nothing is
// written. What this device had that the server has not is listed, note by note, each line with the note as it was
// here; so a discarded note can be put back later. It calls nobody: the hooks are called by who carries it out.

import { type Note, type NoteId, type NotesById, titleOf } from "../../note";
import { countSteps } from "../count-steps";
import { lastChangeAtMs } from "../draft-notes";
import { samePlace } from "../field-decisions";
import { planRecovery } from "../plan";
import { noHistory, type RecoveryInput, type ReportItem } from "../plan-types";
import type { Strategy } from "./strategy";

/**
 * Called around a discard, as the guides' `clientResetBefore` and `clientResetAfter`. After a crash in between they
 * may be called again. Not called where the schema change was breaking and another road is taken.
 */
export type DiscardHooks = {
  /** Before anything is decided, with the notes as this device had them. */
  readonly before?: (had: NotesById) => void | Promise<void>;
  /** When all is done, with the notes before and after. */
  readonly after?: (had: NotesById, has: NotesById) => void | Promise<void>;
};

/** Asks the default strategy what it would have had to do: exactly that is what is left out. */
export const discard: Strategy = (input) => {
  const { steps, items, rolledBack } = planRecovery(input);
  const written = new Map<NoteId, Note>(steps.map(({ note }) => [note.id, note]));
  return {
    strategy: "discard",
    steps: [],
    items: items.map((item) =>
      leaveOut(item, input, input.local.get(item.noteId) ?? written.get(item.noteId)),
    ),
    rolledBack,
    counts: countSteps(input, []),
  };
};

function leaveOut(item: ReportItem, input: RecoveryInput, mine: Note | undefined): ReportItem {
  return {
    ...item,
    outcome: "left-out",
    title: titleOf(mine?.text ?? item.theirs ?? ""),
    sentence: sentenceOf(item.noteId, input, mine),
    needsHelp: false,
    copyId: null,
    result: item.theirs,
    undo: null,
    ...(mine === undefined ? {} : { leftOut: mine }),
  };
}

function sentenceOf(id: NoteId, input: RecoveryInput, mine: Note | undefined): string {
  const theirs = input.remote.get(id);
  const history = (input.historyTrusted ? input.history.get(id) : undefined) ?? noHistory;
  const atMs = mine === undefined ? null : lastChangeAtMs({ local: mine, history });
  const when = input.timeText === undefined || atMs === null ? "" : ` from ${input.timeText(atMs)}`;
  if (mine === undefined || theirs === undefined) {
    return history.created === "unacked"
      ? `Your new note${when} was left out.`
      : "The server does not have this note any more, and it was not put back.";
  }
  const parts = [
    ...(mine.text === theirs.text ? [] : [`your edit${when}`]),
    ...(samePlace(mine, theirs) ? [] : ["your move"]),
    ...(mine.deletedAtMs === theirs.deletedAtMs
      ? []
      : [mine.deletedAtMs === null ? "your taking it out of the trash" : "your deletion"]),
  ];
  const [first = "your version", ...rest] = parts;
  const all = rest.length === 0 ? first : `${[first, ...rest.slice(0, -1)].join(", ")} and ${rest.at(-1)}`;
  return `${all.charAt(0).toUpperCase()}${all.slice(1)} ${parts.length > 1 ? "were" : "was"} left out.`;
}
