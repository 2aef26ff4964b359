/**
 * The errors a session can end with, as the client understands them: a code it knows, an action that decides what
 * it does, and words for people. The action matters, the code hardly: see docs/protocol.md.
 *
 * `DeleteRealm` is left out on purpose: it makes the client delete its file without a backup.
 */
import type { PrimaryKey } from "../changeset";

export const errorCodes = {
  /** Connection level: only with session 0. */
  badSyntax: 103,
  otherSessionError: 201,
  badClientFileIdent: 208,
  badServerVersion: 209,
  badClientVersion: 210,
  divergingHistories: 211,
  badChangeset: 212,
  badClientFile: 217,
  clientFileExpired: 222,
  userMismatch: 223,
  tooManySessions: 224,
  invalidSchemaChange: 225,
  badQuery: 226,
  permissionsChanged: 228,
  compensatingWrite: 231,
} as const;

export type ErrorCode = (typeof errorCodes)[keyof typeof errorCodes];

export type ErrorAction =
  /** The client keeps a backup of its file and starts afresh. */
  | "ClientReset"
  /** Synchronisation of this file stops until the app opens it again. */
  | "ApplicationBug"
  | "ProtocolViolation"
  /** The session goes on. */
  | "Warning"
  /** The client tries again by itself. */
  | "Transient";

export type RejectedUpdate = { readonly table: string; readonly pk: PrimaryKey; readonly reason: string };

export type SessionError = {
  readonly code: ErrorCode;
  readonly action: ErrorAction;
  /** Shown to people: plain words, no note contents. */
  readonly message: string;
  readonly rejectedUpdates?: readonly RejectedUpdate[];
};

export function clientReset(code: ErrorCode, message: string): SessionError {
  return { code, action: "ClientReset", message };
}

export function protocolViolation(message: string): SessionError {
  return { code: errorCodes.otherSessionError, action: "ProtocolViolation", message };
}

export function applicationBug(code: ErrorCode, message: string): SessionError {
  return { code, action: "ApplicationBug", message };
}

export function tryAgainLater(message: string): SessionError {
  return { code: errorCodes.otherSessionError, action: "Transient", message };
}
