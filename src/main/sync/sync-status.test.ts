import { describe, expect, it } from "vitest";
import type { SyncStatus } from "../../shared/ipc-contract";
import { type SyncFacts, syncStatus } from "./sync-status";

const calm: SyncFacts = {
  signedIn: true,
  opened: true,
  connection: "connected",
  offlineByChoice: false,
  resetFound: false,
  problem: null,
  stoppedAtMs: null,
  pending: 0,
  transferring: false,
  provedAtMs: 5,
};

describe("syncStatus", () => {
  it.each<[string, Partial<SyncFacts>, SyncStatus]>([
    ["everything proved", {}, { kind: "synced", atMs: 5 }],
    ["nothing proved yet", { provedAtMs: null }, { kind: "syncing", pending: 0 }],
    ["changes wait", { pending: 2 }, { kind: "waiting", pending: 2 }],
    ["changes are on their way", { pending: 2, transferring: true }, { kind: "syncing", pending: 2 }],
    [
      "the server is being called",
      { connection: "connecting", pending: 2 },
      { kind: "connecting", pending: 2 },
    ],
    ["no server", { connection: "disconnected" }, { kind: "offline", pending: 0, byChoice: false }],
    [
      "offline by choice, whatever the connection does",
      { connection: "connecting", offlineByChoice: true },
      { kind: "offline", pending: 0, byChoice: true },
    ],
    ["a reset", { resetFound: true, problem: "x", pending: 1 }, { kind: "paused", pending: 1 }],
    [
      "a problem, with a server or without",
      { connection: "disconnected", problem: "x", stoppedAtMs: 3 },
      { kind: "problem", message: "x", stoppedAtMs: 3, pending: 0 },
    ],
  ])("says of '%s' what is true", (_, facts, status) => {
    expect(syncStatus({ ...calm, ...facts })).toEqual(status);
  });
});
