// The edit journal's file format, pure. A journal is a text file of lines `crc32(hex, 8) SP json LF`: first a
// header, then one line an entry with sequence numbers that rise by one. A text change is kept as a splice of
// the text before it; that text is written out only where the entry before it for the same note did not leave it.

import { crc32 } from "node:zlib";
import type { NoteId, Place } from "../../shared/note";
import { changedId, type NoteChange } from "../../shared/note-change";
import type { Sealing } from "../sealed-file";

export type JournalHeader = {
  readonly version: 1;
  readonly userId: string;
  /** Identity of the realm file that the entries were written to. */
  readonly generation: string;
  /** Rises by one with each journal of the data folder: their order, which no clock could tell. */
  readonly ordinal: number;
  /** For display only. */
  readonly createdAtMs: number;
  /** The number of the first entry that was ever written here. */
  readonly firstSeq?: number;
  /** Entries up to this number were here once and are gone: numbers go on after it. */
  readonly droppedThrough?: number;
};

/** Where a note stood that this journal knows no place of, told with the first text it keeps of it. */
export type Standing = Place & { readonly deletedAtMs: number | null };

export function standingOfNote({ parentId, orderKey, deletedAtMs }: Standing): Standing {
  return { parentId, orderKey, deletedAtMs };
}

export type Splice = { readonly at: number; readonly removed: number; readonly inserted: string };

/** What a line says of a change: a text change as a splice, everything else as it is. */
type StoredChange =
  | Exclude<NoteChange, { kind: "text" }>
  | ({ readonly kind: "text"; readonly id: NoteId; readonly before: string | null } & Splice);

export type JournalEntry = {
  readonly seq: number;
  readonly atMs: number;
  /** The revision that the change gave the note. */
  readonly revision?: string;
  readonly standing?: Standing;
  /** Texts before and after are whole, whatever the file keeps of them. */
  readonly change: NoteChange;
};

type StoredEntry = Omit<JournalEntry, "change"> & { readonly change: StoredChange };

/** The one run of characters that differs: common prefix and suffix are left out. Offsets in UTF-16 units. */
export function spliceBetween(before: string, after: string): Splice {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end += 1;
  }
  return {
    at: start,
    removed: before.length - start - end,
    inserted: after.slice(start, after.length - end),
  };
}

export function applySplice(text: string, splice: Splice): string {
  return text.slice(0, splice.at) + splice.inserted + text.slice(splice.at + splice.removed);
}

export function encodeLine(value: JournalHeader | StoredEntry): string {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

/**
 * Remembers what text and place each note was left with, so that most text changes need no text before and no place.
 * `standingOf` is asked only where the place is to be told.
 */
export function createEntryEncoder(): (
  entry: JournalEntry,
  standingOf?: (id: NoteId) => Standing | undefined,
) => string {
  const leftWith = new Map<NoteId, string>();
  const placed = new Set<NoteId>();
  return ({ standing: told, ...entry }, standingOf) => {
    const { change } = entry;
    if (change.kind === "create") leftWith.set(change.note.id, change.note.text);
    if (change.kind !== "text") {
      if (change.kind !== "deleted") placed.add(changedId(change));
      return encodeLine({ ...entry, change });
    }
    const { id, before, after } = change;
    const known = leftWith.get(id) === before;
    leftWith.set(id, after);
    const standing = placed.has(id) ? undefined : (told ?? standingOf?.(id));
    placed.add(id);
    const stored = {
      kind: "text",
      id,
      before: known ? null : before,
      ...spliceBetween(before, after),
    } as const;
    return encodeLine({ ...entry, ...(standing === undefined ? {} : { standing }), change: stored });
  };
}

export type DecodedJournal = {
  readonly header: JournalHeader | null;
  readonly entries: readonly JournalEntry[];
  /** Length in bytes of the part that is whole; what follows is the torn last line of a crash. */
  readonly wholeBytes: number;
  /** Lines in the middle that are damaged: the history is then not to be trusted. */
  readonly damaged: readonly string[];
};

/** Total: whatever the bytes, the entries that can be read are given, and the rest is said. */
export function decodeJournal(bytes: Buffer, { openLine }: Pick<Sealing, "openLine">): DecodedJournal {
  const entries: JournalEntry[] = [];
  const damaged: string[] = [];
  const leftWith = new Map<NoteId, string>();
  let header: JournalHeader | null = null;
  let from = 0;
  let lineNumber = 0;
  let wholeBytes = 0;
  while (from < bytes.length) {
    const end = bytes.indexOf(10, from);
    if (end === -1) break;
    lineNumber += 1;
    const value = decodeLine(openLine(bytes.toString("utf8", from, end)));
    from = end + 1;
    wholeBytes = from;
    if (value === null) {
      damaged.push(`line ${lineNumber} is damaged`);
    } else if (lineNumber === 1) {
      header = value as JournalHeader;
    } else {
      const entry = expand(value as StoredEntry, leftWith);
      if (entry === null) damaged.push(`line ${lineNumber} follows a damaged one`);
      else entries.push(entry);
    }
  }
  return { header, entries, wholeBytes, damaged };
}

function decodeLine(line: string | null): unknown {
  if (line === null || line.length < 10 || line[8] !== " ") return null;
  const json = line.slice(9);
  if (crc32(json).toString(16).padStart(8, "0") !== line.slice(0, 8)) return null;
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function expand(entry: StoredEntry, leftWith: Map<NoteId, string>): JournalEntry | null {
  const { change } = entry;
  if (change.kind === "create") leftWith.set(change.note.id, change.note.text);
  if (change.kind !== "text") return { ...entry, change };
  const { id } = change;
  const before = change.before ?? leftWith.get(id);
  if (before === undefined) return null;
  const after = applySplice(before, change);
  leftWith.set(id, after);
  return { ...entry, change: { kind: "text", id, before, after } };
}
