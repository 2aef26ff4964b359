/** What an operator does to a store, running or not: look, check, terminate sync and enable it again. */
import { encodeChangeset, type SchemaInstruction } from "../changeset";
import { errorCodes, type SessionError } from "../protocol/session-error";
import { randomSalt } from "../storage/salt";
import type { Storage } from "../storage/storage";
import { minuteOf } from "../words";

export type StoreStatus = {
  readonly version: number;
  readonly oldestVersion: number;
  readonly objects: number;
  readonly clientFiles: number;
  readonly classes: readonly string[];
  readonly isSyncEnabled: boolean;
  /** What was last done to this store that clients had to be told. */
  readonly incident?: string;
};

export function statusOf(storage: Storage): StoreStatus {
  const incident = storage.setting("incident");
  return {
    version: storage.head().version,
    oldestVersion: storage.historyBase().version + 1,
    objects: storage.objectCount(),
    clientFiles: storage.clientFileCount(),
    classes: [...storage.schema().keys()],
    isSyncEnabled: isSyncEnabled(storage),
    ...(incident !== undefined && { incident }),
  };
}

export function isSyncEnabled(storage: Storage): boolean {
  return storage.setting("sync") !== "terminated";
}

export const syncIsTerminated: SessionError = {
  code: errorCodes.otherSessionError,
  action: "Transient",
  message: "Synchronisation is switched off on the server.",
};

/** Switches sync off. Once it is enabled again, every client must reset. */
export function terminateSync(storage: Storage, nowMs: number): void {
  storage.transaction(() => {
    storage.setSetting("sync", "terminated");
    forgetClients(storage, `sync was terminated on ${minuteOf(nowMs)} and enabled again`, nowMs);
  });
}

/**
 * Forgets every client file and all history; objects, accounts and schema stay. To be called in a transaction.
 *
 * @param incident why, in words for the people who will have to reset
 */
export function forgetClients(storage: Storage, incident: string, nowMs: number): void {
  storage.setSetting("incident", incident);
  storage.deleteAllClientFiles();
  // An entry of its own, so that no client's last version can have the salt of the new base.
  const version = appendServerEntry(storage, [], nowMs);
  storage.trimHistory(version);
}

/** An entry of the server's own that touches no object. To be called in a transaction. Answers its version. */
export function appendServerEntry(
  storage: Storage,
  instructions: readonly SchemaInstruction[],
  nowMs: number,
): number {
  const version = storage.head().version + 1;
  storage.appendHistory({
    version,
    salt: randomSalt(),
    originFileIdent: 1,
    originClientVersion: 0,
    originTimestampMs: 0,
    storedAtMs: nowMs,
    changeset: encodeChangeset(instructions),
    touched: [],
  });
  return version;
}

/**
 * Forgets history older than the longest time a client may be offline. One that comes back later must reset. Answers
 * how many versions were forgotten.
 */
export function trimToMaxOffline(storage: Storage, maxOfflineMs: number, nowMs: number): number {
  const base = storage.historyBase().version;
  const version = storage.newestVersionBefore(nowMs - maxOfflineMs);
  if (version === undefined || version <= base) return 0;
  storage.transaction(() => storage.trimHistory(version));
  return version - base;
}

export function enableSync(storage: Storage): void {
  storage.transaction(() => storage.setSetting("sync", "enabled"));
}
