// What the status bar says, from what is known. Pure.

import type { SyncStatus } from "../../shared/ipc-contract";
import type { Connection } from "../realm/note-realm";

export type SyncFacts = {
  readonly signedIn: boolean;
  readonly opened: boolean;
  readonly connection: Connection;
  readonly offlineByChoice: boolean;
  /** A reset was found: this file will not sync any more. */
  readonly resetFound: boolean;
  readonly problem: string | null;
  /** Since when syncing has stopped for the problem; null where it has not. */
  readonly stoppedAtMs: number | null;
  readonly pending: number;
  readonly transferring: boolean;
  readonly provedAtMs: number | null;
};

export function syncStatus(facts: SyncFacts): SyncStatus {
  const { pending } = facts;
  if (!facts.signedIn) return { kind: "signed-out" };
  if (facts.resetFound) return { kind: "paused", pending };
  if (facts.problem !== null) {
    return { kind: "problem", message: facts.problem, stoppedAtMs: facts.stoppedAtMs, pending };
  }
  if (!facts.opened) return { kind: "starting" };
  if (facts.offlineByChoice) return { kind: "offline", pending, byChoice: true };
  if (facts.connection === "connecting") return { kind: "connecting", pending };
  if (facts.connection === "disconnected") return { kind: "offline", pending, byChoice: false };
  if (facts.transferring) return { kind: "syncing", pending };
  if (pending > 0) return { kind: "waiting", pending };
  return facts.provedAtMs === null
    ? { kind: "syncing", pending }
    : { kind: "synced", atMs: facts.provedAtMs };
}
