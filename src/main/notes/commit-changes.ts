// One commit: changes go into the edit journal and the realm together, or into neither. Nobody else writes notes. Keeps
// nothing; what the store shows of it is the store's own.

import type { NoteRow } from "../../shared/ipc-contract";
import type { Note, NoteId } from "../../shared/note";
import { applyChange, changedId, type NoteChange } from "../../shared/note-change";
import { rebaseChange } from "../../shared/rebase-change";
import type { TreeIndex } from "../../shared/tree-index";
import type { NoteRealm, NoteTransaction } from "../realm/note-realm";
import type { Journal } from "./journal";
import { standingOfNote } from "./journal-codec";
import { mendMirrors } from "./mirrors";
import { revisionOfWrite } from "./write-number";

export type HowToCommit = {
  /** The revision to write a note with; undefined: a new one, as for everything that is news. */
  readonly revisionOf?: (id: NoteId) => string | undefined;
  /**
   * The lists of children: mended where the change touches them anyway (as a rule), only following the change, or
   * left alone. What several devices may write at once leaves them alone, or children would stand in them twice.
   */
  readonly mirrors?: "mend" | "follow" | "leave";
};

/** Answers the changes to be made, of notes as they really are; `read` gives them without their lists of children. */
export type Decide = (read: (id: NoteId) => Note | null) => readonly NoteChange[];

/** A note that was written, with its new revision. `stored`: as Realm has it now; null where that has to be read. */
export type Written = {
  readonly id: NoteId;
  readonly revision: string;
  readonly stored: () => Note | null;
};

type Into = {
  readonly realm: Pick<NoteRealm, "write">;
  readonly journal: Pick<Journal, "header" | "lastSeq" | "append">;
  /** As it was before. */
  readonly tree: TreeIndex<NoteRow>;
  /** Notes whose lists of children place others. */
  readonly adopting: ReadonlySet<NoteId>;
};

/** Throws when the journal or the realm cannot be written; then nothing of it was. */
export function commitChanges(
  { realm, journal, tree, adopting }: Into,
  decide: Decide,
  atMs: number,
  { revisionOf, mirrors = "mend" }: HowToCommit,
): readonly Written[] {
  const made = new Map<NoteId, string>();
  const standing = new Map<NoteId, Note | null>();
  realm.write((transaction) => {
    const read = (id: NoteId): Note | null => {
      const known = standing.get(id);
      if (known !== undefined) return known;
      const found = transaction.read(id);
      standing.set(id, found);
      return found;
    };
    // Only here is the note as it really is: what came by another hand may not have been told of yet.
    const { changes, rebased } = rebaseAll(decide(read), read, standing);
    if (changes.length === 0) return;
    const revision = revisionOfWrite(journal.header.generation, journal.lastSeq() + changes.length);
    for (const change of changes) {
      const id = changedId(change);
      if (!made.has(id)) made.set(id, (rebased.has(id) ? undefined : revisionOf?.(id)) ?? revision);
      write(transaction, change, atMs, made.get(id)!, mirrors !== "leave");
    }
    if (mirrors === "mend") mendMirrors(transaction, changes, tree, adopting);
    journal.append(changes, atMs, {
      revisionOf: (id) => made.get(id)!,
      standingOf: (id) => standingOfNote(standing.get(id) ?? transaction.read(id)!),
    });
  });
  return [...made].map(([id, revision]) => ({
    id,
    revision,
    stored: () => asStored(standing.get(id) ?? null, atMs),
  }));
}

/**
 * Each change as it is to be written after those before it. `rebased`: notes that another hand has changed. `standing`
 * is left with each note as it is after them.
 */
function rebaseAll(
  wanted: readonly NoteChange[],
  read: (id: NoteId) => Note | null,
  standing: Map<NoteId, Note | null>,
): { readonly changes: readonly NoteChange[]; readonly rebased: ReadonlySet<NoteId> } {
  const rebased = new Set<NoteId>();
  const changes = wanted.flatMap((change) => {
    const id = changedId(change);
    const current = read(id);
    const instead = rebaseChange(change, current);
    if (instead[0] !== change) rebased.add(id);
    let note = current ?? undefined;
    for (const each of instead) note = applyChange(note, each);
    standing.set(id, note ?? null);
    return instead;
  });
  return { changes, rebased };
}

/** The note as it is in the realm after its write; null where Realm does not keep the text as it was given. */
function asStored(note: Note | null, atMs: number): Note | null {
  if (note === null || note.text.includes("\0") || hasLoneSurrogate.test(note.text)) return null;
  return { ...note, childIds: [], lastUpdatedMs: atMs };
}

const hasLoneSurrogate = /\p{Surrogate}/u;

function write(
  transaction: NoteTransaction,
  change: NoteChange,
  atMs: number,
  revision: string,
  mirrors: boolean,
): void {
  switch (change.kind) {
    case "create": {
      const { id, text, isRoot, parentId, orderKey, deletedAtMs } = change.note;
      const place = { parentId, orderKey };
      transaction.put(id, { text, isRoot, place, deletedAtMs, mirrors }, atMs, revision);
      return;
    }
    case "text":
      transaction.put(change.id, { text: change.after }, atMs, revision);
      return;
    case "place":
      transaction.put(change.id, { place: change.after, mirrors }, atMs, revision);
      return;
    case "deleted":
      transaction.put(change.id, { deletedAtMs: change.after }, atMs, revision);
      return;
  }
}
