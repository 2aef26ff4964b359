// What states of each note this device has ever seen, by anybody's hand: the evidence by which a server that
// has gone back in time is told from one that has news. Append-only file of `note id SP fingerprint` lines.

import { createHash } from "node:crypto";
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isNoteId, type Note, type NoteId, type NotesById } from "../../shared/note";
import { writeDurably } from "../durable-file";

export type SeenStates = {
  /** Remembers the state; one seen before costs nothing. Never throws: on a full disk there is less evidence later. */
  readonly add: (note: Note, revision: string) => void;
  readonly addAll: (notes: NotesById, revisions: ReadonlyMap<NoteId, string>) => void;
  readonly has: (note: Note, revision: string) => boolean;
  readonly knows: (id: NoteId) => boolean;
  readonly close: () => void;
};

/** Old states beyond so many of one note are forgotten at the next start. */
const keptPerNote = 64;

export function openSeenStates(file: string, onWriteError: (error: Error) => void): SeenStates {
  mkdirSync(dirname(file), { recursive: true });
  const states = new Map<NoteId, Set<string>>();
  let tooMany = false;
  for (const line of readLines(file)) {
    const [id, fingerprint] = line.split(" ");
    if (!isNoteId(id) || fingerprint?.length !== 16) continue;
    const ofNote = setOf(id);
    ofNote.add(fingerprint);
    tooMany ||= ofNote.size > keptPerNote;
  }
  if (tooMany) forgetOldest();
  const handle = openSync(file, "a", 0o600);

  function setOf(id: NoteId): Set<string> {
    const found = states.get(id);
    if (found !== undefined) return found;
    const created = new Set<string>();
    states.set(id, created);
    return created;
  }

  function forgetOldest(): void {
    const lines: string[] = [];
    for (const [id, ofNote] of states) {
      const kept = [...ofNote].slice(-keptPerNote);
      states.set(id, new Set(kept));
      for (const fingerprint of kept) lines.push(`${id} ${fingerprint}\n`);
    }
    writeDurably(file, lines.join(""));
  }

  /** The line to write for a state; empty for one that is remembered already. */
  function remember(note: Note, revision: string): string {
    const fingerprint = fingerprintOf(note, revision);
    const ofNote = setOf(note.id);
    if (ofNote.has(fingerprint)) return "";
    ofNote.add(fingerprint);
    return `${note.id} ${fingerprint}\n`;
  }

  function write(lines: string): void {
    if (lines === "") return;
    try {
      writeSync(handle, lines);
    } catch (error) {
      onWriteError(error as Error);
    }
  }

  return {
    add: (note, revision) => write(remember(note, revision)),
    addAll(notes, revisions) {
      const lines: string[] = [];
      for (const note of notes.values()) lines.push(remember(note, revisions.get(note.id) ?? ""));
      write(lines.join(""));
    },
    has: (note, revision) => states.get(note.id)?.has(fingerprintOf(note, revision)) ?? false,
    knows: (id) => states.has(id),
    close: () => closeSync(handle),
  };
}

/** The revision is part of it: a value typed again by somebody is news, the same value come back is not. */
function fingerprintOf(note: Note, revision: string): string {
  return createHash("sha1")
    .update(`${revision}\0${note.parentId ?? ""}\0${note.orderKey}\0${note.deletedAtMs ?? ""}\0${note.text}`)
    .digest("hex")
    .slice(0, 16);
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
