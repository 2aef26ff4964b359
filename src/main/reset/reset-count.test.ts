import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openResetCount } from "./reset-count";

const hourMs = 60 * 60 * 1_000;

describe("the count of resets", () => {
  it("is kept on the disk, per user, and forgets what is older than a day", () => {
    const file = join(mkdtempSync(join(tmpdir(), "perennial-count-")), "resets.json");
    let atMs = 100 * hourMs;
    const open = () => openResetCount(file, () => atMs);
    open().add("gardener");
    atMs += 20 * hourMs;
    open().add("gardener");
    open().add("neighbour");
    expect([open().today("gardener"), open().today("neighbour")]).toEqual([2, 1]);
    atMs += 5 * hourMs;
    expect([open().today("gardener"), open().today("neighbour")]).toEqual([1, 1]);
    open().clear("gardener");
    expect([open().today("gardener"), open().today("neighbour")]).toEqual([0, 1]);
  });

  it("begins anew where its file cannot be read, and still counts after the clock was set back", () => {
    const file = join(mkdtempSync(join(tmpdir(), "perennial-count-")), "resets.json");
    writeFileSync(file, "no JSON");
    let atMs = 100 * hourMs;
    const count = openResetCount(file, () => atMs);
    expect(count.today("gardener")).toBe(0);
    count.add("gardener");
    atMs -= 50 * hourMs;
    expect(count.today("gardener")).toBe(1);
  });
});
