/**
 * The realm files of clients, as the server knows them: giving each its ident, and deciding whether one that comes
 * back can go on where it stopped. One that cannot is told to reset, with the reason in plain words.
 */
import type { IdentMessage } from "../protocol/client-messages";
import { applicationBug, clientReset, errorCodes, type SessionError } from "../protocol/session-error";
import { isSightUnchanged } from "../rules/rules-in-effect";
import { randomSalt } from "../storage/salt";
import type { ClientFile, ViewPeriod } from "../storage/storage";
import { StorageTrouble } from "../storage/storage-trouble";
import { fieldsReadBy, parseView } from "../view/view";
import { minuteOf } from "../words";
import type { SyncContext } from "./context";
import { fallBack } from "./fall-back";
import { type ObjectName, tellAgain } from "./tell-again";

export type Identified =
  | {
      readonly kind: "ok";
      readonly file: ClientFile;
      /** The client has nothing yet and must be sent everything in its view. */
      readonly isEmpty: boolean;
      /** Later queries whose bootstrap broke off. The client may not be able to ask for them again. */
      readonly unanswered: UnansweredQuery | undefined;
    }
  | { readonly kind: "refused"; readonly error: SessionError };

export type UnansweredQuery = {
  readonly queryVersion: number;
  readonly queryBody: string;
  readonly brokenOff: readonly number[];
};

export function registerClientFile(context: SyncContext, userId: string): ClientFile {
  const { storage } = context;
  return storage.transaction(() => {
    const file: ClientFile = {
      ident: storage.nextFileIdent(),
      salt: randomSalt(),
      userId,
      uploadClientVersion: 0,
      uploadServerVersion: 0,
      lastEntryClientVersion: 0,
      confirmedServerVersion: 0,
      views: [],
      lastSeenAtMs: context.options.nowMs(),
    };
    storage.putClientFile(file);
    return file;
  });
}

export function identifyClientFile(context: SyncContext, message: IdentMessage, userId: string): Identified {
  const { storage } = context;
  const file = storage.clientFile(message.fileIdent);
  if (!file || String(file.salt) !== message.fileIdentSalt) {
    return refused(
      clientReset(
        errorCodes.badClientFileIdent,
        `The server does not know this device's copy${why(context)}.`,
      ),
    );
  }
  if (file.userId !== userId) {
    return refused(applicationBug(errorCodes.userMismatch, "This copy was made for another user."));
  }
  if (file.resetReason !== undefined) {
    return refused(clientReset(errorCodes.badClientFile, file.resetReason));
  }
  return checkProgress(context, message, file) ?? resume(context, message, file);
}

function checkProgress(
  context: SyncContext,
  message: IdentMessage,
  file: ClientFile,
): Identified | undefined {
  const { storage } = context;
  const head = storage.head();
  const { downloadServerVersion: downloaded, latestServerVersion: latest } = message;
  // What a client writes after such a step back has numbers that the server knows already, and would be passed over.
  if (downloaded < file.confirmedServerVersion) {
    const message =
      "This device's copy is older than it was when it last synced: it was put back from a backup, or another copy of it is in use.";
    return refused(clientReset(errorCodes.divergingHistories, message));
  }
  if (downloaded === 0) return undefined;
  if (latest > head.version || downloaded > latest) {
    const message = `This device has seen changes that the server does not have${why(context)}.`;
    return refused(clientReset(errorCodes.badServerVersion, message));
  }
  if (downloaded < storage.historyBase().version) {
    const message = "This device was offline for longer than the server keeps its history.";
    return refused(clientReset(errorCodes.clientFileExpired, message));
  }
  // The salt of the base is known as well, so nothing at or above the base is without one.
  if (String(storage.versionSalt(latest)) !== message.latestServerVersionSalt) {
    const message = `This device and the server remember different histories${why(context)}.`;
    return refused(clientReset(errorCodes.divergingHistories, message));
  }
  if (message.downloadClientVersion > file.lastEntryClientVersion) {
    const message = `The server lacks changes that it once received from this device${why(context)}.`;
    return refused(clientReset(errorCodes.badClientVersion, message));
  }
  return undefined;
}

function resume(context: SyncContext, message: IdentMessage, file: ClientFile): Identified {
  const { storage } = context;
  const { downloadServerVersion: downloaded, queryVersion, queryBody } = message;
  const isEmpty = downloaded === 0;
  const changed = isEmpty ? undefined : sightChange(context, file);
  if (changed) return changed;
  const known = file.views.findLastIndex(
    (period) => period.queryVersion === queryVersion && period.queryBody === queryBody,
  );
  let views: readonly ViewPeriod[];
  let unanswered: UnansweredQuery | undefined;
  let seenOtherwise: ReadonlyMap<string, ObjectName> = new Map();
  if (!isEmpty && known >= 0) {
    // The version of a bootstrap reaches the client with the whole of it.
    const reached = file.views.findLastIndex(
      (period, index) => index === known || (index > known && period.fromVersion <= downloaded),
    );
    unanswered = unansweredQuery(file.views.slice(reached + 1));
    ({ views, seenOtherwise } = fallBack(context, file, reached, downloaded));
  } else {
    const parsed = parseView(queryBody, storage.schema(), context.permissions(file.userId));
    if (parsed.kind === "bad") return refused(applicationBug(errorCodes.badQuery, parsed.message));
    if (!isEmpty) {
      const recorded = storage.queryableFields();
      for (const [className, fields] of fieldsReadBy(parsed.view)) {
        for (const field of fields) {
          if (context.isAlwaysRecorded(className, field)) continue;
          const since = recorded.get(className)?.get(field);
          if (since === undefined || since > downloaded) {
            const text = `The server cannot tell what this device has seen${why(context)}.`;
            return refused(clientReset(errorCodes.divergingHistories, text));
          }
        }
      }
    }
    // A client that brings queries unknown here got them through a reset of its own: it has what it says it has.
    const fromVersion = isEmpty ? storage.head().version : downloaded;
    views = [{ fromVersion, queryVersion, queryBody, rules: context.rules.number }];
  }
  const seen: ClientFile = {
    ...file,
    views,
    confirmedServerVersion: downloaded,
    lastSeenAtMs: context.options.nowMs(),
  };
  remember(context, file, seen, seenOtherwise);
  return { kind: "ok", file: seen, isEmpty, unanswered };
}

/** A full disk does not keep a device from hearing what others did, as long as there is nothing to note about it. */
function remember(
  context: SyncContext,
  former: ClientFile,
  seen: ClientFile,
  seenOtherwise: ReadonlyMap<string, ObjectName>,
): void {
  const { storage } = context;
  try {
    context.transaction(() => {
      storage.putClientFile(seen);
      const earliest = Math.max(seen.uploadServerVersion, seen.views[0]?.fromVersion ?? 0);
      tellAgain(context, seen.ident, seenOtherwise, Math.max(earliest, storage.historyBase().version));
    });
  } catch (error) {
    const isFull = error instanceof StorageTrouble && error.kind === "full";
    if (!isFull || JSON.stringify(former.views) !== JSON.stringify(seen.views)) throw error;
  }
}

/** What a client confirms while it has nothing to upload is noted when it goes: a write for each would be one too many. */
export function noteConfirmed(context: SyncContext, { ident, confirmedServerVersion }: ClientFile): void {
  const { storage } = context;
  const file = storage.clientFile(ident);
  if (!file || file.confirmedServerVersion >= confirmedServerVersion) return;
  context.transaction(() => storage.putClientFile({ ...file, confirmedServerVersion }));
}

function unansweredQuery(later: readonly ViewPeriod[]): UnansweredQuery | undefined {
  const last = later.at(-1);
  if (!last) return undefined;
  const { queryVersion, queryBody } = last;
  // Parts of the bootstraps of other queries are dropped by the client.
  const attempts = later.filter((period) => period.queryVersion === queryVersion);
  const brokenOff = attempts.flatMap((period) => [...(period.brokenOff ?? []), period.fromVersion]);
  return { queryVersion, queryBody, brokenOff };
}

/** What a client has got through former rules cannot be told from what it may have: it starts anew. */
function sightChange(context: SyncContext, file: ClientFile): Identified | undefined {
  const user = context.user(file.userId);
  if (file.views.every((period) => isSightUnchanged(context.storage, user, period))) return undefined;
  const since = minuteOf(context.rules.sinceMs);
  const message = `What this user may see was changed on the server on ${since}.`;
  return refused(clientReset(errorCodes.permissionsChanged, message));
}

/** What an operator did that explains it, if anything. */
function why(context: SyncContext): string {
  const incident = context.storage.setting("incident");
  return incident === undefined ? "" : `: ${incident}`;
}

function refused(error: SessionError): Identified {
  return { kind: "refused", error };
}
