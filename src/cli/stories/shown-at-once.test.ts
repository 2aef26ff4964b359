import { existsSync, readFileSync, truncateSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { keyBytes } from "../../main/sealed-file";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { acceptRestart, addNote, addSynced, openWorld, rewrite, untilTexts, type World } from "./world";

const used = "the notes are those that were read ahead";
const notUsed = "the notes are read from the safety copy, not as they were read ahead";

/** A laptop in front of its prompt, with a change that is not synced, whose notes have been read ahead. */
async function atThePrompt(
  how: { isEncrypted?: boolean } = {},
): Promise<{ world: World; client: HeadlessClient }> {
  const world = await openWorld();
  const keyFile = join(world.folder, "laptop.key");
  if (how.isEncrypted) await writeFile(keyFile, "a5".repeat(keyBytes));
  const more = how.isEncrypted ? { encrypt: true, keyFile } : {};
  const client = await world.openClient("laptop", "gardener", more);
  const id = await addSynced(client, "# Milk\n");
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, id, "# Milk\nand bread\n");
  await world.terminateAndEnable();
  await client.ask("sync:work-offline", { offline: false });
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await vi.waitFor(() => expect(existsSync(world.pathsOf(client).notesAsRead)).toBe(true), {
    timeout: 60_000,
  });
  return { world, client };
}

describe("the notes after the restart", () => {
  it("are those that were read while the prompt was, and the file goes when all is over", async () => {
    const { world, client } = await atThePrompt();
    await acceptRestart(client);
    await untilRecovered(client);
    await untilTexts(client, ["# Milk\nand bread\n"]);
    expect(await world.logOf(client)).toContain(used);
    await vi.waitFor(() => expect(existsSync(world.pathsOf(client).notesAsRead)).toBe(false), {
      timeout: 60_000,
    });
    await untilSynced(client);
    await untilTexts(await world.openClient("fresh"), ["# Milk\nand bread\n"]);
  });

  it("are read from the copy where the file was damaged meanwhile", async () => {
    const { world, client } = await atThePrompt();
    const { notesAsRead } = world.pathsOf(client);
    truncateSync(notesAsRead, readFileSync(notesAsRead).length - 1);
    await acceptRestart(client);
    await untilRecovered(client);
    await untilTexts(client, ["# Milk\nand bread\n"]);
    const log = await world.logOf(client);
    expect(log).toContain(notUsed);
    expect(log).not.toContain(used);
  });

  it("are as they were left, where somebody went on writing at the prompt", async () => {
    const { world, client } = await atThePrompt();
    await client.ask("reset:later", undefined);
    await addNote(client, "# At the last moment\n");
    await client.ask("reset:restart", undefined);
    await untilRecovered(client);
    await untilTexts(client, ["# Milk\nand bread\n", "# At the last moment\n"]);
    expect(await world.logOf(client)).toContain(notUsed);
  });

  it("are those of an encrypted folder's file, in which no word can be read", async () => {
    const { world, client } = await atThePrompt({ isEncrypted: true });
    expect(readFileSync(world.pathsOf(client).notesAsRead).includes("bread")).toBe(false);
    await client.kill();
    client.start();
    await untilRecovered(client);
    await untilTexts(client, ["# Milk\nand bread\n"]);
    expect(await world.logOf(client)).toContain(used);
  });
});
