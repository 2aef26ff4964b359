import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildTree } from "../../shared/tree";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import { acceptRestart, addNote, addSynced, openWorld, rewrite, textOf, texts, untilTexts } from "./world";

describe("a client that is killed", () => {
  it("has every edit that was answered, however soon after the answer it dies", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    const backup = await world.backUp();
    await client.ask("sync:work-offline", { offline: true });
    let text = "# Kept\n";
    for (let round = 1; round <= 5; round += 1) {
      text += `round ${round}\n`;
      await rewrite(client, id, text);
      await client.kill();
      client.start();
      await untilWritable(client);
      expect(await textOf(client, id)).toBe(text);
    }
    await untilSynced(client);
    await client.ask("sync:work-offline", { offline: true });
    await rewrite(client, id, `${text}the last\n`);
    await client.kill();
    await world.restore(backup);
    client.start();
    await acceptRestart(client);
    await untilRecovered(client);
    expect(await textOf(client, id)).toBe(`${text}the last\n`);
    await untilSynced(client);
    await untilTexts(await world.openClient("fresh"), [`${text}the last\n`]);
  });

  it("in the middle of an import has a tree of what came so far, and the import can be done again", async () => {
    const world = await openWorld();
    const folder = join(world.folder, "documents");
    const files = 1_500;
    for (let part = 0; part < 15; part += 1) {
      await mkdir(join(folder, `part ${part}`), { recursive: true });
      for (let file = 0; file < files / 15; file += 1) {
        await writeFile(
          join(folder, `part ${part}`, `${file}.md`),
          `# ${part} ${file}\n${"words ".repeat(100)}`,
        );
      }
    }
    const client = await world.openClient("laptop");
    const importing = client.ask("notes:import-folder", { folder }).catch(() => "killed");
    await client.until("some of the import", (state) => (state.importing?.done ?? 0) > 300);
    await client.kill();
    expect(await importing).toBe("killed");
    client.start();
    await untilWritable(client);
    const notes = await client.notes();
    expect(notes.size).toBeGreaterThan(300);
    expect(notes.size).toBeLessThan(files);
    expect(buildTree(notes.values()).recovered).toEqual([]);
    await untilSynced(client);
    const before = notes.size;
    expect(await client.ask("notes:import-folder", { folder })).toEqual({ notes: files + 16, skipped: [] });
    await untilSynced(client);
    expect((await client.notes()).size).toBe(before + files + 16);
  });

  it("at the prompt recovers what was typed there at its next start", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const id = await addSynced(client, "# Kept\n");
    const backup = await world.backUp();
    await addSynced(client, "# Later\n");
    await world.restore(backup);
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await rewrite(client, id, "# Kept\nat the prompt\n");
    await addNote(client, "# New at the prompt\n");
    await client.kill();
    client.start();
    await untilRecovered(client);
    expect(await texts(client)).toEqual(["# Kept\nat the prompt\n", "# Later\n", "# New at the prompt\n"]);
  });
});
