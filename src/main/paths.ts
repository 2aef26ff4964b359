// Where everything lies below the data folder, and whether it is sealed. One place, so that README and code say the same.

import { join } from "node:path";
import { plainSealing, type Sealing } from "./sealed-file";

export type DataPaths = ReturnType<typeof dataPaths>;

/** The App Services id that realms and log-ins are kept under; the embedded server answers to it. */
export const appId = "perennial";

/** Where Realm keeps the notes of a user, below its working directory. */
export function realmFileOf(userId: string): string {
  return join("mongodb-realm", appId, userId, "flx_sync_default.realm");
}

export function dataPaths(dataDir: string, sealing: Sealing = plainSealing) {
  const local = join(dataDir, "local");
  return {
    dataDir,
    sealing,
    /** Only where the folder is encrypted: which key, and the key as the key store has sealed it. */
    encryption: join(dataDir, "encryption.json"),
    mongodbRealm: join(dataDir, "mongodb-realm"),
    /** Realm puts its files below its working directory, so that has to be the data folder. */
    realmBase: join(dataDir, "mongodb-realm", appId),
    metadataRealm: join(dataDir, "mongodb-realm", appId, "server-utility", "metadata", "sync_metadata.realm"),
    recoveredRealms: join(dataDir, "mongodb-realm", appId, "recovered-realms"),
    local,
    lastSyncedRealm: join(local, "last-synced.realm"),
    journals: join(local, "journal"),
    seen: join(local, "seen"),
    /** By user: what a window has typed and nobody has answered yet. */
    typing: join(local, "typing"),
    resetRecord: join(local, "reset.json"),
    resetCount: join(local, "resets.json"),
    syncProblem: join(local, "sync-problem.json"),
    plan: join(local, "plan.json"),
    /** Only while a reset is under way: the notes as they were read before the restart, to be shown at once after it. */
    notesAsRead: join(local, "notes-as-read"),
    /** Only while a reset is under way: says that a fresh copy lies complete beside the notes, to go into their place. */
    fetchedAhead: join(local, "fetched-ahead.json"),
    /** The server that was named when the folder was made. */
    serverAddress: join(local, "server-address.json"),
    settings: join(dataDir, "settings.json"),
    backups: join(dataDir, "backups"),
    reports: join(dataDir, "reports"),
    log: join(dataDir, "logs", "perennial.log"),
    server: join(dataDir, "server"),
  } as const;
}
