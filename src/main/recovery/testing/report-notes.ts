// Notes and lines of a report, for the tests of what is chosen for them later.

import type { Note, NoteId } from "../../../shared/note";
import { applyChanges, type NoteChange } from "../../../shared/note-change";
import type { ReportItem } from "../../../shared/recovery/plan-types";

export const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as NoteId;
export const resetId = "reset";

/** Note 0 is the root, above all others. */
export function note(number: number, changes: Partial<Note> = {}): Note {
  return {
    id: id(number),
    text: `# ${number}\n`,
    isRoot: number === 0,
    parentId: number === 0 ? null : id(0),
    orderKey: `A${number}`,
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: 1,
    ...changes,
  };
}

export function item(number: number, changes: Partial<ReportItem> = {}): ReportItem {
  return {
    noteId: id(number),
    outcome: "put-back",
    title: "",
    path: [],
    sentence: "",
    needsHelp: false,
    copyId: null,
    base: null,
    mine: null,
    theirs: null,
    result: null,
    undo: null,
    ...changes,
  };
}

export type Notes = Map<NoteId, Note>;
export const notesOf = (...all: Note[]): Notes => new Map(all.map((each) => [each.id, each]));

export function apply(notes: Notes, changes: readonly NoteChange[]): Notes {
  const after = new Map(notes);
  applyChanges(after, changes);
  return after;
}

/** Of note 1. */
export const versions = {
  base: "# 1\nold\nlast\n",
  mine: "# 1\nmine\nlast\n",
  theirs: "# 1\ntheirs\nlast\n",
  result: "# 1\ntheirs\nlast\n",
};
