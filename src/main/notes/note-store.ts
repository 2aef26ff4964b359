// The only writer of notes. Every change goes through `commit`: into the edit journal and the realm together, or
// into neither. Keeps the rows that the tree is made of in memory and tells of changes by any hand.

import { crc32 } from "node:zlib";
import type { NoteRow, NotesChange } from "../../shared/ipc-contract";
import { isTombstone, type Note, type NoteId, titleOf } from "../../shared/note";
import { applyChange, type NoteChange } from "../../shared/note-change";
import { rebaseChange } from "../../shared/rebase-change";
import { adoptersOf, type TreeView } from "../../shared/tree";
import { createTreeIndex } from "../../shared/tree-index";
import type { NoteRealm, NotesRead, NoteTransaction } from "../realm/note-realm";
import type { NotesTouched } from "../realm/notes-touched";
import { type FollowedNotes, followNotes } from "./followed-notes";
import type { Journal } from "./journal";
import { changedId } from "./journal-codec";
import { mendMirrors } from "./mirrors";
import type { SeenStates } from "./seen";
import { lastWriteIn, revisionOfWrite } from "./write-number";

export type NoteStore = {
  readonly rootId: NoteId;
  readonly rows: () => ReadonlyMap<NoteId, NoteRow>;
  /** The same rows as a tree that follows them. */
  readonly tree: TreeView<NoteRow>;
  readonly read: (id: NoteId) => Note | null;
  /** As `read`, at a third of its cost, because it leaves out the list of children. */
  readonly peek: (id: NoteId) => Note | null;
  readonly revisionOf: (id: NoteId) => string;
  /** Every note as it is now; in a recovery kept up to date from then on. */
  readonly readAll: () => NotesRead;
  /**
   * In a recovery: reads what has come so far, in turns of the event loop, and from now on what comes, so that little is
   * left to be read at the end. Notes that turn out to be the same in `known` are the objects that stand there, and take no
   * room of their own. Ends early where `isWanted` does not hold any more.
   */
  readonly readAhead: (known: NotesRead, isWanted: () => boolean) => Promise<void>;
  /** Throws when the journal or the realm cannot be written; then nothing of it was. */
  readonly commit: (changes: readonly NoteChange[], how?: HowToCommit) => void;
  /**
   * As `commit`, of changes that are decided upon inside the transaction, by the notes as they really are: `read` gives
   * them without their lists of children.
   */
  readonly commitRead: (
    decide: (read: (id: NoteId) => Note | null) => readonly NoteChange[],
    how?: HowToCommit,
  ) => void;
  /**
   * In a recovery: from now on the rows are those of the fresh copy, and follow it. So `remember`, which would do so at the
   * latest, has little left to do.
   */
  readonly prepareToRemember: () => void;
  /**
   * From now on every state of a note counts as seen, beginning with those of this moment, which are how it is to be.
   * That a note is not there is settled only where somebody has `decided` so; else it is missed, as before.
   */
  readonly remember: (decided: (id: NoteId) => boolean) => void;
  /** What is not as this device saw it last, though nobody changed it. Looks at every note that was ever seen. */
  readonly losses: () => Losses;
  /** They have been dealt with. */
  readonly forgetLosses: () => void;
  /** Creates the root note of the tree where the realm has none of it yet. */
  readonly ensureRoot: () => void;
};

export type HowToCommit = {
  /** The revision to write a note with; undefined: a new one, as for everything that is news. */
  readonly revisionOf?: (id: NoteId) => string | undefined;
  /**
   * The lists of children: mended where the change touches them anyway (as a rule), only following the change, or
   * left alone. What several devices may write at once leaves them alone, or children would stand in them twice.
   */
  readonly mirrors?: "mend" | "follow" | "leave";
};

export type Losses = {
  readonly vanished: readonly NoteId[];
  /** There, as an older version than the last that was seen. */
  readonly wentBack: readonly NoteId[];
  /** Without a place, and what it hung under before, where that is known. */
  readonly unplaced: ReadonlyMap<NoteId, NoteId | null>;
};

type Dependencies = {
  readonly realm: NoteRealm;
  /** False during recovery: what the fresh copy shows must not count as seen before it is judged by that. */
  readonly remember: boolean;
  /** Nothing of this device's is in the realm yet, so that what it has need not be read now. */
  readonly isUntouched: boolean;
  readonly journal: Journal;
  readonly seen: SeenStates;
  readonly rootId: NoteId;
  readonly now: () => number;
  readonly onChange: (change: NotesChange) => void;
  /** A note's text as it stands after a change that this process did not commit. */
  readonly onForeignText: (id: NoteId, text: string) => void;
  readonly onCommit: () => void;
  /** Something went missing or back by another hand; `losses` says what. */
  readonly onLoss: () => void;
};

export function createNoteStore(dependencies: Dependencies): NoteStore {
  const { realm, journal, seen, rootId, now, onChange, onForeignText, onCommit, onLoss } = dependencies;
  const tree = createTreeIndex<NoteRow>(rootId);
  const { rows } = tree;
  const wentBack = new Set<NoteId>();
  /** Notes whose lists of children notes without a place hang by. */
  const adopting = new Set<NoteId>();
  const hungUnder = new Map<NoteId, NoteId>();
  /** What this process last made of each note. A client that knows only the published fields leaves the revision. */
  const committed = new Map<NoteId, string>();
  /** Rows without a place of their own. */
  const unplaced = new Set<NoteId>();
  let followed: FollowedNotes | null = null;
  let expected: NotesRead | null = null;

  const { notes, revisions } = dependencies.isUntouched ? nothingRead : realm.readAll();
  noteLostEntries();
  let remembering = dependencies.remember;
  // Nobody is told of a fresh copy's notes before its recovery is over; what an interrupted one left may be looked at.
  let following = dependencies.remember;
  const isHidden = !following && notes.size === 0;
  takeRows(notes);
  if (remembering) for (const id of seen.addAll(notes, revisions)) wentBack.add(id);

  realm.onNotes(
    { notes, revisions },
    {
      isWanted: () => following || followed !== null,
      knownIds: () => followed?.all.notes.keys() ?? rows.keys(),
      onTouched: take,
    },
  );

  function take({ upserted, removed }: NotesTouched): void {
    if (followed !== null) {
      for (const { note, revision } of upserted) followed.set(note, revision);
      for (const id of removed) followed.remove(id);
    }
    if (!following) return;
    const changed: NoteRow[] = [];
    const gone: NoteId[] = removed.filter(removeRow);
    let isLoss = gone.length > 0;
    let needsAdoption = removed.length > 0;
    for (const { note, revision } of upserted) {
      const { id } = note;
      if (remembering) isLoss = remember(note, revision) || isLoss;
      if (committed.get(id) !== versionOf(revision, note.text)) onForeignText(id, note.text);
      if (isTombstone(note)) {
        if (removeRow(id)) gone.push(id);
        continue;
      }
      const row = { ...rowOf(note), adoptedBy: rows.get(id)?.adoptedBy ?? null };
      setRow(row);
      changed.push(row);
      needsAdoption ||= isUnplaced(row) || adopting.has(id);
    }
    // Whichever of the changed lists names one of them.
    needsAdoption ||=
      unplaced.size > 0 &&
      upserted.some(({ note: { id } }) => realm.read(id)?.childIds.some((childId) => unplaced.has(childId)));
    if (needsAdoption) {
      const adopted = adoptUnplaced(realm.readAll().notes);
      isLoss ||= adopted.some(isAdrift) || changed.some(isAdrift);
      changed.push(...adopted);
    }
    onChange({ kind: "some", upserted: changed, removed: gone });
    if (isLoss) onLoss();
  }

  /**
   * After a power cut the realm may have writes that the journal lost. By their numbers that shows only until another
   * device writes to the same notes, so it is written down now: an entry that changes nothing, and before it the gap.
   */
  function noteLostEntries(): void {
    const { generation } = journal.header;
    const lost = [...notes.values()].filter(
      ({ id }) => lastWriteIn([revisions.get(id) ?? ""], generation) > journal.lastSeq(),
    );
    journal.skipThrough(lastWriteIn(revisions.values(), generation));
    if (lost.length === 0) return;
    const changes = lost.map(({ id, text }): NoteChange => ({ kind: "text", id, before: text, after: text }));
    try {
      journal.append(changes, now(), {
        revisionOf: (id) => revisions.get(id) ?? "",
        standingOf(id) {
          const { parentId, orderKey, deletedAtMs } = notes.get(id)!;
          return { parentId, orderKey, deletedAtMs };
        },
      });
      journal.flush();
    } catch {
      // On a full disk the numbers have to do, as long as they stand.
    }
  }

  function takeRows(all: ReadonlyMap<NoteId, Note>): void {
    tree.clear();
    unplaced.clear();
    for (const note of all.values()) if (!isTombstone(note)) setRow(rowOf(note));
    adoptUnplaced(all);
  }

  function setRow(row: NoteRow): void {
    tree.set(row);
    if (isUnplaced(row)) unplaced.add(row.id);
    else unplaced.delete(row.id);
  }

  function removeRow(id: NoteId): boolean {
    unplaced.delete(id);
    return tree.remove(id);
  }

  function readAll(): NotesRead {
    if (followed !== null) {
      // It tells of what has come since, too.
      realm.refresh();
      if (followed.isWhole(realm.count())) return followed.all;
    }
    const read = realm.readAll(expected ?? undefined);
    if (!remembering) followed = followNotes(read, expected);
    if (following || !isHidden) showRows(read);
    return read;
  }

  function follow(): NotesRead {
    const read = readAll();
    if (!following) showRows(read);
    return read;
  }

  function showRows(read: NotesRead): void {
    takeRows(read.notes);
    following = true;
  }

  /** True where it is an old state that came back. */
  function remember(note: Note, revision: string): boolean {
    const isOld = seen.add(note, revision) > 0;
    if (isOld) wentBack.add(note.id);
    else wentBack.delete(note.id);
    return isOld;
  }

  /** A note without a place of its own belongs to the note whose `children` names it (older clients write so). */
  function adoptUnplaced(all: ReadonlyMap<NoteId, Note>): NoteRow[] {
    adopting.clear();
    if (unplaced.size === 0) return [];
    const adopters = adoptersOf(all.values());
    const changed: NoteRow[] = [];
    for (const id of unplaced) {
      const row = rows.get(id);
      const adoptedBy = adopters.get(id) ?? null;
      if (adoptedBy !== null) adopting.add(adoptedBy);
      if (row?.adoptedBy) hungUnder.set(id, row.adoptedBy);
      if (row === undefined || row.adoptedBy === adoptedBy) continue;
      const adopted = { ...row, adoptedBy };
      setRow(adopted);
      changed.push(adopted);
    }
    return changed;
  }

  function commit(wanted: readonly NoteChange[], how: HowToCommit = {}): void {
    if (wanted.length > 0) commitRead(() => wanted, how);
  }

  function commitRead(
    decide: (read: (id: NoteId) => Note | null) => readonly NoteChange[],
    { revisionOf, mirrors = "mend" }: HowToCommit = {},
  ): void {
    const atMs = now();
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
        standingOf(id) {
          const { parentId, orderKey, deletedAtMs } = standing.get(id) ?? transaction.read(id)!;
          return { parentId, orderKey, deletedAtMs };
        },
      });
    });
    if (made.size > 0) {
      // In a recovery all is read as it is in the realm, by its notices, before anybody asks.
      if (following || followed === null) showMade(made, standing, atMs);
      onCommit();
    }
  }

  /** Realm tells its listeners later; what was just done must be there for the next command. */
  function showMade(
    made: ReadonlyMap<NoteId, string>,
    standing: ReadonlyMap<NoteId, Note | null>,
    atMs: number,
  ): void {
    for (const [id, revision] of made) {
      const note = asStored(standing.get(id) ?? null, atMs) ?? realm.peek(id)?.note;
      if (note === undefined) continue;
      committed.set(id, versionOf(revision, note.text));
      followed?.set(note, revision);
      if (remembering) remember(note, revision);
      if (isTombstone(note)) removeRow(id);
      else setRow({ ...rowOf(note), adoptedBy: rows.get(id)?.adoptedBy ?? null });
    }
  }

  return {
    rootId,
    rows: () => (isHidden && !following ? noRows : rows),
    tree,
    async readAhead(known, isWanted) {
      if (remembering || following) return;
      expected = known;
      const parts = realm.readInParts();
      if (parts === null) {
        followed = followNotes(realm.readAll(known), known);
        return;
      }
      // What comes between two parts is told of, and what one was passed over for shows in the count.
      const mine = followNotes({ notes: new Map(), revisions: new Map() }, known);
      followed = mine;
      for (const part of parts) {
        for (const [index, note] of part.notes.entries()) mine.set(note, part.revisions[index]!);
        await new Promise((resolve) => setImmediate(resolve));
        if (followed !== mine || !isWanted()) return;
      }
    },
    read: realm.read,
    peek: (id) => realm.peek(id)?.note ?? null,
    revisionOf: realm.revisionOf,
    readAll,
    commit,
    commitRead,
    prepareToRemember() {
      if (following) return;
      const { notes, revisions } = follow();
      seen.prepareToSettle(notes, revisions);
    },
    remember(decided) {
      const now = follow();
      remembering = true;
      wentBack.clear();
      followed = null;
      expected = null;
      seen.settleAll(now.notes, now.revisions, decided);
    },
    losses() {
      const unplaced = [...rows.values()].filter(isAdrift).map(({ id }) => id);
      return {
        vanished: [...seen.expected()].filter((id) => !rows.has(id)),
        wentBack: [...wentBack],
        unplaced: new Map(unplaced.map((id) => [id, hungUnder.get(id) ?? null])),
      };
    },
    forgetLosses() {
      wentBack.clear();
      hungUnder.clear();
    },
    ensureRoot() {
      if (rows.has(rootId)) return;
      const place = { parentId: null, orderKey: "" };
      const life = { isRoot: true, childIds: [], deletedAtMs: null, lastUpdatedMs: null };
      commit([{ kind: "create", note: { id: rootId, text: "Notes", ...place, ...life } }]);
    },
  };
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

export function rowOf(note: Note): NoteRow {
  return {
    id: note.id,
    title: titleOf(note.text),
    isRoot: note.isRoot,
    parentId: note.parentId,
    orderKey: note.orderKey,
    deletedAtMs: note.deletedAtMs,
    lastUpdatedMs: note.lastUpdatedMs,
    adoptedBy: null,
  };
}

function versionOf(revision: string, text: string): string {
  return `${revision}/${crc32(text)}`;
}

/** Nothing leads to it: it has no place, and no list names it. In the trash that is no loss. */
function isAdrift(row: NoteRow): boolean {
  return isUnplaced(row) && row.adoptedBy === null && row.deletedAtMs === null;
}

const nothingRead: NotesRead = { notes: new Map(), revisions: new Map() };
const noRows: ReadonlyMap<NoteId, NoteRow> = new Map();

function isUnplaced(row: Pick<NoteRow, "isRoot" | "parentId"> | undefined): boolean {
  return row !== undefined && !row.isRoot && row.parentId === null;
}
