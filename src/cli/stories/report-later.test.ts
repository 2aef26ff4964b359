import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { buildTree, isWithin } from "../../shared/tree";
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
  untilNotes,
  type World,
} from "./world";

/** Sync is terminated while the laptop is offline; then it recovers what it had written. */
async function recoverOffline(world: World, laptop: HeadlessClient): Promise<string> {
  await world.terminateAndEnable();
  await laptop.ask("sync:work-offline", { offline: false });
  await acceptRestart(laptop);
  await untilRecovered(laptop);
  await untilSynced(laptop);
  return (await lastReport(laptop)).resetId;
}

async function treeOf(client: HeadlessClient) {
  return buildTree((await client.notes()).values() as Iterable<Note>);
}

/** Reached from the root, and not in the trash. */
async function isShown(client: HeadlessClient, id: NoteId): Promise<boolean> {
  const tree = await treeOf(client);
  return tree.rootId !== null && isWithin(tree, id, tree.rootId) && !tree.trashed.has(id);
}

describe("a report that is looked at after others went on", () => {
  it("leaves what another device wrote, moved or trashed since alone when all is undone, and says which", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const edited = await addNote(laptop, "# Edited\none\ntwo\n");
    const moved = await addNote(laptop, "# Moved\n");
    const trashed = await addNote(laptop, "# Trashed\n");
    const untouched = await addNote(laptop, "# Untouched\n");
    await untilSynced(laptop);
    await laptop.ask("sync:work-offline", { offline: true });
    for (const id of [edited, moved, trashed, untouched]) {
      await rewrite(laptop, id, `${await textOf(laptop, id)}laptop\n`);
    }
    const created = await addNote(laptop, "# Created\n");
    const resetId = await recoverOffline(world, laptop);

    const tablet = await world.openClient("tablet");
    await untilNotes(tablet, "the recovered notes", (notes) => notes.some(({ id }) => id === created));
    await rewrite(tablet, edited, "# Edited\none tablet\ntwo\nlaptop\n");
    await tablet.ask("notes:move", { id: moved, target: { parentId: untouched, afterId: null } });
    await tablet.ask("notes:trash", { id: trashed });
    await rewrite(tablet, created, "# Created\ntablet\n");
    await untilSynced(tablet);
    await untilNotes(laptop, "the tablet's work", (notes) =>
      notes.some(({ id, text }) => id === created && text.includes("tablet")),
    );
    const before = await laptop.notes();

    const { left } = await laptop.ask("reports:undo-all", { resetId });
    expect([...left].sort()).toEqual([edited, moved, trashed, created].sort());
    await untilSynced(laptop);
    const fresh = await (await world.openClient("fresh")).notes();
    for (const id of left) expect(fresh.get(id)).toEqual(before.get(id));
    expect(fresh.get(untouched)?.text).toBe("# Untouched\n");
  });

  it("hangs no note under itself where its old parent has been moved under it since", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addSynced(laptop, "# Parent\n");
    const child = await addSynced(laptop, "# Child\n", parent);
    await laptop.ask("sync:work-offline", { offline: true });
    const { rootId } = await laptop.ask("notes:all", undefined);
    await laptop.ask("notes:move", { id: child, target: { parentId: rootId, afterId: null } });
    const resetId = await recoverOffline(world, laptop);

    const tablet = await world.openClient("tablet");
    await tablet.ask("notes:move", { id: parent, target: { parentId: child, afterId: null } });
    await untilSynced(tablet);
    await untilNotes(laptop, "the tablet's move", (notes) =>
      notes.some(({ id, parentId }) => id === parent && parentId === child),
    );

    const undoOne = laptop.ask("reports:resolve", { resetId, noteId: child, choice: "undo" });
    await expect(undoOne).rejects.toThrow(/under/);
    expect(await laptop.ask("reports:undo-all", { resetId })).toEqual({ undone: 0, left: [child] });
    await untilSynced(laptop);
    const tree = await treeOf(await world.openClient("fresh"));
    expect(tree.cycles).toEqual([]);
    expect(tree.parents.get(parent)).toBe(child);
    expect(tree.parents.get(child)).toBe(tree.rootId);
  });

  it("brings a note back to where it can be seen, though its parent is in the trash as well", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addSynced(laptop, "# Parent\n");
    const child = await addSynced(laptop, "# Child\n", parent);
    const phone = await world.openClient("phone");
    await untilNotes(phone, "the child", (notes) => notes.some(({ id }) => id === child));
    await laptop.ask("sync:work-offline", { offline: true });
    await rewrite(laptop, child, "# Child\nlaptop\n");
    await phone.ask("notes:trash", { id: child });
    await phone.ask("notes:trash", { id: parent });
    await untilSynced(phone);
    await phone.close();
    const resetId = await recoverOffline(world, laptop);
    expect(await isShown(laptop, child)).toBe(false);
    expect((await lastReport(laptop)).items).toMatchObject([{ noteId: child, outcome: "deletion-kept" }]);

    await laptop.ask("reports:resolve", { resetId, noteId: child, choice: "restore" });
    expect(await isShown(laptop, child)).toBe(true);
    expect(await textOf(laptop, child)).toBe("# Child\nlaptop\n");
    expect(await isShown(laptop, parent)).toBe(false);
  });

  it("is undone whole though the process is killed in the midst of undoing", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const folder = join(world.folder, "to-import");
    await mkdir(folder);
    for (let note = 0; note < 300; note += 1) await writeFile(join(folder, `${note}.md`), `# Note ${note}\n`);
    await laptop.ask("notes:import-folder", { folder });
    await untilSynced(laptop);
    const asServerHadThem = await laptop.notes();
    await laptop.ask("sync:work-offline", { offline: true });
    const ids = [...asServerHadThem.values()]
      .filter(({ text }) => text.startsWith("# Note"))
      .map(({ id }) => id);
    const { rootId } = await laptop.ask("notes:all", undefined);
    for (const id of ids) {
      await rewrite(laptop, id, "laptop\n");
      await laptop.ask("notes:move", { id, target: { parentId: rootId, afterId: null } });
    }
    const resetId = await recoverOffline(world, laptop);
    expect((await lastReport(laptop)).items).toHaveLength(ids.length);

    const howManyUndone = async () =>
      [...(await laptop.notes()).values()].filter(({ text }) => text.startsWith("# Note")).length;
    const killed = laptop.ask("reports:undo-all", { resetId }).then(
      () => "it was through before it was killed",
      () => "killed",
    );
    let undone = 0;
    while (undone === 0)
      undone = (await laptop.ask("notes:all", undefined)).rows.filter(({ title }) =>
        title.startsWith("Note "),
      ).length;
    await laptop.kill();
    expect(await killed).toBe("killed");
    laptop.start();
    await laptop.until("the notes", ({ readOnly }) => !readOnly);
    const soFar = await howManyUndone();
    expect(soFar).toBeGreaterThan(0);
    expect(soFar).toBeLessThan(ids.length);
    expect(await laptop.ask("reports:undo-all", { resetId })).toEqual({
      undone: ids.length - soFar,
      left: [],
    });
    await untilSynced(laptop);
    const fresh = await (await world.openClient("fresh")).notes();
    const stateOf = ({ text, parentId, orderKey, deletedAtMs }: Note) => ({
      text,
      parentId,
      orderKey,
      deletedAtMs,
    });
    for (const id of ids)
      expect(stateOf(fresh.get(id) as Note)).toEqual(stateOf(asServerHadThem.get(id) as Note));
  });
});
