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
  /** Realm has carried the order out: the live file is a new one, and the copy stays the only source. */
  readonly moved: boolean;
  /** How often a reset arrived while this one was being recovered from. */
  readonly resetsDuring: number;
};

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
  /** Realm carries the stored order out: the old file is moved away. */
  | ({ readonly kind: "resetting" } & Held)
  | ({ readonly kind: "downloading" } & Held)
  | ({ readonly kind: "planning" } & Held)
  | ({ readonly kind: "reviewing" } & Held)
  | ({ readonly kind: "applying" } & Held)
  | ({ readonly kind: "checking" } & Held)
  | ({ readonly kind: "uploading" } & Held)
  | ({ readonly kind: "reporting" } & Held)
  | ({ readonly kind: "stopped"; readonly message: string } & Held);

export type ResetStateKind = ResetState["kind"];

export type ResetEvent =
  | { readonly kind: "reset-found"; readonly facts: ResetFacts }
  | { readonly kind: "copy-made"; readonly copy: BackupRef }
  | { readonly kind: "copy-failed"; readonly message: string; readonly bytesNeeded: number | null }
  | { readonly kind: "postpone" }
  | { readonly kind: "restart" }
  | { readonly kind: "process-started" }
  | { readonly kind: "file-moved" }
  | { readonly kind: "downloaded" }
  | { readonly kind: "planned"; readonly needsReview: boolean }
  | { readonly kind: "plan-accepted" }
  | { readonly kind: "applied" }
  | { readonly kind: "checked" }
  | { readonly kind: "uploaded" }
  | { readonly kind: "reported" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "try-again" };

/** After so many resets during one recovery it stops, with everything readable, instead of going round for ever. */
export const maxResetsDuringRecovery = 3;

/** Total: an event that means nothing in a state leaves it as it is. */
export function next(state: ResetState, event: ResetEvent): ResetState {
  if (event.kind === "reset-found") return onResetFound(state, event.facts);
  if (event.kind === "process-started") return onProcessStarted(state);
  if (event.kind === "failed") return onFailed(state, event.message);
  switch (state.kind) {
    case "idle":
      return state;
    case "protecting":
      if (event.kind === "copy-made") return { kind: "prompting", facts: state.facts, copy: event.copy };
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
      return state;
    case "securing":
      if (event.kind === "copy-made") return { kind: "resetting", facts: state.facts, copy: event.copy };
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
      if (event.kind !== "try-again") return state;
      return { kind: "restarting", facts: { ...state.facts, resetsDuring: 0 }, copy: state.copy };
  }
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
      // Everything that recovery has written since comes from the copy, so the copy stays the source.
      const resetsDuring = state.facts.resetsDuring + 1;
      const held = { facts: { ...state.facts, resetsDuring }, copy: state.copy };
      if (resetsDuring >= maxResetsDuringRecovery) {
        return { kind: "stopped", ...held, message: "The server asked for a new start again and again." };
      }
      return { kind: "restarting", ...held };
    }
  }
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
    case "resetting":
    case "downloading":
    case "planning":
    case "reviewing":
      return { kind: "resetting", facts: state.facts, copy: state.copy };
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
      return { kind: "stopped", facts: state.facts, copy: state.copy, message };
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
