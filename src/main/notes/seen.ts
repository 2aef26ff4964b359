// What states of each note this device has ever seen, by anybody's hand: the evidence by which a server that
// has gone back in time is told from one that has news, and a note that vanished from one that was deleted.
// Append-only file of `note id SP fingerprint` lines; two marks stand where a fingerprint stands.

import { hash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { isNoteId, isTombstone, type Note, type NoteId, type NotesById } from "../../shared/note";
import { writeDurably } from "../durable-file";
import type { Sealing } from "../sealed-file";
import { openAppendFile } from "./append-file";

export type SeenStates = {
  /**
   * Remembers the state; one seen before costs nothing. Answers its age, as `age` does: more than 0 is an old state
   * come back. Never throws: on a full disk there is less evidence later.
   */
  readonly add: (note: Note, revision: string) => number;
  /** Answers those that are in an old state. */
  readonly addAll: (notes: NotesById, revisions: ReadonlyMap<NoteId, string>) => NoteId[];
  readonly has: (note: Note, revision: string) => boolean;
  readonly knows: (id: NoteId) => boolean;
  /** How recently the state was new here: 0 for the latest, 1 for the one before it; null: never seen. */
  readonly age: (note: Note, revision: string) => number | null;
  /** Notes that should be there: seen, and neither purged nor settled as gone. */
  readonly expected: () => Iterable<NoteId>;
  /** What is there now is how it is to be: this state counts as the latest, however old it is. */
  readonly settle: (note: Note, revision: string) => void;
  /**
   * As `settle`, for all that is there; of others, that they are not there, where it was `decided`. Forced to the disk:
   * what was once over must not begin again after a power cut.
   */
  readonly settleAll: (
    notes: NotesById,
    revisions: ReadonlyMap<NoteId, string>,
    decided: (id: NoteId) => boolean,
  ) => void;
  /** What takes long in settling these is done now, and used by the next `settleAll` where they are the same then. */
  readonly prepareToSettle: (notes: NotesById, revisions: ReadonlyMap<NoteId, string>) => void;
  /** That this note is not there is settled: it is not missed any more. */
  readonly settleGone: (id: NoteId) => void;
  /** The audit has put the note back. Holds until the note gets a state that is new. */
  readonly markMended: (id: NoteId) => void;
  readonly timesMended: (id: NoteId) => number;
  readonly close: () => void;
};

type Prepared = { readonly note: Note; readonly revision: string; readonly fingerprint: string };

/** Old states beyond so many of one note are forgotten at the next start. */
const keptPerNote = 64;
const idLength = 36;
const lineLength = idLength + 1 + 16;
const goneMark = "gone------------";
const mendedMark = "mended----------";

export function openSeenStates(
  file: string,
  sealing: Sealing,
  onWriteError: (error: Error) => void,
): SeenStates {
  mkdirSync(dirname(file), { recursive: true });
  /** Of each note, the latest last. */
  const states = new Map<NoteId, string[]>();
  const gone = new Set<NoteId>();
  const mended = new Map<NoteId, number>();
  const prepared = new Map<NoteId, Prepared>();
  let lines = 0;
  const stored = readLines(file);
  // What a power cut left of a line: the next one must not be written on behind it, or both are lost.
  stored.pop();
  let wholeBytes = stored.reduce((bytes, line) => bytes + line.length + 1, 0);
  for (const line of stored) {
    const told = sealing.openLine(line);
    if (told?.length !== lineLength || told[idLength] !== " ") continue;
    const [id, fingerprint] = [told.slice(0, idLength), told.slice(idLength + 1)];
    if (!isNoteId(id)) continue;
    lines += 1;
    if (fingerprint === goneMark) gone.add(id);
    else if (fingerprint === mendedMark) mended.set(id, 1 + (mended.get(id) ?? 0));
    else take(id, fingerprint);
  }
  if (tooMuch()) forgetOldest();
  const appended = openAppendFile(file, wholeBytes, onWriteError);

  /** The state is the latest now; a note with a state is there and lives on. */
  function take(id: NoteId, fingerprint: string): void {
    gone.delete(id);
    const ofNote = states.get(id);
    if (ofNote === undefined) {
      states.set(id, [fingerprint]);
      mended.delete(id);
      return;
    }
    const at = ofNote.indexOf(fingerprint);
    if (at === -1) mended.delete(id);
    else ofNote.splice(at, 1);
    ofNote.push(fingerprint);
  }

  function tooMuch(): boolean {
    let kept = 0;
    for (const ofNote of states.values()) {
      if (ofNote.length > keptPerNote) return true;
      kept += ofNote.length;
    }
    return lines > 2 * (kept + gone.size + mended.size) + 1_000;
  }

  function forgetOldest(): void {
    const kept: string[] = [];
    for (const [id, ofNote] of states) {
      const latest = ofNote.slice(-keptPerNote);
      states.set(id, latest);
      for (const fingerprint of latest) kept.push(`${id} ${fingerprint}\n`);
    }
    for (const id of gone) kept.push(`${id} ${goneMark}\n`);
    for (const [id, times] of mended) kept.push(`${id} ${mendedMark}\n`.repeat(times));
    const content = sealing.sealLines(kept.join(""), true);
    wholeBytes = content.length;
    writeDurably(file, content);
  }

  function ageOf(id: NoteId, fingerprint: string): number {
    const ofNote = states.get(id) ?? [];
    return ofNote.length <= 1 ? 0 : ofNote.length - 1 - ofNote.indexOf(fingerprint);
  }

  function write(lines: string): void {
    if (lines === "") return;
    try {
      appended.append(Buffer.from(sealing.sealLines(lines, appended.sizeBytes() === 0), "latin1"));
      appended.flushLater();
    } catch (error) {
      onWriteError(error as Error);
    }
  }

  function flush(): void {
    try {
      appended.flush();
    } catch (error) {
      onWriteError(error as Error);
    }
  }

  /** The lines to write for a state that `isLatest` where it is new, or, at a settling, where it is not the last. */
  function linesFor(note: Note, fingerprint: string, isLatest: boolean): string {
    let lines = "";
    if (isLatest || (gone.has(note.id) && !isTombstone(note))) {
      take(note.id, fingerprint);
      lines = `${note.id} ${fingerprint}\n`;
    }
    return isTombstone(note) ? lines + goneLine(note.id) : lines;
  }

  function goneLine(id: NoteId): string {
    if (gone.has(id)) return "";
    gone.add(id);
    return `${id} ${goneMark}\n`;
  }

  function addLines(note: Note, revision: string): { readonly lines: string; readonly age: number } {
    const fingerprint = fingerprintOf(note, revision);
    const isNew = states.get(note.id)?.includes(fingerprint) !== true;
    const lines = linesFor(note, fingerprint, isNew);
    return { lines, age: isNew ? 0 : ageOf(note.id, fingerprint) };
  }

  function settleLines(note: Note, revision: string, ready?: Prepared): string {
    const isReady = ready?.note === note && ready.revision === revision;
    const fingerprint = isReady ? ready.fingerprint : fingerprintOf(note, revision);
    return linesFor(note, fingerprint, states.get(note.id)?.at(-1) !== fingerprint);
  }

  return {
    add(note, revision) {
      const { lines, age } = addLines(note, revision);
      write(lines);
      return age;
    },
    addAll(notes, revisions) {
      const all: string[] = [];
      const old: NoteId[] = [];
      for (const note of notes.values()) {
        const { lines, age } = addLines(note, revisions.get(note.id) ?? "");
        all.push(lines);
        if (age > 0) old.push(note.id);
      }
      write(all.join(""));
      return old;
    },
    has: (note, revision) => states.get(note.id)?.includes(fingerprintOf(note, revision)) ?? false,
    knows: (id) => states.has(id),
    age(note, revision) {
      const fingerprint = fingerprintOf(note, revision);
      return states.get(note.id)?.includes(fingerprint) === true ? ageOf(note.id, fingerprint) : null;
    },
    *expected() {
      for (const id of states.keys()) if (!gone.has(id)) yield id;
    },
    settle: (note, revision) => write(settleLines(note, revision)),
    settleAll(notes, revisions, decided) {
      const all: string[] = [];
      for (const note of notes.values()) {
        const lines = settleLines(note, revisions.get(note.id) ?? "", prepared.get(note.id));
        if (lines !== "") all.push(lines);
      }
      // By now each of the notes has a state.
      if (states.size > notes.size) {
        for (const id of states.keys()) if (!notes.has(id) && decided(id)) all.push(goneLine(id));
      }
      prepared.clear();
      write(all.join(""));
      flush();
    },
    prepareToSettle(notes, revisions) {
      prepared.clear();
      for (const note of notes.values()) {
        const revision = revisions.get(note.id) ?? "";
        prepared.set(note.id, { note, revision, fingerprint: fingerprintOf(note, revision) });
      }
    },
    settleGone: (id) => write(goneLine(id)),
    markMended(id) {
      mended.set(id, 1 + (mended.get(id) ?? 0));
      write(`${id} ${mendedMark}\n`);
    },
    timesMended: (id) => mended.get(id) ?? 0,
    close() {
      try {
        appended.close();
      } catch (error) {
        onWriteError(error as Error);
      }
    },
  };
}

/** The revision is part of it: a value typed again by somebody is news, the same value come back is not. */
function fingerprintOf(note: Note, revision: string): string {
  const said = `${revision}\0${note.parentId ?? ""}\0${note.orderKey}\0${note.deletedAtMs ?? ""}\0${note.text}`;
  return hash("sha1", said, "hex").slice(0, 16);
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "latin1").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    appendFileSync(file, "", { mode: 0o600 });
    return [];
  }
}
