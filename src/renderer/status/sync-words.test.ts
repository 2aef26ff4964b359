import { describe, expect, it } from "vitest";
import type { ResetView, SyncStatus } from "../../shared/ipc-contract";
import { nextLookMs, nextShownSync, pendingWords, syncWords } from "./sync-words";

const nowMs = Date.UTC(2026, 10, 21, 10, 44);
const calm: ResetView = { kind: "none" };

describe("syncWords", () => {
  it.each<[SyncStatus, string]>([
    [{ kind: "starting" }, "Starting…"],
    [{ kind: "signed-out" }, "Sign in to sync"],
    [{ kind: "synced", atMs: nowMs - 125_000 }, "Synced 2 minutes ago"],
    [{ kind: "syncing", pending: 0 }, "Syncing…"],
    [{ kind: "syncing", pending: 14 }, "Syncing 14 changes"],
    [{ kind: "waiting", pending: 3 }, "3 changes to sync"],
    [{ kind: "waiting", pending: 1 }, "1 change to sync"],
    [{ kind: "offline", pending: 3, byChoice: false }, "Offline · saved on this computer (3)"],
    [{ kind: "offline", pending: 0, byChoice: true }, "Working offline · saved on this computer"],
    [{ kind: "paused", pending: 2 }, "Syncing paused"],
    [
      { kind: "problem", message: "The password changed.", stoppedAtMs: null, pending: 2 },
      "Syncing has a problem",
    ],
    [
      { kind: "problem", message: "", stoppedAtMs: new Date(2026, 10, 21, 9, 5).getTime(), pending: 2 },
      "Not syncing since 21 Nov 2026, 09:05",
    ],
  ])("says of %j: %s", (sync, text) => {
    expect(syncWords(sync, calm, nowMs).text).toBe(text);
  });

  it("gives the exact time as the tooltip", () => {
    expect(syncWords({ kind: "synced", atMs: nowMs }, calm, nowMs).tooltip).toMatch(
      /^Synced 2[12] Nov 2026, \d\d:44$/,
    );
  });

  it("says that notes are being protected before anything else", () => {
    expect(syncWords({ kind: "synced", atMs: nowMs }, { kind: "protecting" }, nowMs).text).toBe(
      "Protecting your notes…",
    );
  });
});

describe("nextShownSync", () => {
  const synced: SyncStatus = { kind: "synced", atMs: nowMs };
  const syncing: SyncStatus = { kind: "syncing", pending: 2 };

  it("keeps the words before until syncing has lasted a second", () => {
    const before = nextShownSync(null, synced, nowMs);
    const soon = nextShownSync(before, syncing, nowMs + 10);
    const still = nextShownSync(soon, syncing, nowMs + 900);
    const then = nextShownSync(still, syncing, nowMs + 1_010);
    expect([soon.shown, still.shown, then.shown]).toEqual([synced, synced, syncing]);
    expect(nextLookMs(still, nowMs + 900)).toBe(110);
  });

  it("never shows syncing at all when it was over within the second", () => {
    const begun = nextShownSync(nextShownSync(null, synced, nowMs), syncing, nowMs + 10);
    const later: SyncStatus = { kind: "synced", atMs: nowMs + 400 };
    expect(nextShownSync(begun, later, nowMs + 400)).toEqual({ shown: later, syncingSinceMs: null });
  });

  it("goes on showing syncing with the newest count once it is shown", () => {
    const shown = { shown: syncing, syncingSinceMs: nowMs - 5_000 };
    expect(nextShownSync(shown, { kind: "syncing", pending: 1 }, nowMs).shown).toEqual({
      kind: "syncing",
      pending: 1,
    });
  });
});

describe("pendingWords", () => {
  it("say how much waits and since when", () => {
    expect(pendingWords(0, null)).toBe("Nothing waiting");
    expect(pendingWords(1, null)).toBe("1 change");
    expect(pendingWords(3, new Date(2026, 10, 21, 14, 2).getTime())).toBe(
      "3 changes, the oldest from 21 Nov 2026, 14:02",
    );
  });
});
