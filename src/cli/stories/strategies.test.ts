import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import {
  acceptRestart,
  addNote,
  addSynced,
  lastReport,
  openWorld,
  rewrite,
  textOf,
  texts,
  type World,
} from "./world";

type Offline = {
  readonly world: World;
  readonly laptop: HeadlessClient;
  readonly edited: NoteId;
  readonly created: NoteId;
};

/** The laptop was offline and wrote; the phone wrote too; sync was terminated and enabled again. */
async function offlineWork(chosen: "discard" | "track-objects" | null): Promise<Offline> {
  const world = await openWorld();
  const laptop = await world.openClient("laptop");
  const edited = await addSynced(laptop, "# Edited\nold\n");
  if (chosen !== null) await laptop.ask("settings:choose-strategy", { strategy: chosen });
  const phone = await world.openClient("phone");
  await laptop.ask("sync:work-offline", { offline: true });
  await rewrite(laptop, edited, "# Edited\nlaptop\n");
  const created = await addNote(laptop, "# Created\n");
  await rewrite(phone, edited, "# Edited\nphone\n");
  await untilSynced(phone);
  await phone.close();
  await world.terminateAndEnable();
  await laptop.ask("sync:work-offline", { offline: false });
  await laptop.until("the prompt", ({ reset }) => reset.kind === "prompt");
  return { world, laptop, edited, created };
}

describe("the strategy that is chosen in the settings", () => {
  it("discards what was not synced, lists it with the safety copy's name, and puts it back when asked", async () => {
    const { world, laptop, edited, created } = await offlineWork("discard");
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    expect(await texts(laptop)).toEqual(["# Edited\nphone\n"]);

    const report = await lastReport(laptop);
    expect(report).toMatchObject({ strategy: "discard", changesRestored: 0 });
    expect(new Set(report.items.map(({ noteId }) => noteId))).toEqual(new Set([edited, created]));
    expect(report.items.every(({ outcome }) => outcome === "left-out")).toBe(true);
    const markdown = await readFile(`${world.pathsOf(laptop).reports}/${report.resetId}.md`, "utf8");
    expect(markdown).toContain(report.backupName);
    expect(markdown).toContain("Take the server's notes");
    const log = await world.logOf(laptop);
    expect(log.indexOf("about to be discarded")).toBeGreaterThan(0);
    expect(log.indexOf("has been discarded")).toBeGreaterThan(log.indexOf("about to be discarded"));

    const { resetId } = report;
    await laptop.ask("reports:resolve", { resetId, noteId: created, choice: "restore" });
    await laptop.ask("reports:resolve", { resetId, noteId: edited, choice: "restore" });
    await untilSynced(laptop);
    const fresh = await world.openClient("fresh");
    expect(await texts(fresh)).toEqual(["# Created\n", "# Edited\nlaptop\n"]);
  });

  it("is kept by a recovery that was planned with it, whatever is chosen while it is under way", async () => {
    const { world, laptop, edited } = await offlineWork("discard");
    await laptop.close();
    await laptop.dieAt("reporting");
    await writeFile(world.pathsOf(laptop).settings, JSON.stringify({ recoveryStrategy: "track-objects" }));
    laptop.start();
    await untilRecovered(laptop);
    expect(await textOf(laptop, edited)).toBe("# Edited\nphone\n");
    expect((await lastReport(laptop)).strategy).toBe("discard");
    expect(await laptop.ask("settings:read", undefined)).toMatchObject({
      recoveryStrategy: "track-objects",
      isStrategyGiven: false,
    });
  });

  it("writes over what others changed where that is what was chosen, says so, and undoes it", async () => {
    const { laptop, edited } = await offlineWork("track-objects");
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    expect(await textOf(laptop, edited)).toBe("# Edited\nlaptop\n");
    const { resetId, items } = await lastReport(laptop);
    expect(items.find(({ noteId }) => noteId === edited)).toMatchObject({
      outcome: "written-over",
      needsHelp: true,
      theirs: "# Edited\nphone\n",
    });
    await laptop.ask("reports:resolve", { resetId, noteId: edited, choice: "theirs" });
    expect(await textOf(laptop, edited)).toBe("# Edited\nphone\n");
  });

  it("is merging where nobody has chosen, and the command line has the last word", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    expect(await laptop.ask("settings:read", undefined)).toMatchObject({
      recoveryStrategy: "merge",
      isStrategyGiven: false,
    });
    const phone = await world.openClient("phone", "gardener", { recoveryStrategy: "discard" });
    await phone.ask("settings:choose-strategy", { strategy: "track-fields" });
    expect(await phone.ask("settings:read", undefined)).toMatchObject({
      recoveryStrategy: "discard",
      isStrategyGiven: true,
    });
    await untilWritable(phone);
  });
});
