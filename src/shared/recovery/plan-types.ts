// What recovery decides upon and what it decides: data only. plan.ts turns the first half into the second.

import type { Note, NoteId, NotesById, Place } from "../note";
import type { Plain } from "./field-map";

/** One recorded change of one field, oldest first in every list. `acked`: the server was seen to have it. */
export type FieldChange<T> = {
  readonly before: T;
  readonly after: T;
  readonly acked: boolean;
  /** For display only. */
  readonly atMs: number;
};

/** What the edit journal of this device says about one note. */
export type NoteHistory = {
  /** Created by this device: not at all, or with or without the server having been seen to have it. */
  readonly created: "elsewhere" | "acked" | "unacked";
  /** As it was created, where this device did it. */
  readonly born?: Note;
  readonly text: readonly FieldChange<string>[];
  readonly place: readonly FieldChange<Place>[];
  readonly deletedAtMs: readonly FieldChange<number | null>[];
};

export const noHistory: NoteHistory = { created: "elsewhere", text: [], place: [], deletedAtMs: [] };

/**
 * What this device once saw. `earlier(id)`: the version of the note that the server shows now, its revision
 * included, was on this device before, by anybody's hand. Where that differs from the backup and is not
 * explained by changes the server has yet to be told, the server has gone back in time. A value that somebody
 * typed again is a new version. `known(id)`: the note was once seen to be on the server.
 */
export type SeenValues = {
  readonly earlier: (id: NoteId) => boolean;
  readonly known: (id: NoteId) => boolean;
};

/**
 * What the server had when an earlier attempt of the same recovery downloaded it, by the file of that attempt.
 * `isNews(id)`: this device had not seen that version of the note before. `isNewer(id)`: and the one that the server
 * shows now it had. `isBeside(id)`: yet the new one need not have grown out of that, because the server of that attempt
 * had itself gone back; then neither holds over the other.
 */
export type InterimSide = {
  readonly notes: NotesById;
  readonly isNews: (id: NoteId) => boolean;
  readonly isNewer: (id: NoteId) => boolean;
  readonly isBeside: (id: NoteId) => boolean;
};

export type RecoveryInput = {
  /** Ids of copies are derived from it, so that the same recovery run twice creates the same notes. */
  readonly resetId: string;
  readonly rootId: NoteId;
  /** The id of the 'Recovered notes' note; it is created only when something has to go there. */
  readonly recoveredId: NoteId;
  readonly local: NotesById;
  readonly remote: NotesById;
  readonly history: ReadonlyMap<NoteId, NoteHistory>;
  readonly seen: SeenValues;
  /** False when journal or tracker are missing or of another realm: then nothing is deleted and differences become copies. */
  readonly historyTrusted: boolean;
  /** The reset's cause says that the server was restored or built anew, whether or not the notes show it. */
  readonly serverWentBack?: boolean;
  /** The server's version of the note has another revision than this device's, even where both say the same. */
  readonly isOtherVersion?: (id: NoteId) => boolean;
  /**
   * An earlier planning of this recovery has written over that text of the note in this very fresh file. So the server
   * had it then and has not lost it, whatever it shows now.
   */
  readonly hasWrittenOver?: (id: NoteId, text: string) => boolean;
  /** Of attempts that another reset ended, oldest first. */
  readonly interim?: readonly InterimSide[];
  /** How sentences name a time; without it they name none. */
  readonly timeText?: (atMs: number) => string;
};

/**
 * One note to be written, whole. `expect` is what the server's copy must still be when it is written; null: absent.
 * `asItWas`: the note is exactly the version that this device had, and should be written with the revision it had:
 * so another device that has seen it, and newer ones since, knows it for an old version and not for news. Where `note` says
 * what `expect` says, only the revision is written.
 */
export type PlanStep = { readonly note: Note; readonly expect: Note | null; readonly asItWas?: boolean };

export const outcomes = [
  "put-back",
  "merged",
  "kept-as-copy",
  "moved-to-recovered",
  "deletion-kept",
  "deletion-repeated",
  "deletion-not-repeated",
  "place-not-kept",
  "missing-on-server",
  /** What others had changed was replaced: only by the strategies of the guides. */
  "written-over",
  "left-out",
] as const;
export type Outcome = (typeof outcomes)[number];

export type ReportItem = {
  readonly noteId: NoteId;
  readonly outcome: Outcome;
  readonly title: string;
  /** Titles from the top of the tree to the note's parent, as they were on this device. */
  readonly path: readonly string[];
  /** One sentence in the user's words. */
  readonly sentence: string;
  readonly needsHelp: boolean;
  /** Set where a copy was made: the copy's id. */
  readonly copyId: NoteId | null;
  /** For comparing and undoing: what was the base, what this device had, what the server had, what it is now. */
  readonly base: string | null;
  readonly mine: string | null;
  readonly theirs: string | null;
  readonly result: string | null;
  /**
   * The note as it was on the server before recovery wrote it (null when it was not there), and as recovery left it,
   * by which it is known whether somebody has changed it since.
   */
  readonly undo: { readonly before: Note | null; readonly after?: Note } | null;
  /** What a person has chosen for it since. */
  readonly settled?: string;
  /**
   * Where it is not on the server, by choice or because it vanished again: the note as this device had it, so that it
   * can be put back from here.
   */
  readonly leftOut?: Note;
};

export type RecoveryPlan = {
  readonly strategy: StrategyName;
  readonly steps: readonly PlanStep[];
  readonly items: readonly ReportItem[];
  /** Evidence was found that the server has gone back in time. */
  readonly rolledBack: boolean;
  readonly counts: {
    readonly local: number;
    readonly remote: number;
    readonly created: number;
    readonly changed: number;
    readonly trashed: number;
  };
};

export const strategyNames = [
  "merge",
  "track-objects",
  "track-fields",
  "track-updates",
  "overwrite-backend",
  "discard",
] as const;
export type StrategyName = (typeof strategyNames)[number];

/** Why the server made this client start again, in the words of the report. */
export const resetCauses = [
  "restored",
  "terminated",
  "schema",
  "offline-too-long",
  "rights-changed",
  "upload-too-large",
  "automatic-recovery-failed",
  "delete-ordered",
  "cannot-open",
  "asked-for",
  "signed-out",
  /** Of notes that belong to no account. */
  "signed-out-for-good",
  "found-at-start",
  /** No reset at all: the audit found that notes were gone. */
  "vanished",
  "unknown",
] as const;
export type ResetCause = (typeof resetCauses)[number];

/** One value of a note that this version has no field for. */
export type LeftoverValue = {
  readonly noteId: NoteId;
  readonly title: string;
  readonly field: string;
  readonly value: Plain;
};

export type RecoveryReport = {
  readonly version: 1;
  readonly resetId: string;
  readonly cause: ResetCause;
  readonly strategy: StrategyName;
  /** The strategy that was chosen, where another had to be carried out. */
  readonly insteadOf?: StrategyName;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly rolledBack: boolean;
  /** File name of the safety copy inside the backups folder. */
  readonly backupName: string;
  readonly notesFromServer: number;
  readonly changesRestored: number;
  readonly items: readonly ReportItem[];
  /** Notes whose write did not stay on the server, found by reading again after the upload. */
  readonly failed: readonly NoteId[];
  /** What the safety copy holds that this version has no place for, and the file beside the report that keeps it. */
  readonly leftovers?: {
    readonly file: string;
    readonly notes: number;
    readonly fields: readonly string[];
    readonly classes: readonly string[];
    /** Each value with its note; absent in reports of earlier versions, whose file has them. */
    readonly values?: readonly LeftoverValue[];
    /** Each object of a class that this version does not know, with all of its fields. */
    readonly objects?: readonly { readonly className: string; readonly object: Plain }[];
  };
  readonly confirmed: boolean;
  /** When it was confirmed: the safety copy's thirty days begin. */
  readonly confirmedAtMs?: number;
  /** When the whole recovery was taken back, if it was. */
  readonly undoneAtMs?: number;
};
