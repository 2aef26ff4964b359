// The edit journal of one realm file generation: every change a person makes is appended here before it is
// said to be done. Local, never synced, outside Realm's own folder. It only grows; recovery reads it.

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { NoteId } from "../../shared/note";
import { changedId, type NoteChange } from "../../shared/note-change";
import { plainSealing, type Sealing } from "../sealed-file";
import { openAppendFile } from "./append-file";
import {
  createEntryEncoder,
  type DecodedJournal,
  decodeJournal,
  encodeLine,
  type JournalEntry,
  type JournalHeader,
  type Standing,
} from "./journal-codec";

/** What the journal keeps beside a change: the revision it makes, and where the note stands. */
export type About = {
  readonly revisionOf: (id: NoteId) => string;
  readonly standingOf: (id: NoteId) => Standing;
};

export type Journal = {
  readonly header: JournalHeader;
  readonly lastSeq: () => number;
  /** The realm has writes up to this number: none of them is given again, whether or not it is told of here. */
  readonly skipThrough: (seq: number) => void;
  /**
   * Appends and hands the lines to the operating system, which keeps them through a killed process; they are
   * forced to the disk a moment later. Throws what the file system throws, and then nothing was added.
   */
  readonly append: (changes: readonly NoteChange[], atMs: number, about?: About) => number;
  /** Forces what was appended to the disk now. */
  readonly flush: () => void;
  /**
   * Resolves when what was appended until now is on the disk. The thread does not stand still for it. Rejects with
   * what the file system says.
   */
  readonly flushAside: () => Promise<void>;
  /** Notes with a change after `ackedThrough`, with the time of the oldest such change. */
  readonly pendingSince: (ackedThrough: number) => {
    readonly notes: number;
    readonly oldestAtMs: number | null;
  };
  readonly sizeBytes: () => number;
  /** Goes on in the file that has its name now: it was written anew, with what is to be kept. */
  readonly reopen: () => void;
  readonly close: () => void;
};

export function journalFile(folder: string, userId: string, generation: string): string {
  return join(folder, `${userId}.${generation}.jsonl`);
}

/** What is kept of acknowledged entries once the journal was compacted: a journal as well, packed with gzip. */
export function ackedFile(folder: string, userId: string, generation: string): string {
  return join(folder, `${userId}.${generation}.acked.gz`);
}

/**
 * Opens or creates the journal of a generation. A torn last line (a crash while it was written) is cut off:
 * its change was never confirmed to anybody. `firstSeq` is the least that the next entry may be numbered.
 * `decoded`: what the file holds, where the caller has just read it.
 */
export function openJournal(
  folder: string,
  header: JournalHeader,
  firstSeq: number,
  onFlushError: (error: Error) => void,
  sealing: Sealing,
  decoded?: DecodedJournal,
): Journal {
  mkdirSync(folder, { recursive: true });
  const path = journalFile(folder, header.userId, header.generation);
  const found = decoded ?? decodeJournal(existsSync(path) ? readFileSync(path) : Buffer.alloc(0), sealing);
  const file = openAppendFile(path, found.wholeBytes, onFlushError);
  // A damaged line had a number too, and one that the server may have been seen to have must not be given again.
  let lastSeq = Math.max(
    (found.entries.at(-1)?.seq ?? found.header?.droppedThrough ?? 0) + found.damaged.length,
    firstSeq - 1,
  );
  const pending = createPendingEntries();
  for (const { seq, change, atMs } of found.entries) pending.add({ seq, noteId: changedId(change), atMs });
  let encodeEntry = createEntryEncoder();

  function write(lines: string): void {
    try {
      file.append(Buffer.from(sealing.sealLines(lines, file.sizeBytes() === 0), "utf8"));
    } catch (error) {
      encodeEntry = createEntryEncoder();
      throw error;
    }
  }

  if (found.header === null && found.wholeBytes === 0) {
    write(encodeLine({ ...header, firstSeq: lastSeq + 1 }));
    file.flush();
  }

  return {
    header: found.header ?? header,
    lastSeq: () => lastSeq,
    skipThrough(seq) {
      lastSeq = Math.max(lastSeq, seq);
    },
    append(changes, atMs, about) {
      const entries = changes.map((change, index): JournalEntry => {
        const seq = lastSeq + 1 + index;
        if (about === undefined) return { seq, atMs, change };
        return { seq, atMs, revision: about.revisionOf(changedId(change)), change };
      });
      write(entries.map((entry) => encodeEntry(entry, about?.standingOf)).join(""));
      for (const { seq, change } of entries) pending.add({ seq, noteId: changedId(change), atMs });
      lastSeq += entries.length;
      file.flushLater();
      return lastSeq;
    },
    flush: file.flush,
    flushAside: file.flushAside,
    pendingSince: pending.since,
    sizeBytes: file.sizeBytes,
    reopen() {
      // No entry of the new file leaves a text that the next one could go out from.
      encodeEntry = createEntryEncoder();
      file.reopen();
    },
    close: file.close,
  };
}

type PendingEntry = { readonly seq: number; readonly noteId: NoteId; readonly atMs: number };

/** Counts as it goes: it is asked after every change, and offline there may be many thousands. */
function createPendingEntries(): {
  readonly add: (entry: PendingEntry) => void;
  readonly since: Journal["pendingSince"];
} {
  let entries: PendingEntry[] = [];
  /** Entries before it are acknowledged. */
  let first = 0;
  const entriesOf = new Map<NoteId, number>();

  function forget({ noteId }: PendingEntry): void {
    const left = (entriesOf.get(noteId) ?? 0) - 1;
    if (left > 0) entriesOf.set(noteId, left);
    else entriesOf.delete(noteId);
  }

  return {
    add(entry) {
      entries.push(entry);
      entriesOf.set(entry.noteId, (entriesOf.get(entry.noteId) ?? 0) + 1);
    },
    since(ackedThrough) {
      for (
        let entry = entries[first];
        entry !== undefined && entry.seq <= ackedThrough;
        entry = entries[first]
      ) {
        forget(entry);
        first += 1;
      }
      if (first > 1_000 && first > entries.length / 2) {
        entries = entries.slice(first);
        first = 0;
      }
      return { notes: entriesOf.size, oldestAtMs: entries[first]?.atMs ?? null };
    },
  };
}

/** What `decode` makes of a file's bytes, or made of the same bytes before. */
export type DecodeOnce = (file: Buffer, decode: () => DecodedJournal) => DecodedJournal;

export type StoredJournal = {
  readonly header: JournalHeader;
  /** Those of the packed file, then those of the journal. */
  readonly entries: readonly JournalEntry[];
  readonly trusted: boolean;
  /** The journal without the packed file. */
  readonly decoded: DecodedJournal;
};

/** All journals of a user, oldest generation first. Files without a readable header are left alone and named. */
export function readJournals(
  folder: string,
  userId: string,
  sealing: Sealing,
  decodeOnce: DecodeOnce = (_file, decode) => decode(),
): { journals: StoredJournal[]; unreadable: string[] } {
  const journals: StoredJournal[] = [];
  const unreadable: string[] = [];
  for (const name of listFolder(folder)) {
    if (!name.startsWith(`${userId}.`) || !name.endsWith(".jsonl")) continue;
    const bytes = readFileSync(join(folder, name));
    const decoded = decodeOnce(bytes, () => decodeJournal(bytes, sealing));
    const { header, entries, damaged } = decoded;
    if (header === null) {
      unreadable.push(name);
      continue;
    }
    const acked = readAcked(ackedFile(folder, userId, header.generation), sealing);
    // A crash while compacting leaves entries in both files.
    const earlier = acked.entries.filter(({ seq }) => entries[0] === undefined || seq < entries[0].seq);
    const trusted = damaged.length === 0 && acked.trusted;
    journals.push({ header, entries: [...earlier, ...entries], trusted, decoded });
  }
  journals.sort((a, b) => a.header.ordinal - b.header.ordinal);
  return { journals, unreadable };
}

function readAcked(file: string, sealing: Sealing): Pick<StoredJournal, "entries" | "trusted"> {
  try {
    const opened = sealing.open(readFileSync(file));
    if (opened.kind === "sealed-shut") return { entries: [], trusted: false };
    // What is packed is sealed as a whole.
    const { entries, damaged } = decodeJournal(gunzipSync(opened.bytes), plainSealing);
    return { entries, trusted: damaged.length === 0 };
  } catch (error) {
    return { entries: [], trusted: (error as NodeJS.ErrnoException).code === "ENOENT" };
  }
}

/** The newest readable header of each user: the generation that user's changes were last written for. */
export function newestHeaders(folder: string, sealing: Sealing): JournalHeader[] {
  const newest = new Map<string, JournalHeader>();
  for (const name of listFolder(folder)) {
    if (!name.endsWith(".jsonl")) continue;
    const { header } = decodeJournal(readFileSync(join(folder, name)), sealing);
    const known = header === null ? undefined : newest.get(header.userId);
    if (header !== null && (known === undefined || known.ordinal < header.ordinal)) {
      newest.set(header.userId, header);
    }
  }
  return [...newest.values()];
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
