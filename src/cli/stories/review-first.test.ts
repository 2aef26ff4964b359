import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { untilRecovered, untilSynced } from "../scenario/waits";
import {
  acceptRestart,
  addNote,
  addSynced,
  lastReport,
  openWorld,
  rewrite,
  texts,
  untilTexts,
} from "./world";

/** Of every file below the folder, by its path there, what it holds. */
async function filesBelow(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  }
  return found;
}

describe("a plan that somebody wants to see first", () => {
  it("is shown note by note before anything is written, leaves no trace when cancelled, and can be had again", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Edited\nold\n");
    await laptop.ask("settings:choose-review-first", { reviewFirst: true });
    await laptop.ask("sync:work-offline", { offline: true });
    await rewrite(laptop, id, "# Edited\nnew\n");
    await addNote(laptop, "# Created\n");
    await world.terminateAndEnable();
    await laptop.ask("sync:work-offline", { offline: false });
    await acceptRestart(laptop);
    const { reset } = await laptop.until("the review", (state) => state.reset.kind === "review");
    expect(reset).toMatchObject({ preview: { toCreate: 1, toChange: 1, toTrash: 0 } });
    const version = await world.serverVersion();
    const { total, items } = await laptop.ask("reset:plan-items", { from: 0, count: 100 });
    expect(total).toBe(2);
    expect(items.map(({ mine, theirs }) => [mine, theirs])).toEqual(
      expect.arrayContaining([
        ["# Edited\nnew\n", "# Edited\nold\n"],
        ["# Created\n", null],
      ]),
    );
    expect((await laptop.ask("reset:plan-items", { from: 1, count: 1 })).items).toEqual([items[1]]);

    const { dataDir, plan, resetRecord, log } = world.pathsOf(laptop);
    expect(existsSync(plan)).toBe(true);
    const before = await filesBelow(dataDir);
    await laptop.ask("reset:cancel-plan", undefined);
    await laptop.until("the stop", (state) => state.reset.kind === "stopped");
    const after = await filesBelow(dataDir);
    const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (name) => before[name] !== after[name],
    );
    // The plan is gone, the record says so, and the log: every other file is what it was, byte for byte.
    expect(differing.map((name) => join(dataDir, name)).sort()).toEqual([plan, resetRecord, log].sort());
    expect(existsSync(plan)).toBe(false);
    expect(await world.serverVersion()).toBe(version);
    expect(await laptop.ask("reports:list", undefined)).toEqual([]);
    await laptop.ask("reset:read-only", undefined);
    expect(await texts(laptop)).toEqual(["# Created\n", "# Edited\nnew\n"]);
    await expect(laptop.ask("reset:plan-items", { from: 0, count: 1 })).rejects.toThrow(/no plan/);

    await laptop.ask("reset:try-again", undefined);
    await laptop.until("the review again", (state) => state.reset.kind === "review");
    // The fresh copy was fetched anew, which the server's version shows; its notes are as they were.
    await untilTexts(await world.openClient("witness"), ["# Edited\nold\n"]);
    await laptop.ask("reset:accept-plan", undefined);
    await untilRecovered(laptop);
    await untilSynced(laptop);
    expect((await lastReport(laptop)).items).toHaveLength(2);
    await untilTexts(await world.openClient("fresh"), ["# Created\n", "# Edited\nnew\n"]);
  });

  it("is not shown where there is nothing to see", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    await addSynced(laptop, "# Note\n");
    await laptop.ask("settings:choose-review-first", { reviewFirst: true });
    await world.terminateAndEnable();
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    await untilTexts(laptop, ["# Note\n"]);
  });
});
