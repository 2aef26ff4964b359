// A disk that is full in each state of a recovery, for real: where this process may mount one, a small file system in
// memory; otherwise a limit on how large a file of the client's may become.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import {
  addNote,
  addSynced,
  lastReport,
  openWorld,
  rewrite,
  textOf,
  texts,
  untilTexts,
  type World,
} from "./world";

type Disk = {
  /** Leaves nothing. The client that is limited may have been started a moment ago, and must not have been before. */
  readonly fill: (client: HeadlessClient) => void;
  readonly free: (client: HeadlessClient) => void;
};

const block = 4_096;

function openDisk(world: World, name: string): Disk {
  const folder = join(world.folder, name);
  mkdirSync(folder);
  if (!mountSmall(folder)) return limitedFiles();
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", folder]);
  });
  const ballast = join(folder, "ballast");
  mkdirSync(ballast);
  return {
    fill() {
      for (let size = 16 * 1024 * 1024; size >= block; size /= 2) {
        for (let count = 0; tryToWrite(join(ballast, `${size}-${count}`), size); count += 1);
      }
    },
    free() {
      rmSync(ballast, { recursive: true });
      mkdirSync(ballast);
    },
  };
}

function tryToWrite(path: string, size: number): boolean {
  try {
    writeFileSync(path, Buffer.alloc(size, 1));
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}

function limitedFiles(): Disk {
  const limit = (client: HeadlessClient, bytes: string) =>
    execFileSync("prlimit", ["--pid", String(client.pid()), `--fsize=${bytes}:unlimited`]);
  return {
    fill: (client) => void limit(client, String(block)),
    free: (client) => void limit(client, "unlimited"),
  };
}

/** The notes of the copy come a moment after the word that it stopped. */
async function untilNotesOpen(client: HeadlessClient): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const isOpen = await client.ask("notes:all", undefined).then(
      () => true,
      () => false,
    );
    if (isOpen || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const words = "word ".repeat(1_000);
const recovering = ["securing", "resetting", "planning", "applying", "uploading", "reporting"] as const;
/**
 * What a limit on files cannot show: it is not seen beforehand, and Realm ends the process that meets one while it
 * downloads; and it stops large files alone.
 */
const isMountable = canMount();
const states = isMountable ? ([...recovering, "downloading"] as const) : recovering;

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "perennial-mount-"));
  const isMounted = mountSmall(folder);
  if (isMounted) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return isMounted;
}

function mountSmall(folder: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder]).status === 0;
}

describe("a disk that is full", () => {
  it.each(states)("in '%s' keeps nothing from being recovered once there is room", async (state) => {
    const world = await openWorld();
    const disk = openDisk(world, "laptop");
    const laptop = await world.openClient("laptop");
    const ids: NoteId[] = [];
    for (let note = 0; note < 40; note += 1) ids.push(await addNote(laptop, `# Note ${note}\n${words}\n`));
    await untilSynced(laptop);
    await laptop.ask("sync:work-offline", { offline: true });
    for (const id of ids) await rewrite(laptop, id, `${await textOf(laptop, id)}never uploaded\n`);
    const wanted = await texts(laptop);
    await world.terminateAndEnable();
    await laptop.ask("sync:work-offline", { offline: false });
    await laptop.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await laptop.close();
    await laptop.dieAt(state);

    laptop.start();
    disk.fill(laptop);
    const { reset } = await laptop.until("what cannot be done, or the end", ({ reset }) =>
      ["copy-failed", "stopped", "finished"].includes(reset.kind),
    );
    if (reset.kind === "copy-failed" || reset.kind === "stopped") {
      expect(reset.message).toMatch(/disk/);
      // All can be read, and nothing is away.
      await untilNotesOpen(laptop);
      await untilTexts(laptop, wanted);
    }
    disk.free(laptop);
    if (reset.kind !== "finished") await laptop.ask("reset:try-again", undefined);
    await untilRecovered(laptop);
    await untilTexts(laptop, wanted);
    await untilSynced(laptop);
    expect((await lastReport(laptop)).items).toHaveLength(wanted.length);
    await untilTexts(await world.openClient("fresh"), wanted);
  });

  it("refuses what cannot be kept, says so, and takes it once there is room, without a recovery", async () => {
    const world = await openWorld();
    const disk = openDisk(world, "laptop");
    const laptop = await world.openClient("laptop");
    const kept = await addSynced(laptop, "# Kept\n");
    await laptop.close();
    laptop.start();
    disk.fill(laptop);
    await laptop.until(
      "the notes or what is wrong",
      ({ readOnly, sync }) => !readOnly || sync.kind === "problem",
    );
    const large = `# Large\n${"word ".repeat(200_000)}\n`;
    await expect(addNote(laptop, large)).rejects.toThrow(/disk is full/);
    await expect(rewrite(laptop, kept, large)).rejects.toThrow(/disk is full/);
    await untilTexts(laptop, ["# Kept\n"]);
    disk.free(laptop);
    await rewrite(laptop, kept, large);
    await untilSynced(laptop);
    await laptop.kill();
    laptop.start();
    await untilSynced(laptop);
    await untilTexts(laptop, [large]);
    await untilTexts(await world.openClient("fresh"), [large]);
    expect(await laptop.ask("reports:list", undefined)).toEqual([]);
    expect(laptop.restarts()).toBe(0);
  });
});

if (isMountable) {
  describe("a disk without a byte left", () => {
    it("at an ordinary start, where the notes cannot even be opened, is no reason for a recovery", async () => {
      const world = await openWorld();
      const disk = openDisk(world, "laptop");
      const laptop = await world.openClient("laptop");
      const kept = await addSynced(laptop, "# Kept\n");
      await laptop.close();
      // Realm makes them at every start where they are not there, and opens nothing without them.
      const { dataDir, lastSyncedRealm } = world.pathsOf(laptop);
      for (const name of readdirSync(dataDir, { recursive: true, encoding: "utf8" })) {
        if (/(flx_sync_default|last-synced)\.realm\.lock$/.test(name)) rmSync(join(dataDir, name));
      }
      const lastSynced = readFileSync(lastSyncedRealm);
      laptop.start();
      disk.fill(laptop);
      const { sync, reset } = await laptop.until("the problem", ({ sync }) => sync.kind === "problem");
      expect({ ...sync, reset }).toMatchObject({
        message: expect.stringContaining("disk is full"),
        reset: { kind: "none" },
      });
      expect(readFileSync(lastSyncedRealm).equals(lastSynced)).toBe(true);
      await laptop.ask("sync:retry", undefined);
      await laptop.until("the problem again", ({ sync }) => sync.kind === "problem");
      disk.free(laptop);
      await laptop.ask("sync:retry", undefined);
      await untilSynced(laptop);
      await rewrite(laptop, kept, "# Kept\nafterwards\n");
      await untilSynced(laptop);
      await untilTexts(await world.openClient("fresh"), ["# Kept\nafterwards\n"]);
      expect(await laptop.ask("reports:list", undefined)).toEqual([]);
    });
  });
}
