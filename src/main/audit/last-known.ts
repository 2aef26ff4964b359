// The last that this computer knows of notes that are not there any more, or went back: put together from the edit
// journals and the safety copies, and judged by what was seen last. Reads only; takes time, so it is asked for few notes.

import type { Note, NoteId } from "../../shared/note";
import { applyChange, changedId } from "../../shared/note-change";
import type { KnownNote } from "../../shared/recovery/audit";
import { adoptersOf } from "../../shared/tree";
import type { StoredJournal } from "../notes/journal";
import type { JournalEntry, Standing } from "../notes/journal-codec";
import type { SeenStates } from "../notes/seen";

export type NotesCopy = {
  readonly notes: ReadonlyMap<NoteId, Note>;
  readonly revisions: ReadonlyMap<NoteId, string>;
};

export type LastKnown = {
  readonly known: (id: NoteId) => KnownNote | null;
  /** The note whose list of children named it in the newest copy that has it. */
  readonly hungUnder: (id: NoteId) => NoteId | null;
};

/** `copies` newest first; `journals` oldest first. */
export function lastKnownOf(
  wanted: ReadonlySet<NoteId>,
  journals: readonly StoredJournal[],
  copies: readonly NotesCopy[],
  seen: Pick<SeenStates, "age">,
): LastKnown {
  const versions = new Map<NoteId, { note: Note; revision: string }[]>();
  const add = (id: NoteId, note: Note, revision: string) => {
    const ofNote = versions.get(id);
    if (ofNote === undefined) versions.set(id, [{ note, revision }]);
    else ofNote.push({ note, revision });
  };
  for (const { notes, revisions } of copies.toReversed()) {
    for (const id of wanted) {
      const note = notes.get(id);
      if (note !== undefined) add(id, note, revisions.get(id) ?? "");
    }
  }
  const standings = new Map<NoteId, Standing>();
  for (const { entries } of journals) {
    for (const entry of entries) {
      const id = changedId(entry.change);
      if (!wanted.has(id)) continue;
      const standing = standingAfter(entry, standings.get(id));
      if (standing !== undefined) standings.set(id, standing);
      const after = noteAfter({ ...entry, standing }, versions.get(id)?.at(-1)?.note);
      if (after !== undefined) add(id, after, entry.revision ?? "");
    }
  }
  const adopters = copies.map(({ notes }) => adoptersOf(notes.values()));

  return {
    known(id) {
      let best: KnownNote | null = null;
      let bestAge = Number.POSITIVE_INFINITY;
      for (const { note, revision } of versions.get(id) ?? []) {
        const age = seen.age(note, revision) ?? Number.MAX_SAFE_INTEGER;
        if (best !== null && age > bestAge) continue;
        best = { note, revision, isLatest: age === 0 };
        bestAge = age;
      }
      return best;
    },
    hungUnder(id) {
      for (const [index, { notes }] of copies.entries()) {
        if (notes.has(id)) return adopters[index]?.get(id) ?? null;
      }
      return null;
    },
  };
}

/** Where the note stands after the entry; a journal tells a place once, with a change of it or with the first text. */
function standingAfter(
  { change, standing }: JournalEntry,
  before: Standing | undefined,
): Standing | undefined {
  switch (change.kind) {
    case "create": {
      const { parentId, orderKey, deletedAtMs } = change.note;
      return { parentId, orderKey, deletedAtMs };
    }
    case "place":
      return { ...change.after, deletedAtMs: before?.deletedAtMs ?? null };
    case "deleted":
      return before === undefined ? undefined : { ...before, deletedAtMs: change.after };
    case "text":
      return standing ?? before;
  }
}

/** The note as the entry leaves it; a text says all of a note that is worth having, wherever it stood. */
function noteAfter({ change, standing, atMs }: JournalEntry, before: Note | undefined): Note | undefined {
  const after = applyChange(before, change);
  if (after !== undefined || change.kind !== "text") {
    return after === undefined ? undefined : { ...after, ...standing, lastUpdatedMs: atMs };
  }
  const { parentId, orderKey, deletedAtMs } = standing ?? { parentId: null, orderKey: "", deletedAtMs: null };
  return {
    id: change.id,
    text: change.after,
    isRoot: false,
    parentId,
    orderKey,
    childIds: [],
    deletedAtMs,
    lastUpdatedMs: atMs,
  };
}
