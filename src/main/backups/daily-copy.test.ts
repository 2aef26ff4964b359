import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Realm } from "../realm/realm";
import { noteSchema } from "../realm/schema";
import { plainSealing } from "../sealed-file";
import type { Session } from "../session";
import { createDailyCopies } from "./daily-copy";

const dayMs = 24 * 60 * 60 * 1_000;

function world() {
  const folder = mkdtempSync(join(tmpdir(), "perennial-daily-"));
  const path = join(folder, "live.realm");
  const realm = new Realm({ path, schema: [noteSchema] });
  let nowMs = Date.UTC(2026, 10, 21);
  let told = 0;
  const daily = createDailyCopies({
    backups: join(folder, "backups"),
    sealing: plainSealing,
    appVersion: "1",
    reportOf: () => null,
    inUse: () => ({ isBusy: false, name: null }),
    now: () => nowMs,
    log: () => undefined,
    onChange: () => {
      told += 1;
    },
  });
  onTestFinished(() => {
    realm.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const writable = (copy: string) => realm.writeCopyTo({ path: copy });
  // A folder that is not there, as where a disk is gone.
  const failing = () => realm.writeCopyTo({ path: join(folder, "nowhere", "copy.realm") });
  return {
    daily,
    told: () => told,
    makeAfter(days: number, how: "as usual" | "in vain") {
      nowMs += days * dayMs;
      const writeCopyTo = how === "as usual" ? writable : failing;
      const session = { userId: "u", generation: "g", realm: { path, writeCopyTo } } as unknown as Session;
      return daily.makeNow(session);
    },
  };
}

describe("a safety copy that cannot be made", () => {
  it("is told once the newest is older than two days, until one is made", async () => {
    const { daily, told, makeAfter } = world();
    const first = Date.UTC(2026, 10, 21);
    expect((await makeAfter(0, "as usual")).kind).toBe("ok");
    expect((await makeAfter(1, "in vain")).kind).toBe("failed");
    expect(daily.overdue()).toBeNull();
    await makeAfter(1.5, "in vain");
    expect(daily.overdue()).toEqual({
      message: expect.stringContaining("could not be written"),
      newestAtMs: first,
    });
    expect(told()).toBe(3);
    await makeAfter(0.1, "as usual");
    expect(daily.overdue()).toBeNull();
  });

  it("is told at once where there is none at all, and of nobody who has signed out", async () => {
    const { daily, makeAfter } = world();
    await makeAfter(0, "in vain");
    expect(daily.overdue()).toMatchObject({ newestAtMs: null });
    daily.stop();
    expect(daily.overdue()).toBeNull();
  });
});
