// What Realm throws and rejects with: errors, plain objects with a message, and plain strings. One reading of all.

/** A sentence from whatever was thrown. */
export function describeError(error: unknown): string {
  if (typeof error === "string") return error;
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}

const noRoom = /No space left|File too large|quota exceeded/i;

/** A full disk, or what somebody may use of it: told by the system, or by Realm in the system's words. */
export function isDiskFull(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(code) || noRoom.test(describeError(error));
}

/** For the person in front of it: what to do about a full disk; anything else in the words that it came with. */
export function explainFailure(error: unknown): string {
  return isDiskFull(error) ? "The disk is full. Free some room, then try again." : describeError(error);
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
