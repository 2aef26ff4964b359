import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
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

const backups = resolve(process.env.PERENNIAL_TEST_PROGRAMS ?? join("out", "node"), "backups.cjs");

async function runBackups(...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [backups, ...args]);
}

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

  it("has all that a choice needs, forty days later, offline, and with every safety copy gone", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const one = await addNote(laptop, "# One\nold\n");
    const two = await addNote(laptop, "# Two\nold\n");
    const three = await addNote(laptop, "# Three\nold\n");
    const four = await addNote(laptop, "# Four\none\ntwo\nthree\n");
    const home = await addNote(laptop, "# Home\n");
    await untilSynced(laptop);
    const phone = await world.openClient("phone");
    await laptop.ask("sync:work-offline", { offline: true });
    for (const id of [one, two, three]) {
      await rewrite(laptop, id, (await textOf(laptop, id)).replace("old", "laptop"));
      await rewrite(phone, id, (await textOf(phone, id)).replace("old", "phone"));
    }
    await rewrite(laptop, four, "# Four\none laptop\ntwo\nthree\n");
    await rewrite(phone, four, "# Four\none\ntwo\nthree phone\n");
    await untilSynced(phone);
    await phone.close();
    const resetId = await recoverOffline(world, laptop);
    const { items } = await lastReport(laptop);
    const copyOf = (id: NoteId) => items.find(({ noteId }) => noteId === id)?.copyId as NoteId;
    const [copyOfOne, copyOfTwo, copyOfThree] = [copyOf(one), copyOf(two), copyOf(three)];
    await laptop.close();
    await world.stopServer();
    for (const name of await readdir(world.pathsOf(laptop).backups)) {
      await rm(join(world.pathsOf(laptop).backups, name), { recursive: true });
    }

    laptop.start({ clockOffsetMs: 40 * 24 * 60 * 60 * 1_000 });
    await laptop.until("the notes", ({ readOnly }) => !readOnly);
    const settle = (noteId: NoteId, choice: "mine" | "theirs" | "both") =>
      laptop.ask("reports:resolve", { resetId, noteId, choice });
    await settle(one, "mine");
    await settle(two, "theirs");
    await settle(three, "theirs");
    await settle(three, "both");
    await settle(four, "both");
    expect((await lastReport(laptop)).items.filter(({ needsHelp }) => needsHelp)).toEqual([]);
    await laptop.ask("notes:move", { id: four, target: { parentId: home, afterId: null } });
    const saved = join(world.folder, "report.md");
    await laptop.close();
    await runBackups("report", "newest", "--to", saved, "--data", world.pathsOf(laptop).dataDir);
    expect(await readFile(saved, "utf8")).toContain("# Two\nlaptop\n");

    await world.startServer();
    laptop.start();
    await untilSynced(laptop);
    const fresh = await world.openClient("fresh");
    const [notes, tree] = [await fresh.notes(), await treeOf(fresh)];
    expect([one, two, three, four].map((id) => notes.get(id)?.text)).toEqual([
      "# One\nlaptop\n",
      "# Two\nphone\n",
      "# Three\nphone\n",
      "# Four\none\ntwo\nthree phone\n",
    ]);
    expect([copyOfOne, copyOfTwo, copyOfThree].map((id) => tree.trashed.has(id))).toEqual([
      true,
      true,
      false,
    ]);
    expect(notes.get(copyOfThree)?.text).toMatch(/^# Three \(your copy, \d{1,2} \w+, \d\d:\d\d\)\nlaptop\n$/);
    expect(tree.parents.get(four)).toBe(home);
    const copiesOfFour = [...notes.values()].filter(({ text }) => text.startsWith("# Four (your copy)"));
    expect(copiesOfFour.map(({ text }) => text)).toEqual(["# Four (your copy)\none laptop\ntwo\nthree\n"]);
  });
});
