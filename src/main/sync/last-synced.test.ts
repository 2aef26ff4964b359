import { describe, expect, it } from "vitest";
import type { LastSynced } from "../realm/last-synced-realm";
import { createTracker } from "./last-synced";

/** A session whose waits end when the test says so: what the tracker must get right is the order of events. */
function controlled() {
  let finishUpload: (() => void) | null = null;
  let failUpload: ((error: Error) => void) | null = null;
  let seq = 0;
  let complete = true;
  let uploading: () => void = () => undefined;
  const uploadAsked = new Promise<void>((resolve) => {
    uploading = resolve;
  });
  const stored = new Map<string, LastSynced>();
  const tracker = createTracker({
    realm: {
      connection: () => "connected",
      subscriptionsComplete: () => complete,
      waitForUpload: () =>
        new Promise<void>((resolve, reject) => {
          finishUpload = resolve;
          failUpload = reject;
          uploading();
        }),
      waitForDownload: () => Promise.resolve(),
    },
    journal: {
      lastSeq: () => seq,
      flushAside: async () => undefined,
    },
    lastSynced: {
      read: (key) => stored.get(key) ?? null,
      record: (key, value) => {
        stored.set(key, value);
      },
    },
    key: "k",
    now: () => 5,
    onChange: () => undefined,
  });
  return {
    tracker,
    stored,
    untilUploading: () => uploadAsked,
    type: () => {
      seq += 1;
    },
    finishUpload: () => finishUpload?.(),
    failUpload: (error: Error) => failUpload?.(error),
    setComplete: (value: boolean) => {
      complete = value;
    },
  };
}

describe("the LastSynced tracker", () => {
  it("acknowledges what was typed before the upload began, and nothing typed during it", async () => {
    const world = controlled();
    world.type();
    const settled = world.tracker.settle(1_000);
    await world.untilUploading();
    world.type();
    world.finishUpload();
    expect(await settled).toBe(true);
    expect(world.tracker.ackedThrough()).toBe(1);
    expect(world.stored.get("k")).toEqual({ ackedThrough: 1, atMs: 5 });
  });

  it("acknowledges nothing while the subscriptions are incomplete", async () => {
    const world = controlled();
    world.setComplete(false);
    world.type();
    const settled = world.tracker.settle(1_000);
    await world.untilUploading();
    world.finishUpload();
    expect(await settled).toBe(false);
    expect(world.tracker.ackedThrough()).toBe(0);
    world.tracker.stop();
  });

  it("acknowledges nothing when an error came during the wait", async () => {
    const world = controlled();
    world.type();
    const settled = world.tracker.settle(1_000);
    await world.untilUploading();
    world.tracker.stop();
    world.finishUpload();
    expect(await settled).toBe(false);
    expect(world.stored.size).toBe(0);
  });

  it("takes a failed wait for an answer, not for a crash", async () => {
    const world = controlled();
    world.type();
    const settled = world.tracker.settle(1_000);
    await world.untilUploading();
    world.failUpload(new Error("Uploading changes did not complete in 700 ms."));
    expect(await settled).toBe(false);
    world.tracker.stop();
  });
});
