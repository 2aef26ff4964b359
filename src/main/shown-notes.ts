// Which notes are shown: those of the open realm or, while that one is being recovered or cannot be touched, those of
// a safety copy. As long as a recovery has no plan these can be written to, into the journal of the file that is being
// recovered.

import type { NotesChange } from "../shared/ipc-contract";
import type { Note, NoteId } from "../shared/note";
import type { NoteChange } from "../shared/note-change";
import type { BackupRef, ResetFacts, ResetState } from "../shared/reset-machine";
import type { Log } from "./log";
import { type CopiedNotes, createCopiedNotes, type NoteWriter } from "./notes/copied-notes";
import type { Journal } from "./notes/journal";
import { standingOfNote } from "./notes/journal-codec";
import { rootIdOf } from "./notes/known-notes";
import type { NoteStore } from "./notes/note-store";
import { revisionOfWrite } from "./notes/write-number";
import type { DataPaths } from "./paths";
import { readBackupRealm } from "./realm/backup-realm";
import { type Leftovers, readLeftovers } from "./realm/leftovers";
import { openTail, type TailEnd } from "./recovery/journal-tail";
import type { LocalSideReader } from "./recovery/local-side";
import { backupRealmPath, readBackup } from "./reset/backup";
import type { NotesSource } from "./reset/find-reset";

export type NotesShown = { readonly rootId: NoteId; readonly rows: ReturnType<NoteStore["rows"]> };

export type ViewedCopy = { readonly name: string; readonly userId: string; readonly createdAtMs: number };

export type ShownNotes = {
  readonly isCopy: () => boolean;
  /** What is shown are the notes that a recovery goes out from. */
  readonly isOfRecovery: () => boolean;
  /** The notes that a recovery goes out from: its safety copy, with what was written since. */
  readonly showRecovering: (state: Extract<ResetState, { readonly copy: unknown }>) => Promise<void>;
  /** The notes as they are in a file that could not be copied. */
  readonly showFile: (source: NotesSource) => void;
  /** A copy that a person wants to read; answers why it cannot be read, or null. */
  readonly viewCopy: (copy: ViewedCopy) => Promise<string | null>;
  readonly viewed: () => ViewedCopy | null;
  /** What the shown copy holds that no note here has a place for; null: nothing, or no copy is shown. */
  readonly leftovers: () => Leftovers | null;
  /** Back to the open realm. */
  readonly showRealm: () => void;
  readonly notes: () => NotesShown | null;
  readonly read: (id: NoteId) => Note | null;
  /** Where the shown copy may be written to, as long as the recovery has no plan; null: not now. */
  readonly writer: () => NoteWriter | null;
  /** The plan is made next: what was written is on the disk, and nothing more comes. */
  readonly endWriting: () => void;
  /** Tells the window everything anew. */
  readonly announceAll: () => void;
};

type Dependencies = {
  readonly paths: DataPaths;
  readonly localSide: LocalSideReader;
  readonly state: () => ResetState;
  /** Whose notes these are. */
  readonly userId: () => string | null;
  /** The store of the open realm. */
  readonly store: () => NoteStore | null;
  readonly now: () => number;
  readonly onNotes: (change: NotesChange) => void;
  readonly log: Log;
};

type Copy = {
  readonly notes: CopiedNotes;
  readonly viewed: ViewedCopy | null;
  /** Whose recovery these notes are of; null: they are only looked at. */
  readonly of: ResetFacts | null;
  readonly name: string | null;
  /** The file it was read from. */
  readonly path: string;
  readonly tail: TailEnd | null;
};

export function createShownNotes(dependencies: Dependencies): ShownNotes {
  const { paths, localSide, state, userId, store, now, onNotes, log } = dependencies;
  let copy: Copy | null = null;
  let journal: Journal | null = null;

  function show(
    notes: ReadonlyMap<NoteId, Note>,
    path: string,
    more: Partial<Omit<Copy, "notes" | "path">>,
  ): void {
    const { viewed = null, of = null, name = null, tail = null } = more;
    const owner = viewed?.userId ?? of?.userId ?? userId();
    if (owner === null) return;
    const copied = createCopiedNotes(notes, {
      rootId: rootIdOf(owner),
      keep,
      onCommit: (upserted) => onNotes({ kind: "some", upserted, removed: [] }),
    });
    copy = { notes: copied, path, viewed, of, name, tail };
    announceAll();
  }

  function keep(changes: readonly NoteChange[]): void {
    const written = writable();
    if (written === null) throw new Error("This copy can only be read.");
    const { decodeOnce } = localSide;
    journal ??= openTail(written.of, written.tail, { paths, decodeOnce, now, log });
    const revision = revisionOfWrite(journal.header.generation, journal.lastSeq() + changes.length);
    journal.append(changes, now(), {
      revisionOf: () => revision,
      standingOf: (id) => standingOfNote(copy!.notes.read(id)!),
    });
    // No realm has it besides, which could outlast a power cut.
    journal.flush();
  }

  /** What is shown is what the plan will be made from, with everything written so far. */
  function writable(): { readonly of: ResetFacts; readonly tail: TailEnd } | null {
    const reset = state();
    if (reset.kind !== "downloading" || copy === null || copy.tail === null) return null;
    return isShown(reset.facts, reset.copy) ? { of: reset.facts, tail: copy.tail } : null;
  }

  function isShown({ resetId }: ResetFacts, { name }: BackupRef): boolean {
    return copy !== null && copy.name === name && copy.of?.resetId === resetId;
  }

  function endWriting(): void {
    journal?.close();
    journal = null;
  }

  function announceAll(): void {
    const all = shown();
    if (all !== null) onNotes({ kind: "all", rootId: all.rootId, rows: [...all.rows.values()] });
  }

  function shown(): NotesShown | null {
    const of = copy?.notes ?? store();
    return of === null ? null : { rootId: of.rootId, rows: of.rows() };
  }

  return {
    isCopy: () => copy !== null,
    isOfRecovery: () => copy !== null && copy.of !== null,
    async showRecovering({ facts, copy: made }) {
      if (made === null || isShown(facts, made)) return;
      const local = await localSide.notes(facts, made);
      if (local.kind === "unusable") {
        log("error", "the safety copy cannot be shown", { error: local.message });
        return;
      }
      const reset = state();
      // While it was read the recovery may have come to its end, or what is shown been written to.
      if ("facts" in reset && reset.facts.resetId === facts.resetId && !isShown(facts, made)) {
        const path = backupRealmPath(paths.backups, made.name);
        show(local.notes, path, { of: facts, name: made.name, tail: local.tail });
      }
    },
    showFile(source) {
      if (source.kind !== "file") return;
      const content = readBackupRealm(source.path, paths.sealing);
      if (content.kind === "ok") show(content.notes, source.path, {});
    },
    async viewCopy(wanted) {
      const read = await readBackup(paths.backups, wanted.name, paths.sealing);
      if (read.kind === "unusable") return read.message;
      show(read.notes, backupRealmPath(paths.backups, wanted.name), { viewed: wanted });
      return null;
    },
    viewed: () => copy?.viewed ?? null,
    leftovers: () => (copy === null ? null : readLeftovers(copy.path, paths.sealing)),
    showRealm() {
      copy = null;
    },
    notes: shown,
    read: (id) => copy?.notes.read(id) ?? store()?.read(id) ?? null,
    writer: () => (copy === null || writable() === null ? null : copy.notes),
    endWriting,
    announceAll,
  };
}
