import { describe, expect, it } from "vitest";
import type { ResetView, SyncStatus } from "../../shared/ipc-contract";
import { nextLookMs, nextShownSync, pendingWords, syncWords } from "./sync-words";

const nowMs = Date.UTC(2026, 10, 21, 10, 44);
const calm: ResetView = { kind: "none" };
const details = {
  cause: "restored",
  causeText: "",
  referenceCode: "",
  serverMessage: "",
  backupPlace: "",
  copyAtMs: nowMs,
} as const;
const progress = { steps: [], offline: false, slow: false };
const recovering: ResetView = { kind: "recovering", progress, details };
const stopped: ResetView = { kind: "stopped", why: "failed", message: "", details };

describe("syncWords", () => {
  it.each<[SyncStatus, string]>([
    [{ kind: "starting" }, "Starting…"],
    [{ kind: "signed-out" }, "Sign in to sync"],
    [{ kind: "ended", email: null, message: "", pending: 1 }, "Signed out by the server"],
    [{ kind: "synced", atMs: nowMs - 125_000 }, "Synced 2 minutes ago"],
    [{ kind: "syncing", pending: 0 }, "Syncing…"],
    [{ kind: "syncing", pending: 14 }, "Syncing 14 changes"],
    [{ kind: "waiting", pending: 3 }, "3 changes to sync"],
    [{ kind: "waiting", pending: 1 }, "1 change to sync"],
    [{ kind: "connecting", pending: 0 }, "Connecting… · saved on this computer"],
    [{ kind: "connecting", pending: 2 }, "Connecting… · saved on this computer (2)"],
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

  it.each<[SyncStatus, string]>([
    [{ kind: "starting" }, "Recovering your notes…"],
    [{ kind: "connecting", pending: 0 }, "Recovering your notes…"],
    [{ kind: "syncing", pending: 0 }, "Recovering your notes…"],
    [{ kind: "offline", pending: 0, byChoice: false }, "Offline · saved on this computer"],
    [{ kind: "signed-out" }, "Sign in to sync"],
    [{ kind: "problem", message: "", stoppedAtMs: null, pending: 0 }, "Syncing has a problem"],
  ])("says of a recovery that is %j: %s", (sync, text) => {
    expect(syncWords(sync, recovering, nowMs).text).toBe(text);
  });

  it("warns where there is no young safety copy, but not before what needs somebody more", () => {
    const overdue = { message: "The disk is full.", newestAtMs: nowMs - 3 * 86_400_000 };
    const synced: SyncStatus = { kind: "synced", atMs: nowMs };
    expect(syncWords(synced, calm, nowMs, overdue)).toMatchObject({
      icon: "warning",
      text: "Newest safety copy: 3 days ago",
      tooltip: "The disk is full.",
      link: { label: "Safety copies" },
    });
    expect(syncWords(synced, calm, nowMs, { ...overdue, newestAtMs: null }).text).toBe(
      "There is no safety copy",
    );
    expect(syncWords({ kind: "signed-out" }, calm, nowMs, overdue).text).toBe("Sign in to sync");
    const ended: SyncStatus = { kind: "ended", email: null, message: "It was switched off.", pending: 1 };
    expect(syncWords(ended, calm, nowMs, overdue)).toMatchObject({
      text: "Signed out by the server",
      tooltip: "It was switched off.",
      link: { command: "account.sign-in" },
    });
    expect(syncWords(synced, recovering, nowMs, overdue).text).toBe("Recovering your notes…");
  });

  it("does not say that something starts or syncs while a recovery waits for somebody", () => {
    for (const kind of ["starting", "connecting"] as const) {
      expect(syncWords({ kind, pending: 0 }, stopped, nowMs).text).toBe("Syncing paused");
    }
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

  it("keeps 'Offline' while one call after the other gets no answer at once", () => {
    const offline: SyncStatus = { kind: "offline", pending: 0, byChoice: false };
    const connecting: SyncStatus = { kind: "connecting", pending: 0 };
    let held = nextShownSync(null, offline, nowMs);
    for (const atMs of [500, 5_500, 10_500]) {
      held = nextShownSync(held, connecting, nowMs + atMs);
      expect(held.shown).toEqual(offline);
      held = nextShownSync(held, offline, nowMs + atMs + 20);
    }
    const begun = nextShownSync(held, connecting, nowMs + 20_000);
    expect(nextShownSync(begun, connecting, nowMs + 21_000).shown).toEqual(connecting);
    // The one that passes gives way to another that does only when that has lasted, too.
    const syncingNow = nextShownSync(begun, syncing, nowMs + 21_500);
    expect(syncingNow.shown).toEqual(offline);
  });

  it("never shows syncing at all when it was over within the second", () => {
    const begun = nextShownSync(nextShownSync(null, synced, nowMs), syncing, nowMs + 10);
    const later: SyncStatus = { kind: "synced", atMs: nowMs + 400 };
    expect(nextShownSync(begun, later, nowMs + 400)).toEqual({ shown: later, passing: null });
  });

  it("goes on showing syncing with the newest count once it is shown", () => {
    const passing = { kind: "syncing", sinceMs: nowMs - 5_000 } as const;
    const shown = { shown: syncing, passing };
    expect(nextShownSync(shown, { kind: "syncing", pending: 1 }, nowMs).shown).toEqual({
      kind: "syncing",
      pending: 1,
    });
  });
});

describe("pendingWords", () => {
  it("say how much waits and since when", () => {
    expect(pendingWords(0, null, calm)).toBe("Nothing waiting");
    expect(pendingWords(1, null, calm)).toBe("1 change");
    expect(pendingWords(3, new Date(2026, 10, 21, 14, 2).getTime(), calm)).toBe(
      "3 changes, the oldest from 21 Nov 2026, 14:02",
    );
  });

  it.each([recovering, stopped])("never say of $kind that nothing waits", (reset) => {
    expect(pendingWords(0, null, reset)).toBe("Your changes, out of your safety copy");
  });
});
