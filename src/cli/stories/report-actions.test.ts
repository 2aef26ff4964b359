import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import {
  acceptRestart,
  addNote,
  addSynced,
  lastReport,
  openWorld,
  rewrite,
  textOf,
  type World,
} from "./world";

type Recovered = {
  readonly world: World;
  readonly laptop: HeadlessClient;
  readonly phone: HeadlessClient;
  readonly resetId: string;
  readonly conflict: NoteId;
  readonly merged: NoteId;
  readonly created: NoteId;
  readonly deletedByPhone: NoteId;
  readonly trashedHere: NoteId;
};

/** The laptop was offline while the phone worked on the same notes; then sync was terminated and enabled again. */
async function recovered(): Promise<Recovered> {
  const world = await openWorld();
  const laptop = await world.openClient("laptop");
  const conflict = await addNote(laptop, "# Conflict\nold\n");
  const merged = await addNote(laptop, "# Merged\none\ntwo\nthree\nfour\n");
  const deletedByPhone = await addNote(laptop, "# Deleted\nold\n");
  const trashedHere = await addNote(laptop, "# Trashed here\n");
  await untilSynced(laptop);
  const phone = await world.openClient("phone");
  await laptop.ask("sync:work-offline", { offline: true });
  await rewrite(laptop, conflict, "# Conflict\nlaptop\n");
  await rewrite(laptop, merged, "# Merged\none laptop\ntwo\nthree\nfour\n");
  await rewrite(laptop, deletedByPhone, "# Deleted\nlaptop\n");
  await laptop.ask("notes:trash", { id: trashedHere });
  const created = await addNote(laptop, "# Created\n");
  await rewrite(phone, conflict, "# Conflict\nphone\n");
  await rewrite(phone, merged, "# Merged\none\ntwo\nthree\nfour phone\n");
  await phone.ask("notes:trash", { id: deletedByPhone });
  await untilSynced(phone);
  await phone.close();
  await world.terminateAndEnable();
  await laptop.ask("sync:work-offline", { offline: false });
  await acceptRestart(laptop);
  await untilRecovered(laptop);
  await untilSynced(laptop);
  const { resetId } = await lastReport(laptop);
  return { world, laptop, phone, resetId, conflict, merged, created, deletedByPhone, trashedHere };
}

async function isInTrash(client: HeadlessClient, id: NoteId): Promise<boolean> {
  return (await client.ask("notes:read", { id })).deletedAtMs !== null;
}

describe("a recovery that met another device's work", () => {
  it("is undone as a whole: every note is as the server had it, and the copies are in the trash", async () => {
    const story = await recovered();
    const { laptop, resetId, conflict, merged, created, trashedHere, deletedByPhone } = story;
    const { items } = await lastReport(laptop);
    const copyId = items.find(({ noteId }) => noteId === conflict)?.copyId as NoteId;
    expect(await textOf(laptop, copyId)).toContain("laptop");
    expect(await textOf(laptop, conflict)).toBe("# Conflict\nphone\n");
    expect(await textOf(laptop, merged)).toBe("# Merged\none laptop\ntwo\nthree\nfour phone\n");
    expect(await isInTrash(laptop, trashedHere)).toBe(true);

    const { left } = await laptop.ask("reports:undo-all", { resetId });
    expect(left).toEqual([]);
    expect(await textOf(laptop, merged)).toBe("# Merged\none\ntwo\nthree\nfour phone\n");
    expect(await textOf(laptop, conflict)).toBe("# Conflict\nphone\n");
    expect(await isInTrash(laptop, copyId)).toBe(true);
    expect(await isInTrash(laptop, created)).toBe(true);
    expect(await isInTrash(laptop, trashedHere)).toBe(false);
    expect(await isInTrash(laptop, deletedByPhone)).toBe(true);
    await untilSynced(laptop);
    const fresh = await story.world.openClient("fresh");
    expect(await textOf(fresh, merged)).toBe("# Merged\none\ntwo\nthree\nfour phone\n");
  });

  it("leaves alone, when undone, what was changed since, and says which", async () => {
    const { laptop, resetId, merged, created } = await recovered();
    await rewrite(laptop, merged, "# Merged\nmine since\n");
    const { left } = await laptop.ask("reports:undo-all", { resetId });
    expect(left).toEqual([merged]);
    expect(await textOf(laptop, merged)).toBe("# Merged\nmine since\n");
    expect(await isInTrash(laptop, created)).toBe(true);
  });

  it("lets a person choose note by note: mine, theirs, restore, undo", async () => {
    const { laptop, resetId, conflict, merged, created, deletedByPhone } = await recovered();
    const copyId = (await lastReport(laptop)).items.find(({ noteId }) => noteId === conflict)
      ?.copyId as NoteId;
    const resolve = (noteId: NoteId, choice: "mine" | "theirs" | "both" | "restore" | "undo") =>
      laptop.ask("reports:resolve", { resetId, noteId, choice });

    await resolve(conflict, "mine");
    expect(await textOf(laptop, conflict)).toBe("# Conflict\nlaptop\n");
    expect(await isInTrash(laptop, copyId)).toBe(true);
    await resolve(merged, "theirs");
    expect(await textOf(laptop, merged)).toBe("# Merged\none\ntwo\nthree\nfour phone\n");
    await resolve(deletedByPhone, "restore");
    expect(await isInTrash(laptop, deletedByPhone)).toBe(false);
    await resolve(created, "undo");
    expect(await isInTrash(laptop, created)).toBe(true);
    const { items } = await lastReport(laptop);
    expect(items.filter(({ needsHelp }) => needsHelp)).toEqual([]);
    await expect(laptop.ask("reports:resolve", { resetId, noteId: copyId, choice: "undo" })).rejects.toThrow(
      /cannot be done/,
    );
  });

  it("judges by what was synced before the reset, whatever the new file proves meanwhile", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Taken out by the phone\n");
    const both = await addNote(laptop, "# Both\none\ntwo\nthree\n");
    await laptop.ask("notes:trash", { id });
    await untilSynced(laptop);
    const phone = await world.openClient("phone");
    await laptop.ask("sync:work-offline", { offline: true });
    await rewrite(laptop, both, "# Both\none laptop\ntwo\nthree\n");
    await phone.ask("notes:restore", { id });
    await rewrite(phone, both, "# Both\none\ntwo\nthree phone\n");
    await untilSynced(phone);
    await phone.close();
    await world.terminateAndEnable();
    await laptop.ask("sync:work-offline", { offline: false });
    await laptop.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await laptop.close();
    // The fresh file is up to date and may prove so, while the plan is not made yet.
    await laptop.dieAt("planning");
    laptop.start();
    await untilRecovered(laptop);
    // Synced before, so the phone's word is news; not synced before, so it is still to be told.
    expect(await isInTrash(laptop, id)).toBe(false);
    expect(await textOf(laptop, both)).toBe("# Both\none laptop\ntwo\nthree phone\n");
  });
});
