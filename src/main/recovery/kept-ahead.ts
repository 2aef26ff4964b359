// While a person reads that the notes have to be fetched anew, and no longer: reads the notes of the open realm into a
// file of their own (notes-as-read.ts), in short turns, so that the restart can show them at once. When the reset is
// over the file goes. Whatever is in the way of it is no failure: then the copy is read as ever.

import { existsSync } from "node:fs";
import type { ResetState } from "../../shared/reset-machine";
import type { Log } from "../log";
import type { Journal } from "../notes/journal";
import type { DataPaths } from "../paths";
import type { NoteRealm } from "../realm/note-realm";
import { describeError } from "../realm/realm-errors";
import { hashFile } from "../reset/backup";
import { type AboutNotes, removeNotesAsRead, writeNotesAsRead } from "../reset/notes-as-read";
import { promptedReset } from "../reset/prompted-reset";
import { isDiskScarce } from "../reset/scarce-disk";
import type { Session } from "../session";

export type KeptAhead = {
  /** The state of the reset, or the notes, may be others now. */
  readonly poke: () => void;
  readonly close: () => void;
};

type Open = Pick<Session, "userId" | "generation"> & {
  readonly realm: Pick<NoteRealm, "path" | "refresh" | "readInParts">;
  readonly journal: Pick<Journal, "lastSeq">;
};

type Dependencies = {
  readonly paths: Pick<DataPaths, "notesAsRead" | "sealing">;
  readonly state: () => ResetState;
  readonly session: () => Open | null;
  readonly log: Log;
  /** Who goes on writing has the notes read anew only after such a rest, since that costs as much again. */
  readonly againAfterMs?: number;
};

/** The prompt is seen first. */
const firstAfterMs = 200;
const wasWritten = "something was written";

export function createKeptAhead(dependencies: Dependencies): KeptAhead {
  const { paths, state, session, log, againAfterMs = 10_000 } = dependencies;
  const file = paths.notesAsRead;
  let closed = false;
  let reading = false;
  let timer: NodeJS.Timeout | null = null;
  let isFirst = true;
  /** The journal's last number when it was tried with an outcome that holds until somebody writes. */
  let triedAt: number | null = null;
  let mayBeThere = true;

  /** The session whose notes are about to be left behind, as long as somebody has yet to say so. */
  function waiting(): Open | null {
    const open = session();
    return closed || promptedReset(state(), open) === null ? null : open;
  }

  function poke(): void {
    const open = waiting();
    if (open === null) {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (state().kind === "idle" && !closed) over();
      return;
    }
    if (reading || timer !== null || triedAt === open.journal.lastSeq()) return;
    const seq = open.journal.lastSeq();
    timer = setTimeout(
      () => {
        timer = null;
        // Somebody is writing.
        if (waiting()?.journal.lastSeq() !== seq) return poke();
        void read(seq);
      },
      isFirst ? firstAfterMs : againAfterMs,
    ).unref();
  }

  /** The next reset is another one. */
  function over(): void {
    isFirst = true;
    triedAt = null;
    if (mayBeThere) void remove();
  }

  async function remove(): Promise<void> {
    mayBeThere = false;
    if (!existsSync(file) && !existsSync(`${file}.new`)) return;
    await removeNotesAsRead(file).catch((error) => {
      log("warn", "the notes read ahead could not be removed", { error: describeError(error) });
    });
  }

  async function read(seq: number): Promise<void> {
    reading = true;
    isFirst = false;
    mayBeThere = true;
    const why = await readInto(seq).catch(describeError);
    if (why === null) log("info", "the notes were read ahead");
    else log("info", "the notes were not read ahead", { reason: why });
    triedAt = why === wasWritten ? null : seq;
    reading = false;
    poke();
  }

  /**
   * The same hash before and after: in between nothing was written to the file, since each commit leaves a number in it
   * that never comes again. So what was read is what these bytes hold.
   */
  async function readInto(seq: number): Promise<string | null> {
    const open = waiting();
    if (open === null) return "nobody waits for it";
    const { realm, userId, generation, journal } = open;
    if (await isDiskScarce(realm.path)) return "there is little room on this disk";
    const realmSha256 = await hashFile(realm.path);
    const isSame = () => waiting()?.realm === realm && journal.lastSeq() === seq;
    if (!isSame()) return wasWritten;
    // What the sync client has written is not seen before.
    realm.refresh();
    const parts = realm.readInParts();
    if (parts === null) return "the notes have other fields";
    const about: AboutNotes = { userId, generation, realmSha256 };
    const isWritten = await writeNotesAsRead(file, whileTrue(parts, isSame), paths.sealing, async () =>
      isSame() && (await hashFile(realm.path)) === realmSha256 ? about : null,
    );
    return isWritten ? null : wasWritten;
  }

  return {
    poke,
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Ends early, and before the realm is asked again, where the condition does not hold any more. */
function* whileTrue<T>(all: Iterable<T>, holds: () => boolean): Generator<T> {
  for (const each of all) {
    yield each;
    if (!holds()) return;
  }
}
