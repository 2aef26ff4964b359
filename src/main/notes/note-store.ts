// The only writer of notes. Every change goes through `commit`: into the edit journal and the realm together, or
// into neither. Keeps the rows that the tree is made of in memory and tells of changes by any hand.

import { randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import type { NoteRow, NotesChange } from "../../shared/ipc-contract";
import { type Note, type NoteId, titleOf } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import { adoptersOf } from "../../shared/tree";
import type { NoteRealm, NoteTransaction } from "../realm/note-realm";
import type { Journal } from "./journal";
import { changedId } from "./journal-codec";
import type { SeenStates } from "./seen";

export type NoteStore = {
  readonly rootId: NoteId;
  readonly rows: () => ReadonlyMap<NoteId, NoteRow>;
  readonly read: (id: NoteId) => Note | null;
  /** Reads every note anew; from then on the rows follow, in a recovery as well. */
  readonly readAll: () => { notes: Map<NoteId, Note>; revisions: Map<NoteId, string> };
  /** Throws when the journal or the realm cannot be written; then nothing of it was. */
  readonly commit: (
    changes: readonly NoteChange[],
    /** The revision to write a note with; undefined: a new one, as for everything that is news. */
    revisionOf?: (id: NoteId) => string | undefined,
  ) => void;
  /** From now on the rows follow what others change; where they do already it costs nothing. */
  readonly follow: () => void;
  /** From now on every state of a note counts as seen, beginning with those of this moment. */
  readonly remember: () => void;
  /** Creates the root note of the tree where the realm has none of it yet. */
  readonly ensureRoot: () => void;
};

type Dependencies = {
  readonly realm: NoteRealm;
  /** False during recovery: what the fresh copy shows must not count as seen before it is judged by that. */
  readonly remember: boolean;
  readonly journal: Journal;
  readonly seen: SeenStates;
  readonly rootId: NoteId;
  readonly now: () => number;
  readonly onChange: (change: NotesChange) => void;
  /** A note's text as it stands after a change that this process did not commit. */
  readonly onForeignText: (id: NoteId, text: string) => void;
  readonly onCommit: () => void;
};

export function createNoteStore(dependencies: Dependencies): NoteStore {
  const { realm, journal, seen, rootId, now, onChange, onForeignText, onCommit } = dependencies;
  const rows = new Map<NoteId, NoteRow>();
  /** What this process last made of each note. A client that knows only the published fields leaves the revision. */
  const committed = new Map<NoteId, string>();

  const { notes, revisions } = realm.readAll();
  let remembering = dependencies.remember;
  // Before a recovery has read the fresh copy nobody looks at its rows, and each of its notes comes with a notice.
  let following = dependencies.remember;
  takeRows(notes);
  if (remembering) seen.addAll(notes, revisions);

  realm.onNotes({ notes, revisions }, ({ upserted, removed }) => {
    if (!following) return;
    const changed: NoteRow[] = [];
    let needsAdoption = removed.length > 0;
    for (const id of upserted) {
      const note = realm.read(id);
      if (note === null) continue;
      const revision = realm.revisionOf(id);
      if (remembering) seen.add(note, revision);
      if (committed.get(id) !== versionOf(revision, note.text)) onForeignText(id, note.text);
      const row = { ...rowOf(note), adoptedBy: rows.get(id)?.adoptedBy ?? null };
      rows.set(id, row);
      changed.push(row);
      needsAdoption ||= isUnplaced(row) || note.childIds.some((childId) => isUnplaced(rows.get(childId)));
    }
    for (const id of removed) rows.delete(id);
    if (needsAdoption) changed.push(...adoptUnplaced(realm.readAll().notes));
    onChange({ kind: "some", upserted: changed, removed });
  });

  function takeRows(all: ReadonlyMap<NoteId, Note>): void {
    rows.clear();
    for (const note of all.values()) rows.set(note.id, rowOf(note));
    adoptUnplaced(all);
  }

  function readAll(): ReturnType<NoteStore["readAll"]> {
    const read = realm.readAll();
    takeRows(read.notes);
    following = true;
    return read;
  }

  /** A note without a place of its own belongs to the note whose `children` names it (older clients write so). */
  function adoptUnplaced(all: ReadonlyMap<NoteId, Note>): NoteRow[] {
    const unplaced = new Set([...rows.values()].filter(isUnplaced).map(({ id }) => id));
    if (unplaced.size === 0) return [];
    const adopters = adoptersOf(all.values());
    const changed: NoteRow[] = [];
    for (const id of unplaced) {
      const row = rows.get(id);
      const adoptedBy = adopters.get(id) ?? null;
      if (row === undefined || row.adoptedBy === adoptedBy) continue;
      const adopted = { ...row, adoptedBy };
      rows.set(id, adopted);
      changed.push(adopted);
    }
    return changed;
  }

  function commit(changes: readonly NoteChange[], revisionOf?: (id: NoteId) => string | undefined): void {
    if (changes.length === 0) return;
    const atMs = now();
    const touched = new Set<NoteId>();
    realm.write((transaction) => {
      for (const change of changes) {
        const id = changedId(change);
        const revision = revisionOf?.(id) ?? randomUUID();
        write(transaction, change, atMs, revision);
        touched.add(id);
      }
      journal.append(changes, atMs);
    });
    // Realm tells its listeners later; what was just done must be there for the next command.
    for (const id of touched) {
      const note = realm.read(id);
      if (note === null) continue;
      const revision = realm.revisionOf(id);
      committed.set(id, versionOf(revision, note.text));
      if (remembering) seen.add(note, revision);
      rows.set(id, { ...rowOf(note), adoptedBy: rows.get(id)?.adoptedBy ?? null });
    }
    onCommit();
  }

  return {
    rootId,
    rows: () => rows,
    read: realm.read,
    readAll,
    commit,
    follow() {
      if (!following) readAll();
    },
    remember() {
      remembering = true;
      const now = readAll();
      seen.addAll(now.notes, now.revisions);
    },
    ensureRoot() {
      if (rows.has(rootId)) return;
      const place = { parentId: null, orderKey: "" };
      const life = { isRoot: true, childIds: [], deletedAtMs: null, lastUpdatedMs: null };
      commit([{ kind: "create", note: { id: rootId, text: "Notes", ...place, ...life } }]);
    },
  };
}

function write(transaction: NoteTransaction, change: NoteChange, atMs: number, revision: string): void {
  switch (change.kind) {
    case "create": {
      const { id, text, isRoot, parentId, orderKey, deletedAtMs } = change.note;
      transaction.put(id, { text, isRoot, place: { parentId, orderKey }, deletedAtMs }, atMs, revision);
      return;
    }
    case "text":
      transaction.put(change.id, { text: change.after }, atMs, revision);
      return;
    case "place":
      transaction.put(change.id, { place: change.after }, atMs, revision);
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

function isUnplaced(row: NoteRow | undefined): boolean {
  return row !== undefined && !row.isRoot && row.parentId === null;
}
