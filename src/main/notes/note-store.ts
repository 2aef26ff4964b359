// The only writer of notes. Every change goes through `commit`: into the edit journal and the realm together, or
// into neither. Keeps the rows that the tree is made of in memory and tells of changes by any hand.

import { crc32 } from "node:zlib";
import type { NoteRow, NotesChange } from "../../shared/ipc-contract";
import { isTombstone, type Note, type NoteId, titleOf } from "../../shared/note";
import { applyChange, type NoteChange } from "../../shared/note-change";
import { rebaseChange } from "../../shared/rebase-change";
import { adoptersOf, type TreeView } from "../../shared/tree";
import { createTreeIndex } from "../../shared/tree-index";
import type { NoteRealm, NoteTransaction } from "../realm/note-realm";
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
  readonly revisionOf: (id: NoteId) => string;
  /** Reads every note anew; from then on the rows follow, in a recovery as well. */
  readonly readAll: () => { notes: Map<NoteId, Note>; revisions: Map<NoteId, string> };
  /** Throws when the journal or the realm cannot be written; then nothing of it was. */
  readonly commit: (changes: readonly NoteChange[], how?: HowToCommit) => void;
  /** From now on the rows follow what others change; where they do already it costs nothing. */
  readonly follow: () => void;
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

  const { notes, revisions } = realm.readAll();
  noteLostEntries();
  let remembering = dependencies.remember;
  // Before a recovery has read the fresh copy nobody looks at its rows, and each of its notes comes with a notice.
  let following = dependencies.remember;
  takeRows(notes);
  if (remembering) for (const id of seen.addAll(notes, revisions)) wentBack.add(id);

  realm.onNotes({ notes, revisions }, ({ upserted, removed }) => {
    if (!following) return;
    const changed: NoteRow[] = [];
    const gone: NoteId[] = removed.filter((id) => tree.remove(id));
    let isLoss = gone.length > 0;
    let needsAdoption = removed.length > 0;
    for (const id of upserted) {
      const note = realm.read(id);
      if (note === null) continue;
      const revision = realm.revisionOf(id);
      if (remembering) isLoss = remember(note, revision) || isLoss;
      if (committed.get(id) !== versionOf(revision, note.text)) onForeignText(id, note.text);
      if (isTombstone(note)) {
        if (tree.remove(id)) gone.push(id);
        continue;
      }
      const row = { ...rowOf(note), adoptedBy: rows.get(id)?.adoptedBy ?? null };
      tree.set(row);
      changed.push(row);
      needsAdoption ||=
        isUnplaced(row) || adopting.has(id) || note.childIds.some((childId) => isUnplaced(rows.get(childId)));
    }
    if (needsAdoption) {
      const adopted = adoptUnplaced(realm.readAll().notes);
      isLoss ||= adopted.some(isAdrift) || changed.some(isAdrift);
      changed.push(...adopted);
    }
    onChange({ kind: "some", upserted: changed, removed: gone });
    if (isLoss) onLoss();
  });

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
    for (const note of all.values()) if (!isTombstone(note)) tree.set(rowOf(note));
    adoptUnplaced(all);
  }

  function readAll(): ReturnType<NoteStore["readAll"]> {
    const read = realm.readAll();
    takeRows(read.notes);
    following = true;
    return read;
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
    const unplaced = new Set([...rows.values()].filter(isUnplaced).map(({ id }) => id));
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
      tree.set(adopted);
      changed.push(adopted);
    }
    return changed;
  }

  function commit(wanted: readonly NoteChange[], { revisionOf, mirrors = "mend" }: HowToCommit = {}): void {
    if (wanted.length === 0) return;
    const atMs = now();
    const made = new Map<NoteId, string>();
    realm.write((transaction) => {
      // Only here is the note as it really is: what came by another hand may not have been told of yet.
      const { changes, rebased } = rebaseAll(wanted, transaction);
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
          const { parentId, orderKey, deletedAtMs } = transaction.read(id)!;
          return { parentId, orderKey, deletedAtMs };
        },
      });
    });
    // Realm tells its listeners later; what was just done must be there for the next command.
    for (const id of made.keys()) {
      const note = realm.read(id);
      if (note === null) continue;
      const revision = realm.revisionOf(id);
      committed.set(id, versionOf(revision, note.text));
      if (remembering) remember(note, revision);
      if (isTombstone(note)) tree.remove(id);
      else tree.set({ ...rowOf(note), adoptedBy: rows.get(id)?.adoptedBy ?? null });
    }
    onCommit();
  }

  return {
    rootId,
    rows: () => rows,
    tree,
    read: realm.read,
    revisionOf: realm.revisionOf,
    readAll,
    commit,
    follow() {
      if (!following) readAll();
    },
    remember(decided) {
      remembering = true;
      wentBack.clear();
      const now = readAll();
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

/** Each change as it is to be written after those before it. `rebased`: notes that another hand has changed. */
function rebaseAll(
  wanted: readonly NoteChange[],
  transaction: NoteTransaction,
): { readonly changes: readonly NoteChange[]; readonly rebased: ReadonlySet<NoteId> } {
  const standing = new Map<NoteId, Note | null>();
  const rebased = new Set<NoteId>();
  const changes = wanted.flatMap((change) => {
    const id = changedId(change);
    const current = standing.has(id) ? standing.get(id)! : transaction.read(id);
    const instead = rebaseChange(change, current);
    if (instead[0] !== change) rebased.add(id);
    let note = current ?? undefined;
    for (const each of instead) note = applyChange(note, each);
    standing.set(id, note ?? null);
    return instead;
  });
  return { changes, rebased };
}

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

function isUnplaced(row: NoteRow | undefined): boolean {
  return row !== undefined && !row.isRoot && row.parentId === null;
}
