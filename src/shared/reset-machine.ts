// The client reset and its recovery as a state machine: states, events, next(state, event). Nothing else: the
// record on disk, the copies and Realm itself are in src/main/reset, the words in the renderer.

import type { ResetCause } from "./recovery/plan-types";

/** A verified copy of the realm, made by Perennial itself: the folder's name inside the backups folder. */
export type BackupRef = { readonly name: string; readonly atMs: number; readonly notes: number };

/** What is known of a reset from the moment it is found, whatever its state. */
export type ResetFacts = {
  readonly resetId: string;
  readonly cause: ResetCause;
  /** The sync protocol's error code; 0 where none was given. */
  readonly code: number;
  readonly serverMessage: string;
  readonly userId: string;
  /** The realm file's generation that is being left behind; its journal is what recovery reads. */
  readonly generation: string;
  readonly originalPath: string;
  readonly foundAtMs: number;
  /** Who moves the old file away: Realm by an order it has stored, or Perennial, where nobody ordered it. */
  readonly order: "realm" | "own";
  /** The old file is away: the live file is a new one, and the copy stays the only source. */
  readonly moved: boolean;
  /** How many resets of this user's notes the last 24 hours have seen, this one included. */
  readonly resetsToday: number;
  /** How often the server refused an upload of the recovery as too large, which is answered by less at a time. */
  readonly halvings: number;
};

/**
 * How the old file gets out of the way: by a restart of the app, or at once, where every realm is proved closed. What
 * cannot be proved is left to a restart all the same.
 */
export const resetWays = ["restart", "immediate"] as const;
export type ResetWay = (typeof resetWays)[number];

type Held = { readonly facts: ResetFacts; readonly copy: BackupRef };

export type ResetState =
  | { readonly kind: "idle" }
  | { readonly kind: "protecting"; readonly facts: ResetFacts }
  | {
      readonly kind: "copy-failed";
      readonly facts: ResetFacts;
      readonly message: string;
      readonly bytesNeeded: number | null;
    }
  | ({ readonly kind: "prompting" } & Held)
  | ({ readonly kind: "postponed" } & Held)
  | ({ readonly kind: "restarting" } & Held)
  /** After a start, before Realm may touch the file: a second copy, with what was typed since the first. */
  | { readonly kind: "securing"; readonly facts: ResetFacts; readonly copy: BackupRef | null }
  /** The file in the notes' place has to go: Realm carries out the order it has stored, or Perennial moves it. */
  | ({ readonly kind: "resetting" } & Held)
  | ({ readonly kind: "downloading" } & Held)
  | ({ readonly kind: "planning" } & Held)
  | ({ readonly kind: "reviewing" } & Held)
  | ({ readonly kind: "applying" } & Held)
  | ({ readonly kind: "checking" } & Held)
  | ({ readonly kind: "uploading" } & Held)
  | ({ readonly kind: "reporting" } & Held)
  /** Nothing is touched and everything can be read, until somebody says 'try again'. */
  | ({ readonly kind: "stopped"; readonly why: StopReason; readonly message: string } & Held);

/** What a reset goes through where nothing comes in between, in that order. */
export const statesBeforeRestart = [
  "protecting",
  "prompting",
  "restarting",
] as const satisfies readonly ResetState["kind"][];
export const statesAfterRestart = [
  "securing",
  "resetting",
  "downloading",
  "planning",
  "applying",
  "checking",
  "uploading",
  "reporting",
] as const satisfies readonly ResetState["kind"][];

export const stopReasons = ["failed", "too-many-resets", "cancelled"] as const;
export type StopReason = (typeof stopReasons)[number];

/** The reset while it is in that state. */
export type InState<K extends ResetState["kind"]> = Extract<ResetState, { kind: K }>;

export type ResetEvent =
  | { readonly kind: "reset-found"; readonly facts: ResetFacts }
  | { readonly kind: "copy-made"; readonly copy: BackupRef }
  | { readonly kind: "copy-failed"; readonly message: string; readonly bytesNeeded: number | null }
  | { readonly kind: "postpone" }
  | { readonly kind: "restart" }
  | { readonly kind: "process-started" }
  /** Every realm of this process is proved closed: what a restart would do can be done here. */
  | { readonly kind: "realms-closed" }
  | { readonly kind: "file-moved" }
  | { readonly kind: "downloaded" }
  | { readonly kind: "planned"; readonly needsReview: boolean }
  | { readonly kind: "plan-accepted" }
  | { readonly kind: "plan-cancelled" }
  | { readonly kind: "applied" }
  | { readonly kind: "checked" }
  | { readonly kind: "uploaded" }
  | { readonly kind: "reported" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "try-again" };

/** The last of so many resets in 24 hours stops, with everything readable, instead of going round for ever. */
export const maxResetsADay = 3;

/** Ten times leave one note a batch; after that each leaves out the largest note, which no message can hold. */
export const maxHalvings = 24;

/**
 * A refused upload during recovery is answered by smaller batches and counts as no reset, as long as they can become
 * smaller; a rebuild was asked for by the person. A reset that is under way counts once, however often it is told.
 */
export function countsAsReset(state: ResetState, facts: ResetFacts): boolean {
  if (state.kind === "idle") return facts.cause !== "asked-for";
  return isPastTheFile(state) && !isHalvedBy(state, facts);
}

/** Whoever insists where a recovery has stopped is given a whole day's tries again. */
export function beginsDayAnew(state: ResetState, event: ResetEvent): boolean {
  return state.kind === "stopped" && event.kind === "try-again";
}

type PastTheFile = Extract<
  ResetState,
  {
    kind:
      | "resetting"
      | "downloading"
      | "planning"
      | "reviewing"
      | "applying"
      | "checking"
      | "uploading"
      | "reporting";
  }
>;

function isPastTheFile(state: ResetState): state is PastTheFile {
  return isRecovering(state) && state.kind !== "securing";
}

function isHalvedBy(state: PastTheFile, facts: ResetFacts): boolean {
  return facts.cause === "upload-too-large" && state.facts.halvings < maxHalvings;
}

/** Total: an event that means nothing in a state leaves it as it is. */
export function next(state: ResetState, event: ResetEvent): ResetState {
  if (event.kind === "reset-found") return onResetFound(state, event.facts);
  if (event.kind === "process-started") return onProcessStarted(state);
  if (event.kind === "failed") return onFailed(state, event.message);
  switch (state.kind) {
    case "idle":
      return state;
    case "protecting":
      if (event.kind === "copy-made") return onProtected(state.facts, event.copy);
      if (event.kind === "copy-failed") return copyFailed(state.facts, event);
      return state;
    case "copy-failed":
      return event.kind === "try-again" ? { kind: "protecting", facts: state.facts } : state;
    case "prompting":
      if (event.kind === "postpone") return { ...state, kind: "postponed" };
      return event.kind === "restart" ? { ...state, kind: "restarting" } : state;
    case "postponed":
      return event.kind === "restart" ? { ...state, kind: "restarting" } : state;
    case "restarting":
      return event.kind === "realms-closed"
        ? { kind: "securing", facts: state.facts, copy: state.copy }
        : state;
    case "securing":
      if (event.kind === "copy-made") {
        return isOneTooMany(state.facts)
          ? tooMany(state.facts, event.copy)
          : { kind: "resetting", facts: state.facts, copy: event.copy };
      }
      if (event.kind === "copy-failed") return copyFailed(state.facts, event);
      return state;
    case "resetting":
      if (event.kind !== "file-moved") return state;
      return { kind: "downloading", facts: { ...state.facts, moved: true }, copy: state.copy };
    case "downloading":
      return event.kind === "downloaded" ? { ...state, kind: "planning" } : state;
    case "planning":
      if (event.kind !== "planned") return state;
      return { ...state, kind: event.needsReview ? "reviewing" : "applying" };
    case "reviewing":
      if (event.kind === "plan-cancelled")
        return { ...state, kind: "stopped", why: "cancelled", message: "" };
      return event.kind === "plan-accepted" ? { ...state, kind: "applying" } : state;
    case "applying":
      return event.kind === "applied" ? { ...state, kind: "checking" } : state;
    case "checking":
      return event.kind === "checked" ? { ...state, kind: "uploading" } : state;
    case "uploading":
      return event.kind === "uploaded" ? { ...state, kind: "reporting" } : state;
    case "reporting":
      return event.kind === "reported" ? { kind: "idle" } : state;
    case "stopped":
      if (!beginsDayAnew(state, event)) return state;
      return { kind: "restarting", facts: { ...state.facts, resetsToday: 0 }, copy: state.copy };
  }
}

/** Who asked for a fresh copy has said yes to the restart already. */
function onProtected(facts: ResetFacts, copy: BackupRef): ResetState {
  if (isOneTooMany(facts)) return tooMany(facts, copy);
  return { kind: facts.cause === "asked-for" ? "restarting" : "prompting", facts, copy };
}

function isOneTooMany(facts: ResetFacts): boolean {
  return facts.resetsToday >= maxResetsADay;
}

function tooMany(facts: ResetFacts, copy: BackupRef): ResetState {
  return { kind: "stopped", why: "too-many-resets", message: "", facts, copy };
}

function copyFailed(facts: ResetFacts, event: Extract<ResetEvent, { kind: "copy-failed" }>): ResetState {
  return { kind: "copy-failed", facts, message: event.message, bytesNeeded: event.bytesNeeded };
}

function onResetFound(state: ResetState, facts: ResetFacts): ResetState {
  switch (state.kind) {
    case "idle":
      return { kind: "protecting", facts };
    case "protecting":
    case "copy-failed":
    case "prompting":
    case "postponed":
    case "restarting":
      // The same file, a newer order: the first reset's identity stays, and so does any copy already made.
      return state;
    case "securing":
    case "stopped":
      return state;
    case "resetting":
    case "downloading":
    case "planning":
    case "reviewing":
    case "applying":
    case "checking":
    case "uploading":
    case "reporting": {
      // Everything that recovery has written since comes from the copy, so the copy stays the source. A file that
      // only Perennial wanted away is Realm's to move, once Realm has an order for the one in its place.
      const halvings = state.facts.halvings + (isHalvedBy(state, facts) ? 1 : 0);
      const again = {
        ...state.facts,
        ...toldOf(facts),
        halvings,
        order: facts.order,
        resetsToday: facts.resetsToday,
      };
      return isOneTooMany(again) && !isHalvedBy(state, facts)
        ? tooMany(again, state.copy)
        : { kind: "restarting", facts: again, copy: state.copy };
    }
  }
}

/** That the server went back in time holds for the whole recovery, whichever of its resets said so. */
function toldOf({ cause, code, serverMessage }: ResetFacts): Partial<ResetFacts> {
  return cause === "restored" ? { cause, code, serverMessage } : {};
}

function onProcessStarted(state: ResetState): ResetState {
  switch (state.kind) {
    case "idle":
    case "stopped":
      return state;
    case "protecting":
    case "copy-failed":
      return { kind: "securing", facts: state.facts, copy: null };
    case "prompting":
    case "postponed":
    case "restarting":
    case "securing":
      return { kind: "securing", facts: state.facts, copy: state.copy };
    case "downloading":
    case "planning":
    case "reviewing":
      return { kind: "downloading", facts: state.facts, copy: state.copy };
    case "resetting":
    case "applying":
    case "checking":
    case "uploading":
    case "reporting":
      return state;
  }
}

function onFailed(state: ResetState, message: string): ResetState {
  switch (state.kind) {
    case "resetting":
    case "downloading":
    case "planning":
    case "reviewing":
    case "applying":
    case "checking":
    case "uploading":
    case "reporting":
      return { kind: "stopped", why: "failed", facts: state.facts, copy: state.copy, message };
    case "idle":
    case "protecting":
    case "copy-failed":
    case "prompting":
    case "postponed":
    case "restarting":
    case "securing":
    case "stopped":
      return state;
  }
}

/** States in which recovery runs after a restart and no notes can be written by the user. */
export function isRecovering(state: ResetState): boolean {
  switch (state.kind) {
    case "securing":
    case "resetting":
    case "downloading":
    case "planning":
    case "reviewing":
    case "applying":
    case "checking":
    case "uploading":
    case "reporting":
      return true;
    default:
      return false;
  }
}
