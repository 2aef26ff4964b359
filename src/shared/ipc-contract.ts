// Every channel between renderer and main on one page: argument schema and result type. Main validates each
// call against it (src/main/ipc), the preload exposes it, the renderer is typed by it. No behaviour here.

import { z } from "zod";
import type { Kept } from "./backup-rules";
import type { EventName, InvokeName } from "./ipc-names";
import type { Note, NoteId } from "./note";
import { isNoteId } from "./note";
import type { Outcome, RecoveryReport, ReportItem, ResetCause, StrategyName } from "./recovery/plan-types";
import { strategyNames } from "./recovery/plan-types";
import { type ResetWay, resetWays, type StopReason } from "./reset-machine";

/** What the tree needs of a note: everything but its text. */
export type NoteRow = {
  readonly id: NoteId;
  readonly title: string;
  readonly isRoot: boolean;
  readonly parentId: NoteId | null;
  readonly orderKey: string;
  readonly deletedAtMs: number | null;
  readonly lastUpdatedMs: number | null;
  /** Only where the note has no parent of its own and a `children` list names it. */
  readonly adoptedBy: NoteId | null;
};

export type NotesChange =
  | { readonly kind: "all"; readonly rootId: NoteId; readonly rows: readonly NoteRow[] }
  | { readonly kind: "some"; readonly upserted: readonly NoteRow[]; readonly removed: readonly NoteId[] };

export type SyncStatus =
  | { readonly kind: "starting" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "synced"; readonly atMs: number }
  | { readonly kind: "syncing"; readonly pending: number }
  | { readonly kind: "waiting"; readonly pending: number }
  /** The server is being called and has not answered yet. */
  | { readonly kind: "connecting"; readonly pending: number }
  | { readonly kind: "offline"; readonly pending: number; readonly byChoice: boolean }
  | { readonly kind: "paused"; readonly pending: number }
  /** The server has ended the log-in. The notes stay open; `email`: whose they are, null without an account. */
  | {
      readonly kind: "ended";
      readonly email: string | null;
      readonly message: string;
      readonly pending: number;
    }
  | {
      readonly kind: "problem";
      readonly message: string;
      /** Since when nothing syncs any more; a fresh copy can then be asked for. Null: syncing may go on by itself. */
      readonly stoppedAtMs: number | null;
      readonly pending: number;
    };

export const recoverySteps = ["copy", "download", "apply", "check", "sync"] as const;
export type RecoveryStepName = (typeof recoverySteps)[number];

export type RecoveryProgress = {
  readonly steps: readonly {
    readonly name: RecoveryStepName;
    readonly state: "waiting" | "running" | "done";
    readonly done: number | null;
    readonly total: number | null;
  }[];
  readonly offline: boolean;
  /** No step has moved for ten seconds. */
  readonly slow: boolean;
};

/** What the reset flow shows, as recovery-ux tells it. */
export type ResetView =
  | { readonly kind: "none" }
  | { readonly kind: "protecting" }
  | {
      readonly kind: "copy-failed";
      readonly message: string;
      /** Bytes that have to be freed on the disk, where that is the reason. */
      readonly bytesNeeded: number | null;
    }
  | {
      readonly kind: "prompt";
      /** The fresh copy has been fetched already. */
      readonly isCopyHere: boolean;
      /** Changes that have not been synced yet; null while not counted. */
      readonly pending: number | null;
      readonly details: ResetDetails;
    }
  | { readonly kind: "postponed"; readonly pending: number | null; readonly details: ResetDetails }
  | { readonly kind: "restarting" }
  | { readonly kind: "recovering"; readonly progress: RecoveryProgress; readonly details: ResetDetails }
  | {
      /** The plan would change or remove unusually much: asked before anything is written. */
      readonly kind: "review";
      readonly preview: PlanPreview;
      readonly details: ResetDetails;
    }
  | {
      readonly kind: "stopped";
      readonly why: StopReason;
      readonly message: string;
      readonly details: ResetDetails;
    }
  | {
      readonly kind: "finished";
      readonly resetId: string;
      readonly counts: Readonly<Record<Outcome, number>>;
      readonly needsHelp: number;
      readonly changesRestored: number;
    };

export type ResetDetails = {
  readonly cause: ResetCause;
  /** The cause in one plain sentence. */
  readonly causeText: string;
  readonly referenceCode: string;
  readonly serverMessage: string;
  readonly backupPlace: string;
  readonly copyAtMs: number;
};

export type PlanPreview = {
  readonly reason: string;
  readonly notesOnServer: number;
  readonly notesHere: number;
  readonly toCreate: number;
  readonly toChange: number;
  readonly toTrash: number;
};

export type Account =
  | { readonly kind: "signed-out"; readonly server: string; readonly embedded: boolean }
  | {
      readonly kind: "signed-in";
      readonly server: string;
      readonly embedded: boolean;
      readonly email: string | null;
    };

export type AppState = {
  readonly version: string;
  readonly runtime: string;
  readonly account: Account;
  /** This start named another server than the one that the notes belong to: what that means, and what to do. */
  readonly otherServer: string | null;
  readonly sync: SyncStatus;
  /** When the oldest change was made that is not synced yet; for display. */
  readonly oldestPendingAtMs: number | null;
  readonly reset: ResetView;
  readonly audit: AuditView;
  /** Why there is no safety copy of the last two days, and from when the newest is; null: there is one. */
  readonly copyOverdue: { readonly message: string; readonly newestAtMs: number | null } | null;
  /** The safety copy that is shown in the place of the notes, by a person's wish. */
  readonly viewedCopy: { readonly name: string; readonly createdAtMs: number } | null;
  /** Notes can be read but not changed now (a reset was just found, or recovery stopped). */
  readonly readOnly: boolean;
  readonly importing: { readonly done: number; readonly total: number } | null;
  readonly canUndo: string | null;
  readonly canRedo: string | null;
};

/** What the continuous audit has to tell: notes that were gone from the server although nobody deleted them. */
export type AuditView = {
  /** So many are gone that a person has to say whether they are put back; null: nothing to ask. */
  readonly asks: number | null;
  /** What was put back last since the app was opened. */
  readonly mended: { readonly reportId: string; readonly notes: number } | null;
};

/** One safety copy on this computer. */
export type BackupRow = {
  readonly name: string;
  readonly why: string;
  readonly createdAtMs: number;
  readonly notes: number;
  readonly sizeBytes: number;
  /** The recovery whose report is about it. */
  readonly resetId: string | null;
  readonly kept: Kept;
};

export type ReportSummary = {
  readonly resetId: string;
  readonly finishedAtMs: number;
  readonly cause: ResetCause;
  readonly changesRestored: number;
  readonly needsHelp: number;
};

export type SettingsShown = {
  readonly recoveryStrategy: StrategyName;
  /** It was said on the command line and cannot be changed while this run lasts. */
  readonly isStrategyGiven: boolean;
  /** The plan of a recovery is shown before anything is written, however little it changes. */
  readonly reviewFirst: boolean;
  readonly resetWay: ResetWay;
  /** As with the strategy: said on the command line. */
  readonly isResetWayGiven: boolean;
};

export type Imported = {
  readonly notes: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
};

export type SearchHit = { readonly id: NoteId; readonly title: string; readonly excerpt: string };

/** What an invoke answers: the value, or an expected failure in words for the person in front of it. */
export type Answer<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "refused"; readonly message: string };

export const noteId = z.custom<NoteId>(isNoteId, "not a note id");
export const noteText = z.string().max(4_000_000);
const password = z.string().min(6).max(512);
const email = z.email().max(254);
const nothing = z.undefined().optional();

/** Where a note goes: under `parentId`, right after `afterId`, or first where that is null. */
export const target = z.strictObject({ parentId: noteId, afterId: noteId.nullable() });
export type Target = z.infer<typeof target>;

/** Text that was typed over `base`. */
export const keptTyping = z.strictObject({ id: noteId, base: noteText, text: noteText });
export type KeptTyping = z.infer<typeof keptTyping>;

/** One menu of the menu bar as the renderer's commands describe it; null is a separating line. */
const menu = z.strictObject({
  title: z.string().max(64),
  items: z
    .array(
      z
        .strictObject({
          /** Sent back by the `command` event when it is chosen. */
          command: z.string().max(64),
          title: z.string().max(128),
          /** In Electron's notation; the renderer handles the keys itself, so it is to be shown, not registered. */
          accelerator: z.string().max(64).nullable(),
          enabled: z.boolean(),
        })
        .nullable(),
    )
    .max(64),
});
export type MenuDescription = z.infer<typeof menu>;

function channel<Result>() {
  return <Args extends z.ZodType>(args: Args) => ({ args, result: undefined as unknown as Result });
}

export const invokeChannels = {
  "app:state": channel<AppState>()(nothing),
  /** The menu bar, sent at start and whenever a title or an `enabled` changes. */
  "app:menu": channel<null>()(z.array(menu).max(16)),
  /** Answers the command 'flush': every text that was waiting to be saved has been answered. */
  "app:flushed": channel<null>()(nothing),
  /** What a supporter needs, without a word of any note. Asks for a place where none is given; answers where it is. */
  "app:support-bundle": channel<string | null>()(z.strictObject({ to: z.string().max(4_096).nullable() })),
  "app:open-data-folder": channel<null>()(nothing),
  "account:sign-in": channel<null>()(z.strictObject({ email, password })),
  /** Where somebody writes without an account, it becomes theirs, with all their notes. */
  "account:register": channel<null>()(z.strictObject({ email, password })),
  "account:anonymous": channel<null>()(nothing),
  /** Refused while changes are not synced, unless a safety copy of them is to be kept here. */
  "account:sign-out": channel<null>()(z.strictObject({ keepCopy: z.boolean() }).optional()),
  "notes:all": channel<Extract<NotesChange, { kind: "all" }>>()(nothing),
  "notes:read": channel<Note>()(z.strictObject({ id: noteId })),
  "notes:create": channel<NoteId>()(z.strictObject({ target, text: noteText })),
  /** Answers the text as it stands now: `text`, merged with what came since `base` by another hand. */
  "notes:edit": channel<string>()(z.strictObject({ id: noteId, text: noteText, base: noteText })),
  /** What is typed and not answered yet, all of it, kept for the next window; empty: everything is answered. */
  "notes:keep-typing": channel<null>()(z.array(keptTyping).max(10_000)),
  /** What the last window left behind so, of whoever's notes are shown. */
  "notes:kept-typing": channel<readonly KeptTyping[]>()(nothing),
  "notes:rename": channel<null>()(z.strictObject({ id: noteId, title: z.string().max(10_240) })),
  "notes:move": channel<null>()(z.strictObject({ id: noteId, target })),
  "notes:indent": channel<null>()(z.strictObject({ id: noteId })),
  "notes:outdent": channel<null>()(z.strictObject({ id: noteId })),
  "notes:trash": channel<null>()(z.strictObject({ id: noteId })),
  "notes:restore": channel<null>()(z.strictObject({ id: noteId })),
  /** Answers how many notes were deleted for good. */
  "notes:empty-trash": channel<number>()(nothing),
  "notes:undo": channel<null>()(nothing),
  "notes:redo": channel<null>()(nothing),
  "notes:search": channel<readonly SearchHit[]>()(z.strictObject({ query: z.string().max(1_000) })),
  /** Asks for a folder where none is given; answers how many notes were made, and which files were left out and why. */
  "notes:import-folder": channel<Imported>()(z.strictObject({ folder: z.string().max(4_096).nullable() })),
  "notes:export": channel<number>()(z.strictObject({ folder: z.string().max(4_096).nullable() })),
  "sync:work-offline": channel<null>()(z.strictObject({ offline: z.boolean() })),
  /** Tries to sync again after it has stopped. */
  "sync:retry": channel<null>()(nothing),
  /** Makes a safety copy, gets a fresh copy from the server and puts the changes back, though no server asked for it. */
  "sync:rebuild": channel<null>()(nothing),
  "reset:restart": channel<null>()(nothing),
  "reset:later": channel<null>()(nothing),
  "reset:try-again": channel<null>()(nothing),
  "reset:read-only": channel<null>()(nothing),
  "reset:accept-plan": channel<null>()(nothing),
  /** The lines of the plan that waits to be looked at, a part of them. */
  "reset:plan-items": channel<{ total: number; items: readonly ReportItem[] }>()(
    z.strictObject({ from: z.number().int().min(0), count: z.number().int().min(1).max(500) }),
  ),
  /** Leaves everything as it is; the recovery can be tried again. */
  "reset:cancel-plan": channel<null>()(nothing),
  "reset:copy-details": channel<null>()(nothing),
  "settings:read": channel<SettingsShown>()(nothing),
  /** For the next recovery; one that is under way goes on as it was planned. */
  "settings:choose-review-first": channel<SettingsShown>()(z.strictObject({ reviewFirst: z.boolean() })),
  "settings:choose-reset-way": channel<SettingsShown>()(z.strictObject({ way: z.enum(resetWays) })),
  "settings:choose-strategy": channel<SettingsShown>()(z.strictObject({ strategy: z.enum(strategyNames) })),
  "audit:answer": channel<null>()(z.strictObject({ choice: z.enum(["put-back", "leave"]) })),
  "backups:list": channel<readonly BackupRow[]>()(nothing),
  "backups:make": channel<null>()(nothing),
  /** Shows the notes of a copy in the place of the notes, for reading. */
  "backups:open": channel<null>()(z.strictObject({ name: z.string().max(256) })),
  "backups:close": channel<null>()(nothing),
  /** Asks for a place where none is given; answers how many notes were written. */
  "backups:export": channel<number>()(
    z.strictObject({
      name: z.string().max(256),
      format: z.enum(["markdown", "json"]),
      to: z.string().max(4_096).nullable(),
    }),
  ),
  /** By hand, and for good. */
  "backups:delete": channel<null>()(z.strictObject({ name: z.string().max(256) })),
  "backups:reveal": channel<null>()(z.strictObject({ name: z.string().max(256) })),
  "reports:list": channel<readonly ReportSummary[]>()(nothing),
  "reports:read": channel<RecoveryReport>()(z.strictObject({ resetId: z.string().max(64) })),
  "reports:confirm": channel<null>()(z.strictObject({ resetId: z.string().max(64) })),
  "reports:save": channel<string | null>()(z.strictObject({ resetId: z.string().max(64) })),
  "reports:resolve": channel<null>()(
    z.strictObject({
      resetId: z.string().max(64),
      noteId,
      choice: z.enum(["mine", "theirs", "both", "restore", "delete", "keep", "undo"]),
    }),
  ),
  "reports:undo-all": channel<{ undone: number; left: readonly NoteId[] }>()(
    z.strictObject({ resetId: z.string().max(64) }),
  ),
} as const satisfies Record<InvokeName, unknown>;

export type InvokeChannel = keyof typeof invokeChannels;
export type InvokeArgs<C extends InvokeChannel> = z.infer<(typeof invokeChannels)[C]["args"]>;
export type InvokeResult<C extends InvokeChannel> = (typeof invokeChannels)[C]["result"];

/** Main to renderer: what each event carries. */
type EventPayloads = {
  "app:state": AppState;
  "notes:changed": NotesChange;
  /** The text of a note changed by another hand (sync, undo, recovery). */
  "notes:text": { readonly id: NoteId; readonly text: string };
  /**
   * A command chosen in the native menu, by the name it was described with; or 'flush' before the window goes:
   * save what is typed, then invoke `app:flushed`.
   */
  command: string;
};
/** Exactly the names of ipc-names.ts: one without a payload above does not compile. */
export type Events = { readonly [E in EventName]: EventPayloads[E] };

/** What the preload puts on `window.perennial`. */
export type PerennialBridge = {
  invoke<C extends InvokeChannel>(channel: C, args: InvokeArgs<C>): Promise<Answer<InvokeResult<C>>>;
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void;
};
