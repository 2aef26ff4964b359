// What a headless client and its parent say to each other.

import type { InvokeChannel } from "../shared/ipc-contract";

/** Asks the parent to start the client again: the restart of the recovery flow. */
export const restartExitCode = 75;

export type ClientRequest = {
  readonly id: number;
  /** `close` ends the client in good order; `simulate-error` makes errors that no server would send. */
  readonly channel: InvokeChannel | "close" | "simulate-error";
  readonly args?: unknown;
};

export type ClientMessage =
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  /** The text of a note that was read came by another hand. */
  | { readonly kind: "text"; readonly noteId: string; readonly text: string }
  | { readonly kind: "state"; readonly state: unknown; readonly resetState: string };
