// What Realm throws and rejects with: errors, plain objects with a message, and plain strings. One reading of all.

/** A sentence from whatever was thrown. */
export function describeError(error: unknown): string {
  if (typeof error === "string") return error;
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}

/** What the sync error callback is given; the shipped type declarations say otherwise. */
export type SyncProblem =
  | {
      readonly kind: "client-reset";
      readonly code: number;
      readonly message: string;
      readonly originalPath: string;
      readonly recoveryPath: string;
    }
  /** The server ordered the file to be deleted without a backup of Realm's. */
  | {
      readonly kind: "delete-realm";
      readonly code: number;
      readonly message: string;
      readonly originalPath: string;
    }
  | { readonly kind: "fatal"; readonly code: number; readonly message: string }
  | { readonly kind: "warning"; readonly code: number; readonly message: string };

export function readSyncError(error: unknown): SyncProblem {
  const record = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  const userInfo = (record.userInfo ?? {}) as Record<string, unknown>;
  const code = typeof record.code === "number" ? record.code : 0;
  const message = describeError(error);
  const originalPath = userInfo.ORIGINAL_FILE_PATH;
  const recoveryPath = userInfo.RECOVERY_FILE_PATH;
  if (typeof originalPath === "string" && originalPath !== "") {
    if (record.name === "ClientReset" || typeof recoveryPath === "string") {
      return { kind: "client-reset", code, message, originalPath, recoveryPath: String(recoveryPath ?? "") };
    }
    return { kind: "delete-realm", code, message, originalPath };
  }
  return record.isFatal === true ? { kind: "fatal", code, message } : { kind: "warning", code, message };
}
