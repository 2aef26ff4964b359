// What this device brings to a recovery: the notes of the safety copy with what was written since, and what the
// journals say of each. The notes come first, because somebody waits to see them; what only the plan needs is read
// after them, while the fresh copy is still on its way. Read once, the journals again where something was written
// meanwhile; both are of one reading of them, so that what is planned is of one moment.

import { statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Note, NoteId } from "../../shared/note";
import type { NoteHistory } from "../../shared/recovery/plan-types";
import type { BackupRef, ResetFacts } from "../../shared/reset-machine";
import type { Log } from "../log";
import { createDecodedJournals } from "../notes/decoded-journals";
import { type DecodeOnce, journalFile, readJournals, type StoredJournal } from "../notes/journal";
import { lacksEntries, lastWriteIn } from "../notes/write-number";
import { appId } from "../paths";
import { type LastSyncedRealm, lastSyncedKey } from "../realm/last-synced-realm";
import { damageOf, readBackup, readManifest } from "../reset/backup";
import { type NotesAsRead, readNotesAsRead } from "../reset/notes-as-read";
import type { Sealing } from "../sealed-file";
import { type InterimAttempt, type InterimCopy, interimCopies, readInterim } from "./interim-copies";
import { copiedJournal, type TailEnd, tailEnd, withJournalTail } from "./journal-tail";
import { noteHistories } from "./note-history";

type Unusable = { readonly kind: "unusable"; readonly message: string };

type NotesRead = {
  readonly kind: "ok";
  readonly notes: ReadonlyMap<NoteId, Note>;
  readonly revisions: ReadonlyMap<NoteId, string>;
};

export type LocalNotes =
  | (NotesRead & {
      /** Where the journal goes on with what is written on top of these notes; null: nothing of that would be read. */
      readonly tail: TailEnd | null;
    })
  | Unusable;

export type LocalSide =
  | (Extract<LocalNotes, { kind: "ok" }> & {
      readonly history: ReadonlyMap<NoteId, NoteHistory>;
      /** False: journals are missing, damaged or behind the notes, and nothing may be deleted on their word. */
      readonly historyTrusted: boolean;
      /** Of earlier attempts of this recovery, oldest first: what the server had then. */
      readonly interim: readonly InterimAttempt[];
    })
  | Unusable;

export type LocalSideReader = {
  /** The same notes as in `read`, as soon as they are there. */
  readonly notes: (facts: ResetFacts, copy: BackupRef) => Promise<LocalNotes>;
  readonly read: (facts: ResetFacts, copy: BackupRef) => Promise<LocalSide>;
  /** For whoever else has to read the journals at the start of a recovery. */
  readonly decodeOnce: DecodeOnce;
  /** The recovery is over: in a large tree what was read takes much memory. */
  readonly forget: () => void;
};

type Dependencies = {
  readonly lastSynced: LastSyncedRealm;
  readonly folders: {
    readonly journals: string;
    readonly backups: string;
    readonly notesAsRead: string;
    readonly sealing: Sealing;
  };
  readonly log: Log;
};

/** The notes of the copy alone. */
type Copied =
  | (NotesRead & {
      /** Why the copy is not what it was when it was made, or null. */
      readonly damage: () => Promise<string | null>;
    })
  | Unusable;

/** The copy with the journals as they were when they were read for it. */
type AtOnce = {
  readonly kind: "ok";
  readonly copied: Extract<Copied, { kind: "ok" }>;
  readonly journals: Journals;
};

type Journals = ReturnType<typeof readJournals> & {
  /** Of the file that is left behind. */
  readonly own: StoredJournal | undefined;
  readonly ackedThrough: number;
};

type Reading = {
  readonly copyName: string;
  readonly interimNames: string;
  readonly journalBytes: number;
  readonly copied: Promise<Copied>;
  readonly atOnce: Promise<AtOnce | Unusable>;
  readonly notes: Promise<LocalNotes>;
  /** Null: nobody has asked for it yet. */
  side: Promise<LocalSide> | null;
};

/** Answers the same reading again for the same copy and journal; one that failed is tried anew. */
export function createLocalSideReader(dependencies: Dependencies): LocalSideReader {
  const { folders, lastSynced, log } = dependencies;
  const decoded = createDecodedJournals();
  const { decodeOnce } = decoded;
  let last: Reading | null = null;

  function readingOf(facts: ResetFacts, copy: BackupRef, interim: readonly InterimCopy[]): Reading {
    const file = journalFile(folders.journals, facts.userId, facts.generation);
    const journalBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const interimNames = interim.map(({ name }) => name).join(" ");
    const isSame = last?.copyName === copy.name && last.interimNames === interimNames;
    if (last !== null && isSame && last.journalBytes === journalBytes) return last;
    const copied = last?.copyName === copy.name ? last.copied : readCopied(facts, copy);
    const atOnce = copied.then((read): AtOnce | Unusable =>
      read.kind === "unusable" ? read : { kind: "ok", copied: read, journals: journalsOf(facts) },
    );
    const notes = atOnce.then((read) => (read.kind === "unusable" ? read : withTail(read, facts, copy)));
    last = { copyName: copy.name, interimNames, journalBytes, copied, atOnce, notes, side: null };
    return last;
  }

  /** From what was read ahead where that is of this very copy, bit for bit; else from the copy itself. */
  async function readCopied(facts: ResetFacts, copy: BackupRef): Promise<Copied> {
    const read = await readNotesAsRead(folders.notesAsRead, folders.sealing);
    const why = read.kind === "unusable" ? read.message : await differenceOf(read.about, facts, copy);
    if (read.kind === "ok" && why === null) {
      log("info", "the notes are those that were read ahead");
      const { notes, revisions } = read;
      // Looked at once, as a copy is that is read itself: what is written meanwhile is not in it.
      let looked: Promise<string | null> | null = null;
      const damage = () => {
        looked ??= damageOf(folders.backups, copy.name);
        return looked;
      };
      return { kind: "ok", notes, revisions, damage };
    }
    log("info", "the notes are read from the safety copy, not as they were read ahead", { reason: why });
    const backup = await readBackup(folders.backups, copy.name, folders.sealing);
    // That was looked at before it was opened.
    return backup.kind === "unusable" ? backup : { ...backup, damage: async () => null };
  }

  /** Why notes that were read ahead are not those of the copy, or null. */
  async function differenceOf(
    { userId, generation, realmSha256 }: Extract<NotesAsRead, { kind: "ok" }>["about"],
    facts: ResetFacts,
    copy: BackupRef,
  ): Promise<string | null> {
    if (userId !== facts.userId || generation !== facts.generation) return "they are of another file";
    try {
      const manifest = await readManifest(folders.backups, copy.name);
      const isOf = manifest.userId === userId && manifest.generation === generation;
      return isOf && manifest.sha256 === realmSha256 ? null : "something was written since";
    } catch (error) {
      return (error as Error).message;
    }
  }

  function journalsOf({ userId, generation }: ResetFacts): Journals {
    const read = readJournals(folders.journals, userId, folders.sealing, decodeOnce);
    return {
      ...read,
      own: read.journals.find(({ header }) => header.generation === generation),
      ackedThrough: lastSynced.read(lastSyncedKey(appId, userId, generation))?.ackedThrough ?? 0,
    };
  }

  function withTail({ copied: backup, journals }: AtOnce, facts: ResetFacts, copy: BackupRef): LocalNotes {
    const { own, unreadable, ackedThrough } = journals;
    const { userId, generation } = facts;
    const folder = join(folders.backups, copy.name);
    const copied = copiedJournal(folder, userId, generation, folders.sealing, decodeOnce);
    const written = lastWriteIn(backup.revisions.values(), generation);
    const isUnreadable = unreadable.includes(basename(journalFile(folders.journals, userId, generation)));
    const { notes, revisions } = withJournalTail(backup, own, copied);
    return {
      kind: "ok",
      notes,
      revisions,
      tail: isUnreadable ? null : tailEnd(copied, ackedThrough, written),
    };
  }

  async function readSide(
    reading: Reading,
    facts: ResetFacts,
    copy: BackupRef,
    interim: readonly InterimCopy[],
  ): Promise<LocalSide> {
    const read = await reading.atOnce;
    const local = await reading.notes;
    if (read.kind === "unusable") return read;
    if (local.kind === "unusable") return local;
    const damage = await read.copied.damage();
    if (damage !== null) return { kind: "unusable", message: damage };
    const attempts: InterimAttempt[] = [];
    let { cause } = interim.length === 0 ? facts : await readManifest(folders.backups, copy.name);
    for (const each of interim) {
      const found = await readInterim(each, cause === "restored", folders, log);
      if (found !== null) attempts.push(found);
      // It says why that attempt ended, and so why the next one began.
      cause = each.manifest.cause;
    }
    return { ...local, ...historyOf(facts, read), interim: attempts };
  }

  function historyOf({ generation }: ResetFacts, { copied: { revisions }, journals: read }: AtOnce) {
    const { journals, unreadable, own, ackedThrough } = read;
    return {
      history: noteHistories(
        journals.filter(({ header }) => header.ordinal <= (own?.header.ordinal ?? 0)),
        generation,
        ackedThrough,
      ),
      historyTrusted:
        own !== undefined &&
        unreadable.length === 0 &&
        journals.every(({ trusted }) => trusted) &&
        !lacksEntries(own, ackedThrough, revisions.values()),
    };
  }

  /** What could not be read may be readable the next time. */
  function forgetUnusable({ kind }: LocalNotes | LocalSide, reading: Reading): void {
    if (kind === "unusable" && last === reading) last = null;
  }

  return {
    async notes(facts, copy) {
      const reading = readingOf(facts, copy, interimCopies(facts, folders.backups));
      const local = await reading.notes;
      forgetUnusable(local, reading);
      return local;
    },
    async read(facts, copy) {
      const interim = interimCopies(facts, folders.backups);
      const reading = readingOf(facts, copy, interim);
      reading.side ??= readSide(reading, facts, copy, interim);
      const side = await reading.side;
      forgetUnusable(side, reading);
      return side;
    },
    decodeOnce,
    forget() {
      last = null;
      decoded.forget();
    },
  };
}
