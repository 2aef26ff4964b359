// Which journal entry a write belongs to, told by the note's revision. Realm forces each commit to the disk and the
// journal does so a moment later, so after a power cut the realm may have writes that the journal does not tell of;
// by their numbers that shows. Pure.

import type { DecodedJournal, JournalHeader } from "./journal-codec";

/** The revision of a note whose write ends with the journal's entry `seq`. New at every write. */
export function revisionOfWrite(generation: string, seq: number): string {
  return `${generation}/${seq}`;
}

/** Whether the one write came before the other, by the same hand in the same file. */
export function isEarlierWrite(revision: string, other: string): boolean {
  const [from, to] = [revision.lastIndexOf("/"), other.lastIndexOf("/")];
  const isSameFile = from > 0 && revision.slice(0, from) === other.slice(0, to);
  return isSameFile && Number(revision.slice(from + 1)) < Number(other.slice(to + 1));
}

/** The highest number among the writes of this file generation; 0: there is none. */
export function lastWriteIn(revisions: Iterable<string>, generation: string): number {
  const prefix = `${generation}/`;
  let last = 0;
  for (const revision of revisions) {
    if (revision.startsWith(prefix)) last = Math.max(last, Number(revision.slice(prefix.length)) || 0);
  }
  return last;
}

/** Whether of the entries that the server has not acknowledged some are missing. */
export function lacksEntries(
  { header, entries }: Pick<DecodedJournal, "entries"> & { readonly header: JournalHeader },
  ackedThrough: number,
  revisions: Iterable<string>,
): boolean {
  const unacked = entries.map(({ seq }) => seq).filter((seq) => seq > ackedThrough);
  const before = header.firstSeq === undefined ? (unacked[0] ?? 1) - 1 : header.firstSeq - 1;
  let last = Math.max(ackedThrough, before, unacked.length === 0 ? (header.droppedThrough ?? 0) : 0);
  for (const seq of unacked) {
    if (seq > last + 1) return true;
    last = seq;
  }
  return lastWriteIn(revisions, header.generation) > last;
}
