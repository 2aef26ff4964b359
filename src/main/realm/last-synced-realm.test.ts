import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plainSealing } from "../sealed-file";
import { lastSyncedKey, openLastSyncedRealm } from "./last-synced-realm";

function file(): string {
  return join(mkdtempSync(join(tmpdir(), "perennial-last-synced-")), "last-synced.realm");
}

function neverReplaced(message: string): void {
  throw new Error(`it was replaced: ${message}`);
}

describe("the LastSynced realm", () => {
  it("keeps what a file left behind had proved when the new file proves more, or another user's does", () => {
    const path = file();
    const realm = openLastSyncedRealm(path, plainSealing, neverReplaced);
    const left = lastSyncedKey("app", "user", "g1");
    realm.record(left, { ackedThrough: 7, atMs: 1 });
    realm.record(lastSyncedKey("app", "user", "g2"), { ackedThrough: 40, atMs: 2 });
    realm.record(lastSyncedKey("app", "other", "g1"), { ackedThrough: 50, atMs: 3 });
    realm.close();
    const again = openLastSyncedRealm(path, plainSealing, neverReplaced);
    expect(again.read(left)).toEqual({ ackedThrough: 7, atMs: 1 });
    expect(again.read(lastSyncedKey("app", "user", "g3"))).toBeNull();
    again.close();
  });

  it("records again under the same key, as often as it likes", () => {
    const realm = openLastSyncedRealm(file(), plainSealing, neverReplaced);
    for (const ackedThrough of [1, 2, 3]) realm.record("k", { ackedThrough, atMs: ackedThrough });
    expect(realm.read("k")).toEqual({ ackedThrough: 3, atMs: 3 });
    realm.close();
  });

  it("starts anew where its file is no realm, and says so", () => {
    const path = file();
    writeFileSync(path, "no realm");
    const messages: string[] = [];
    const realm = openLastSyncedRealm(path, plainSealing, (message) => messages.push(message));
    expect(messages).toHaveLength(1);
    expect(realm.read("k")).toBeNull();
    realm.close();
  });
});
