// What the server had when an earlier attempt of the same recovery downloaded it: the copies of the files that those
// attempts had to give up, without what this device wrote into them. Reads only.

import { join } from "node:path";
import { hasLinesOf, linesBeside } from "../../shared/line-sets";
import type { Note, NoteId } from "../../shared/note";
import { isExplained, sameNote, samePlace, sameValue, unacked } from "../../shared/recovery/field-decisions";
import type { Arrived } from "../../shared/recovery/plan-again";
import {
  type InterimSide,
  type NoteHistory,
  noHistory,
  type PlanStep,
  type RecoveryInput,
} from "../../shared/recovery/plan-types";
import { serverAsLeft } from "../../shared/recovery/server-as-left";
import { isExplainedByPending } from "../../shared/recovery/went-back";
import type { ResetFacts } from "../../shared/reset-machine";
import type { Log } from "../log";
import type { SeenStates } from "../notes/seen";
import { isEarlierWrite } from "../notes/write-number";
import { type BackupManifest, listBackups, readBackup } from "../reset/backup";
import type { Sealing } from "../sealed-file";
import { cameBefore } from "./came-before";
import { copiedJournal } from "./journal-tail";

export type InterimCopy = { readonly name: string; readonly manifest: BackupManifest };

/** `revisions` has none of a note that this device has written to since. */
export type InterimServer = {
  readonly notes: ReadonlyMap<NoteId, Note>;
  readonly revisions: ReadonlyMap<NoteId, string>;
};

export type InterimAttempt = InterimServer & {
  /** The reset that began it said that the server had been restored. */
  readonly wasRestored: boolean;
  /** The notes that it wrote to, as it left them in its file. */
  readonly wrote: Pick<InterimServer, "notes" | "revisions">;
};

/** Oldest first. */
export function interimCopies({ resetId }: ResetFacts, backups: string): readonly InterimCopy[] {
  return listBackups(backups)
    .filter(({ manifest }) => manifest.kind === "interim" && manifest.resetId === resetId)
    .toReversed();
}

/** Null where the copy was damaged since it was made: the recovery does without and says so, as it goes out from another. */
export async function readInterim(
  { name, manifest: { userId, generation } }: InterimCopy,
  wasRestored: boolean,
  { backups, sealing }: { readonly backups: string; readonly sealing: Sealing },
  log: Log,
): Promise<InterimAttempt | null> {
  const read = await readBackup(backups, name, sealing);
  if (read.kind === "unusable") {
    log("warn", "the copy of an earlier attempt is damaged and is passed over", {
      name,
      error: read.message,
    });
    return null;
  }
  const journal = copiedJournal(join(backups, name), userId, generation, sealing);
  const { notes, written } = serverAsLeft(read.notes, journal?.entries.map(({ change }) => change) ?? []);
  const revisions = new Map([...read.revisions].filter(([id]) => !written.has(id)));
  const wrote = new Map([...read.notes].filter(([id]) => written.has(id)));
  return { notes, revisions, wasRestored, wrote: { notes: wrote, revisions: read.revisions } };
}

type Known = {
  readonly local: InterimServer;
  readonly history: ReadonlyMap<NoteId, NoteHistory>;
  readonly seen: Pick<SeenStates, "has" | "age">;
  /** In the fresh file, by a plan that was made and carried out there before. */
  readonly hasWrittenOver: NonNullable<RecoveryInput["hasWrittenOver"]>;
};

/**
 * `here`: what this device wrote into the fresh file, by a plan that was made and carried out there before. A note that it
 * made there anew it made of every text that was known of it then: what that lacks of what this device's own changes had
 * begun with, others had taken out. What a person has written since it does not have.
 */
export function writtenOverIn(
  here: ReadonlyMap<NoteId, NoteHistory>,
  { local, history }: Pick<Known, "history"> & { readonly local: Pick<InterimServer, "notes"> },
): Known["hasWrittenOver"] {
  function isMadeOf(born: Note, text: string): boolean {
    const began = unacked(history.get(born.id)?.text ?? [])[0]?.before ?? local.notes.get(born.id)?.text;
    return began !== undefined && linesBeside(born.text, text).every((line) => hasLinesOf(began, line));
  }
  return (id, text) => {
    const written = here.get(id);
    if (written?.born !== undefined && isMadeOf(written.born, text)) return true;
    return written?.text.some(({ before }) => before === text) === true;
  };
}

/** As the planner asks for it. `remote`: the server now, with the revisions of its notes. */
export function interimSide(
  { notes, revisions, wasRestored }: Omit<InterimAttempt, "wrote">,
  remote: InterimServer,
  { local, history, seen, hasWrittenOver }: Known,
): InterimSide {
  /** Without its revision a version is known again by what it says. */
  function wasHere(note: Note): boolean {
    const had = local.notes.get(note.id);
    const typed = history.get(note.id)?.text ?? [];
    return (had !== undefined && sameNote(had, note)) || isExplained(note.text, typed, sameValue);
  }

  /** What was seen may have been forgotten in a power cut; the journal tells what its changes began with. */
  function isWhereMineBegan(note: Note): boolean {
    const mine = local.notes.get(note.id);
    return mine !== undefined && isExplainedByPending(mine, note, history.get(note.id) ?? noHistory);
  }

  function isNews(id: NoteId): boolean {
    const note = notes.get(id);
    const revision = revisions.get(id);
    if (note === undefined || hasWrittenOver(id, note.text)) return false;
    return revision === undefined ? !wasHere(note) : !seen.has(note, revision) && !isWhereMineBegan(note);
  }

  /** A version that this device had before the one that it brings. */
  function isEarlier(note: Note): boolean {
    const [mine, revision] = [local.notes.get(note.id), revisions.get(note.id)];
    if (mine === undefined || revision === undefined || sameNote(mine, note)) return false;
    if (isWhereMineBegan(note)) return false;
    const here = { note: mine, revision: local.revisions.get(note.id) };
    return cameBefore(seen, { note, revision }, here);
  }

  let wentBack: boolean | null = wasRestored ? true : null;
  function hadGoneBack(): boolean {
    wentBack ??= [...notes.values()].some(isEarlier);
    return wentBack;
  }

  return {
    notes,
    isNews,
    isNewer(id) {
      const now = remote.notes.get(id);
      const isOld = now !== undefined && seen.has(now, remote.revisions.get(id) ?? "");
      return isOld && revisions.has(id) && isNews(id);
    },
    // What was seen may have been forgotten in a power cut; the numbers of the writes still tell their order.
    isBeside: (id) =>
      isEarlierWrite(revisions.get(id) ?? "", remote.revisions.get(id) ?? "") || hadGoneBack(),
  };
}

/**
 * Whether the server has what an earlier attempt wrote into the note. Its revision may be an old one, which another
 * device puts back just so; then the time of writing tells them apart. On top of it others may have written since.
 */
export function arrivedFrom(
  interim: readonly InterimAttempt[],
  remote: InterimServer,
): (id: NoteId) => Arrived {
  return (id) => {
    const found = interim.map(({ wrote, notes }): Arrived => {
      const [now, left, before] = [remote.notes.get(id), wrote.notes.get(id), notes.get(id)];
      if (now === undefined || left === undefined) return "no";
      if (remote.revisions.get(id) !== wrote.revisions.get(id)) {
        // A note that was not there before that attempt is there since, whatever others have made of its words.
        return before === undefined || hasSomeOf(now, left, before) ? "perhaps" : "no";
      }
      return now.lastUpdatedMs === left.lastUpdatedMs ? "surely" : "no";
    });
    return found.find((how) => how === "surely") ?? found.find((how) => how === "perhaps") ?? "no";
  };
}

/**
 * What the attempt itself put there, took out or moved counts: a heading that was there before, others may have renamed
 * since.
 */
function hasSomeOf(now: Note, left: Note, before: Note): boolean {
  return (
    hasLinesOf(now.text, left.text) ||
    linesBeside(before.text, left.text).some((line) => hasLinesOf(now.text, line)) ||
    linesBeside(left.text, before.text).some((line) => !hasLinesOf(now.text, line)) ||
    (samePlace(now, left) && !samePlace(left, before)) ||
    (now.deletedAtMs === left.deletedAtMs && left.deletedAtMs !== before.deletedAtMs)
  );
}

/**
 * The revision that the note had, where it is written as it was: here, or in the newest of the earlier attempts. Where
 * nothing but the revision is written, it is this device's own, which is what the server does not have.
 */
export function revisionAsItWas(
  { note, expect }: PlanStep,
  local: InterimServer,
  interim: readonly InterimServer[],
): string | undefined {
  const hadIt = ({ notes }: InterimServer) => {
    const had = notes.get(note.id);
    return had !== undefined && sameNote(had, note);
  };
  const isOnlyRevision = expect !== null && sameNote(note, expect);
  const side = isOnlyRevision
    ? undefined
    : interim.findLast((each) => each.revisions.has(note.id) && hadIt(each));
  if (side !== undefined) return side.revisions.get(note.id);
  return hadIt(local) ? (local.revisions.get(note.id) ?? "") : undefined;
}
