/**
 * Takes what a client uploads into the history; all of it in one transaction, so that an upload is either integrated and
 * durable, or has not happened. What takes long is done in slices, and only the transaction in one piece.
 */
import type { UploadedChangeset, UploadMessage } from "../protocol/client-messages";
import { protocolViolation, type SessionError } from "../protocol/session-error";
import type { ClientFile } from "../storage/storage";
import type { SyncContext } from "./context";
import { type IntegratedUpload, Integration } from "./integration";
import { Refusal } from "./refusal";
import { atOnce } from "./slices";
import { progressProblem } from "./upload-groups";

export type Integrated = IntegratedUpload | { readonly kind: "refused"; readonly error: SessionError };

/** @param sentVersion the newest server version this client can have heard of */
export function integrateUpload(
  context: SyncContext,
  file: ClientFile,
  message: UploadMessage,
  sentVersion: number,
): Integrated {
  const outcome = newsOf(file, message, sentVersion);
  if (outcome.kind !== "news") return outcome;
  const integration = new Integration(context, file);
  try {
    return refusable(() => context.transaction(() => atOnce(integration.run(message, outcome.changesets))));
  } finally {
    integration.close();
  }
}

/**
 * As `integrateUpload`, with pauses, for uploads that take long. Only what reads is done in slices; what writes is one
 * transaction at the end. If somebody else has written by then, all of it is done again, at once.
 */
export function* integrateInSlices(
  context: SyncContext,
  file: ClientFile,
  message: UploadMessage,
  sentVersion: number,
): Generator<void, Integrated> {
  const outcome = newsOf(file, message, sentVersion);
  if (outcome.kind !== "news") return outcome;
  const state = stateOf(context);
  const integration = new Integration(context, file);
  try {
    const work = integration.run(message, outcome.changesets);
    for (;;) {
      const read = refusable(() => work.next());
      if ("kind" in read) return read;
      if (read.done || read.value === "write") break;
      yield;
    }
    if (stateOf(context) === state) return refusable(() => context.transaction(() => atOnce(work)));
  } finally {
    integration.close();
  }
  return integrateUpload(context, file, message, sentVersion);
}

/** What an integration reads is as it was as long as this is. */
function stateOf({ storage, rules }: SyncContext): string {
  return JSON.stringify([storage.head(), storage.historyBase(), rules.number]);
}

type News = { readonly kind: "news"; readonly changesets: readonly UploadedChangeset[] };

function newsOf(file: ClientFile, message: UploadMessage, sentVersion: number): News | Integrated {
  const problem = progressProblem(file, message, sentVersion);
  if (problem !== undefined) return { kind: "refused", error: protocolViolation(`Upload: ${problem}.`) };
  // Repeated by a client that did not get the acknowledgement.
  const changesets = message.changesets.filter(
    ({ clientVersion }) => clientVersion > file.uploadClientVersion,
  );
  if (changesets.length > 0) return { kind: "news", changesets };
  const confirmedServerVersion = Math.max(file.confirmedServerVersion, message.progressServerVersion);
  const hasNews = message.changesets.length > 0;
  return { kind: "ok", file: { ...file, confirmedServerVersion }, hasNews, rejected: [] };
}

function refusable<T>(work: () => T): T | Extract<Integrated, { kind: "refused" }> {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", error: error.error };
    throw error;
  }
}
