import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { runPublishedClient } from "./published-client";
import {
  acceptRestart,
  addNote,
  addSynced,
  credentials,
  lastReport,
  openWorld,
  rewrite,
  texts,
  untilNotes,
  untilTexts,
} from "./world";

describe("an emptied trash", () => {
  it("leaves tombstones, so that no device takes a deleted note for one that vanished, reset or no reset", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addNote(laptop, "# Folder\n");
    const secret = await addNote(laptop, "# Secret\nwords\n", parent);
    await addNote(laptop, "# Kept\n");
    await untilSynced(laptop);
    const phone = await world.openClient("phone");
    await untilTexts(phone, ["# Folder\n", "# Secret\nwords\n", "# Kept\n"]);
    await laptop.ask("notes:trash", { id: parent });
    expect(await laptop.ask("notes:empty-trash", undefined)).toBe(2);
    await untilSynced(laptop);
    await untilNotes(phone, "only what is left", (notes) => notes.length === 2);
    await expect(laptop.ask("notes:undo", undefined)).rejects.toThrow(/nothing to undo/);

    const { journals } = world.pathsOf(phone);
    const entries = async () =>
      (
        await Promise.all((await readdir(journals)).map((name) => readFile(join(journals, name), "utf8")))
      ).join("");
    const before = await entries();
    for (const client of [laptop, phone]) {
      await client.kill();
      client.start();
      await untilSynced(client);
    }
    // An operator may clear the tombstones away, once every device has seen them.
    await runPublishedClient(
      join(world.folder, "outside"),
      world.server().url,
      credentials("gardener"),
      `for (const note of realm.objects("Note").filtered("text == ''").snapshot()) realm.delete(note);`,
    );
    const marker = await addSynced(laptop, "# Marker\n");
    await untilNotes(phone, "the marker", (notes) => notes.some(({ id }) => id === marker));
    await phone.kill();
    phone.start();
    await untilSynced(phone);
    expect(await entries()).toBe(before);
    expect(phone.state()?.audit).toEqual({ asks: null, mended: null });

    await world.terminateAndEnable();
    for (const client of [laptop, phone]) {
      await acceptRestart(client);
      await untilRecovered(client);
      await untilTexts(client, ["# Kept\n", "# Marker\n"]);
      expect((await client.notes()).has(secret)).toBe(false);
    }
  });

  it("comes back from the trash where another device had written into a note of it meanwhile", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Both\none\n");
    const phone = await world.openClient("phone");
    await phone.ask("sync:work-offline", { offline: true });
    await rewrite(phone, id, "# Both\none\nfrom the phone\n");
    await laptop.ask("notes:trash", { id });
    await laptop.ask("notes:empty-trash", undefined);
    await untilSynced(laptop);
    await world.terminateAndEnable();
    await phone.ask("sync:work-offline", { offline: false });
    await acceptRestart(phone);
    await untilRecovered(phone);
    const all = [...(await phone.notes()).values()].map(({ text }) => text).join("\n");
    expect(all).toContain("from the phone");
    expect((await lastReport(phone)).items).toMatchObject([{ needsHelp: true }]);
  });
});

describe("the support bundle", () => {
  it("tells what happened, without a word of any note, any title or any address", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Zucchini title\nasparagus words\n");
    await laptop.ask("sync:work-offline", { offline: true });
    await rewrite(laptop, id, "# Zucchini title\nasparagus words\nrhubarb\n");
    await addNote(laptop, "# Kohlrabi\n", id);
    await world.terminateAndEnable();
    await laptop.ask("sync:work-offline", { offline: false });
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    await untilSynced(laptop);
    expect(await texts(laptop)).toHaveLength(2);
    const file = join(world.folder, "support.json");
    expect(await laptop.ask("app:support-bundle", { to: file })).toBe(file);
    const text = await readFile(file, "utf8");
    for (const word of ["Zucchini", "asparagus", "rhubarb", "Kohlrabi", "gardener", "example.com"]) {
      expect(text).not.toContain(word);
    }
    const bundle = JSON.parse(text);
    expect(bundle).toMatchObject({
      notes: 3,
      tracker: { pending: 0 },
      reports: [{ why: expect.stringMatching(/set up anew/), counts: { "put-back": 2 } }],
    });
    expect(bundle.safetyCopies.length).toBeGreaterThan(0);
    expect(bundle.log.some((line: string) => line.includes("the plan is made"))).toBe(true);
    expect(bundle.reports[0].items.map(({ noteId }: { noteId: string }) => noteId)).toContain(id);
  });
});
