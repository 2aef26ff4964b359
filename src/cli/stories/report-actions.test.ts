import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
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
  untilTexts,
  type World,
} from "./world";

type Recovered = {
  readonly world: World;
  readonly laptop: HeadlessClient;
  readonly phone: HeadlessClient;
  /** What the phone saw last, which is all that the server has. */
  readonly serverBefore: ReadonlyMap<string, Note>;
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
  const serverBefore = await phone.notes();
  await phone.close();
  await world.terminateAndEnable();
  await laptop.ask("sync:work-offline", { offline: false });
  await acceptRestart(laptop);
  await untilRecovered(laptop);
  await untilSynced(laptop);
  const { resetId } = await lastReport(laptop);
  return {
    world,
    laptop,
    phone,
    serverBefore,
    resetId,
    conflict,
    merged,
    created,
    deletedByPhone,
    trashedHere,
  };
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
    // Offline, after a restart and a second time it is the same, and writes nothing.
    await laptop.close();
    laptop.start();
    await laptop.until("the notes", ({ readOnly }) => !readOnly);
    await laptop.ask("sync:work-offline", { offline: true });
    expect(await laptop.ask("reports:undo-all", { resetId })).toEqual({ undone: 0, left: [] });
    expect(laptop.state()?.sync).toMatchObject({ kind: "offline", pending: 0 });
    expect((await lastReport(laptop)).undoneAtMs).toBeGreaterThan(0);
  });

  it("is reported with the numbers of what really differs between before and after", async () => {
    const { laptop, serverBefore, resetId } = await recovered();
    const report = await laptop.ask("reports:read", { resetId });
    const after = await laptop.notes();
    const differing = new Set<string>();
    for (const [id, note] of after) {
      const before = serverBefore.get(id);
      const isSame =
        before !== undefined &&
        before.text === note.text &&
        before.parentId === note.parentId &&
        before.orderKey === note.orderKey &&
        before.deletedAtMs === note.deletedAtMs;
      if (!isSame) differing.add(id);
    }
    expect([...serverBefore.keys()].filter((id) => !after.has(id))).toEqual([]);
    const told = new Set<string>();
    for (const { noteId, copyId, undo, theirs, result } of report.items) {
      if (undo !== null) told.add(noteId);
      if (copyId !== null) told.add(copyId);
      expect(theirs).toBe(serverBefore.get(noteId)?.text ?? null);
      expect(result).toBe(after.get(noteId)?.text);
    }
    expect([...told].sort()).toEqual([...differing].sort());
    expect(report.notesFromServer).toBe(serverBefore.size);
    expect(report.changesRestored).toBe(report.items.length);
    const { reset } = await laptop.ask("app:state", undefined);
    const { counts } = reset as Extract<typeof reset, { kind: "finished" }>;
    for (const [outcome, count] of Object.entries(counts)) {
      expect(report.items.filter((item) => item.outcome === outcome)).toHaveLength(count);
    }
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
    const resolve = (noteId: NoteId, choice: "mine" | "theirs" | "both" | "restore" | "keep" | "undo") =>
      laptop.ask("reports:resolve", { resetId, noteId, choice });
    // Days later is after a restart, and may be offline.
    await laptop.close();
    laptop.start();
    await laptop.until("the notes", ({ readOnly }) => !readOnly);
    await laptop.ask("sync:work-offline", { offline: true });

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
      /says nothing of that note/,
    );
  });

  it("leaves alone, when undone, what a person had settled; the empty 'Recovered notes' goes with what it was made for", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addSynced(laptop, "# Trashed by the phone\n");
    const conflict = await addSynced(laptop, "# Conflict\nbase\n");
    const phone = await world.openClient("phone");
    await laptop.ask("sync:work-offline", { offline: true });
    const child = await addNote(laptop, "# Written under it\n", parent);
    await rewrite(laptop, conflict, "# Conflict\nlaptop\n");
    await phone.ask("notes:trash", { id: parent });
    await rewrite(phone, conflict, "# Conflict\nphone\n");
    await untilSynced(phone);
    await world.terminateAndEnable();
    await laptop.ask("sync:work-offline", { offline: false });
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    const { resetId } = await lastReport(laptop);
    const home = (await laptop.ask("notes:read", { id: child })).parentId as NoteId;
    expect(await textOf(laptop, home)).toBe("Recovered notes");
    await laptop.ask("reports:resolve", { resetId, noteId: conflict, choice: "mine" });
    expect(await laptop.ask("reports:undo-all", { resetId })).toEqual({ undone: 1, left: [conflict] });
    expect(await isInTrash(laptop, child)).toBe(true);
    expect(await isInTrash(laptop, home)).toBe(true);
    expect(await textOf(laptop, conflict)).toBe("# Conflict\nlaptop\n");
    await untilSynced(laptop);
    await untilTexts(await world.openClient("fresh"), ["# Conflict\nlaptop\n"]);
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
