// Keeps journals small: of what the server has acknowledged, only what it left of each note is kept, and that for
// thirty days; what is not acknowledged is kept as it is, for ever. Runs when a user's notes are opened and while they
// are open, never while a reset is under way. Losing acknowledged entries costs evidence, never words: so their age may
// be told by a clock.

import { gzipSync } from "node:zlib";
import type { NoteId } from "../../shared/note";
import { applyChange, changedId } from "../../shared/note-change";
import { removeDurably, writeDurably } from "../durable-file";
import { type Sealing, writeSealed } from "../sealed-file";
import { ackedFile, journalFile, type StoredJournal } from "./journal";
import { createEntryEncoder, encodeLine, type JournalEntry, type JournalHeader } from "./journal-codec";

export const keptAckedMs = 30 * 24 * 60 * 60 * 1_000;
/** Rewriting a file for less is not worth it. */
const fewEntries = 1_000;

/**
 * The entries worth keeping, oldest first. Of acknowledged ones, for each note that was changed since `oldestAtMs`:
 * the last of each field, and what this device created as it was left.
 */
export function worthKeeping(
  entries: readonly JournalEntry[],
  ackedThrough: number,
  oldestAtMs: number,
): JournalEntry[] {
  const young = new Set<NoteId>();
  for (const { seq, atMs, change } of entries) {
    if (seq <= ackedThrough && atMs >= oldestAtMs) young.add(changedId(change));
  }
  const created = new Map<NoteId, JournalEntry>();
  const latest = new Map<string, JournalEntry>();
  const unacked: JournalEntry[] = [];
  for (const entry of entries) {
    const { change } = entry;
    const id = changedId(change);
    if (entry.seq > ackedThrough) {
      unacked.push(entry);
    } else if (young.has(id)) {
      if (change.kind === "create") {
        for (const field of ["text", "place", "deleted"]) latest.delete(`${id} ${field}`);
      }
      const creation = change.kind === "create" ? entry : created.get(id);
      if (creation?.change.kind === "create") {
        const note = applyChange(creation.change.note, change)!;
        created.set(id, { ...entry, change: { kind: "create", note } });
      } else {
        latest.set(`${id} ${change.kind}`, standingAlone(entry, latest.get(`${id} text`)));
      }
    }
  }
  return [...created.values(), ...latest.values(), ...unacked].sort((a, b) => a.seq - b.seq);
}

/** A text that needs no entry before it to be read: the text before it is gone, and was acknowledged anyway. */
function standingAlone(entry: JournalEntry, former: JournalEntry | undefined): JournalEntry {
  const { change } = entry;
  if (change.kind !== "text") return entry;
  const standing = entry.standing ?? former?.standing;
  const alone = { ...change, before: change.after };
  return standing === undefined ? { ...entry, change: alone } : { ...entry, standing, change: alone };
}

/**
 * Packs what is kept of acknowledged entries into a file of its own, and leaves the others in the journal; removes
 * the files of generations of which nothing is kept. A damaged journal stays as it is. `current` is the generation
 * whose entries may be unacknowledged. Answers which generations' files are others now.
 */
export function compactJournals(
  folder: string,
  journals: readonly StoredJournal[],
  current: string,
  ackedThrough: number,
  nowMs: number,
  sealing: Sealing,
): { readonly rewritten: string[]; readonly removed: string[] } {
  const rewritten: string[] = [];
  const removed: string[] = [];
  for (const { header, entries, trusted, decoded } of journals) {
    const isCurrent = header.generation === current;
    const acked = isCurrent ? ackedThrough : Number.POSITIVE_INFINITY;
    const lastSeq = entries.at(-1)?.seq;
    if (!trusted || lastSeq === undefined) continue;
    const kept = worthKeeping(entries, acked, nowMs - keptAckedMs);
    const file = journalFile(folder, header.userId, header.generation);
    const packed = ackedFile(folder, header.userId, header.generation);
    const movable = decoded.entries.filter(({ seq }) => seq <= acked).length;
    if (!isCurrent && kept.length === 0) {
      removeDurably(packed);
      removeDurably(file);
      removed.push(header.generation);
    } else if (movable >= fewEntries) {
      const head = { ...header, droppedThrough: Math.max(header.droppedThrough ?? 0, lastSeq) };
      const ackedLines = encodeJournal(
        head,
        kept.filter(({ seq }) => seq <= acked),
      );
      const otherLines = encodeJournal(
        head,
        kept.filter(({ seq }) => seq > acked),
      );
      writeSealed(packed, gzipSync(ackedLines), sealing);
      writeDurably(file, sealing.sealLines(otherLines, true));
      rewritten.push(header.generation);
    }
  }
  return { rewritten, removed };
}

const leastGrownBytes = 1_024 * 1_024;
/** More would hold up who types; that is left to the next start. */
const mostPackedBytes = 4 * 1_024 * 1_024;
/** The journal is to take less than a tenth of what the notes take. */
const shareOfRealm = 20;

/** Whether to make a journal smaller while its notes are open. `grownBytes`: since that was done the last time. */
export function isWorthCompacting(sizes: {
  readonly grownBytes: number;
  readonly packedBytes: number;
  readonly realmBytes: number;
}): boolean {
  const { grownBytes, packedBytes, realmBytes } = sizes;
  return packedBytes <= mostPackedBytes && grownBytes >= Math.max(leastGrownBytes, realmBytes / shareOfRealm);
}

function encodeJournal(header: JournalHeader, entries: readonly JournalEntry[]): string {
  const encode = createEntryEncoder();
  return [encodeLine(header), ...entries.map((entry) => encode(entry))].join("");
}
