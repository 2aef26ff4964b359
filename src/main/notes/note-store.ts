// The only writer of notes. Every change goes through `commit` (commit-changes.ts). Keeps the rows that the tree is made
// of in memory (note-rows.ts), tells of changes by any hand, and knows whether what it sees counts as seen by this device.

import { crc32 } from "node:zlib";
import type { NoteRow, NotesChange } from "../../shared/ipc-contract";
import { isTombstone, type Note, type NoteId } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import type { TreeView } from "../../shared/tree";
import type { NoteRealm, NotesRead } from "../realm/note-realm";
import type { NotesTouched } from "../realm/notes-touched";
import { commitChanges, type Decide, type HowToCommit, type Written } from "./commit-changes";
import { type FollowedNotes, followNotes } from "./followed-notes";
import type { Journal } from "./journal";
import { noteLostEntries } from "./lost-entries";
import { createNoteRows, isAdrift } from "./note-rows";
import type { SeenStates } from "./seen";

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
  /** As `commit`, of changes that are decided upon inside the transaction, by the notes as they really are. */
  readonly commitRead: (decide: Decide, how?: HowToCommit) => void;
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
  const noteRows = createNoteRows(rootId);
  const { tree, adopting } = noteRows;
  const { rows } = tree;
  const wentBack = new Set<NoteId>();
  /** What this process last made of each note. A client that knows only the published fields leaves the revision. */
  const committed = new Map<NoteId, string>();
  let followed: FollowedNotes | null = null;
  let expected: NotesRead | null = null;

  const { notes, revisions } = dependencies.isUntouched ? nothingRead : realm.readAll();
  noteLostEntries({ notes, revisions }, journal, now);
  let remembering = dependencies.remember;
  // Nobody is told of a fresh copy's notes before its recovery is over; what an interrupted one left may be looked at.
  let following = dependencies.remember;
  const isHidden = !following && notes.size === 0;
  noteRows.takeAll(notes);
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
    const gone: NoteId[] = removed.filter(noteRows.remove);
    let isLoss = gone.length > 0;
    for (const { note, revision } of upserted) {
      const { id } = note;
      if (remembering) isLoss = remember(note, revision) || isLoss;
      if (committed.get(id) !== versionOf(revision, note.text)) onForeignText(id, note.text);
      if (isTombstone(note)) {
        // Told of here also where it was this process that wrote it, and took the row out at once.
        noteRows.remove(id);
        gone.push(id);
      } else changed.push(noteRows.set(note));
    }
    const touched = upserted.map(({ note }) => note.id);
    if (removed.length > 0 || noteRows.isAdoptionTouched(changed, touched, childIdsOf)) {
      const adopted = noteRows.adopt(() => realm.readAll().notes);
      isLoss ||= adopted.some(isAdrift) || changed.some(isAdrift);
      changed.push(...adopted);
    }
    onChange({ kind: "some", upserted: changed, removed: gone });
    if (isLoss) onLoss();
  }

  function childIdsOf(id: NoteId): readonly NoteId[] {
    return realm.read(id)?.childIds ?? [];
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
    noteRows.takeAll(read.notes);
    following = true;
  }

  /** True where it is an old state that came back. */
  function remember(note: Note, revision: string): boolean {
    const isOld = seen.add(note, revision) > 0;
    if (isOld) wentBack.add(note.id);
    else wentBack.delete(note.id);
    return isOld;
  }

  function commit(wanted: readonly NoteChange[], how: HowToCommit = {}): void {
    if (wanted.length > 0) commitRead(() => wanted, how);
  }

  function commitRead(decide: Decide, how: HowToCommit = {}): void {
    const written = commitChanges({ realm, journal, tree, adopting }, decide, now(), how);
    if (written.length === 0) return;
    // In a recovery all is read as it is in the realm, by its notices, before anybody asks.
    if (following || followed === null) showWritten(written);
    onCommit();
  }

  /** Realm tells its listeners later; what was just done must be there for the next command. */
  function showWritten(written: readonly Written[]): void {
    for (const { id, revision, stored } of written) {
      const note = stored() ?? realm.peek(id)?.note;
      if (note === undefined) continue;
      committed.set(id, versionOf(revision, note.text));
      followed?.set(note, revision);
      if (remembering) remember(note, revision);
      if (isTombstone(note)) noteRows.remove(id);
      else noteRows.set(note);
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
      return {
        vanished: [...seen.expected()].filter((id) => !rows.has(id)),
        wentBack: [...wentBack],
        unplaced: noteRows.adrift(),
      };
    },
    forgetLosses() {
      wentBack.clear();
      noteRows.forgetWhatHungWhere();
    },
    ensureRoot() {
      if (rows.has(rootId)) return;
      const place = { parentId: null, orderKey: "" };
      const life = { isRoot: true, childIds: [], deletedAtMs: null, lastUpdatedMs: null };
      commit([{ kind: "create", note: { id: rootId, text: "Notes", ...place, ...life } }]);
    },
  };
}

function versionOf(revision: string, text: string): string {
  return `${revision}/${crc32(text)}`;
}

const nothingRead: NotesRead = { notes: new Map(), revisions: new Map() };
const noRows: ReadonlyMap<NoteId, NoteRow> = new Map();
