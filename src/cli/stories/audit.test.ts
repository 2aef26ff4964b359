import { execFile } from "node:child_process";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilSynced } from "../scenario/waits";
import { runPublishedClient } from "./published-client";
import {
  addNote,
  addSynced,
  credentials,
  lastReport,
  openWorld,
  rewrite,
  textOf,
  texts,
  untilNotes,
  untilTexts,
  type World,
} from "./world";

/** What a client does that knows only the published fields, or an operator with the plain SDK. */
function outside(world: World, write: string): Promise<void> {
  return runPublishedClient(
    join(world.folder, "outside"),
    world.server().url,
    credentials("gardener"),
    write,
  );
}

const hardDelete = (...ids: string[]) =>
  ids.map((id) => `realm.delete(realm.objectForPrimaryKey("Note", uuid("${id}")));`).join("\n");

const wipeLists = `for (const note of realm.objects("Note").snapshot()) note.children.splice(0, note.children.length);`;

async function treeOf(client: HeadlessClient) {
  const { rows, rootId } = await client.ask("notes:all", undefined);
  return buildTree(rows, rootId);
}

async function untilMended(client: HeadlessClient, notes: number): Promise<string> {
  const { audit } = await client.until("the audit", (state) => state.audit.mended?.notes === notes);
  return audit.mended?.reportId ?? "";
}

/** How often the journals of a client say that it wrote this note into being. */
async function creations(world: World, client: HeadlessClient, id: NoteId): Promise<number> {
  const { journals } = world.pathsOf(client);
  let count = 0;
  for (const name of await readdir(journals)) {
    for (const line of (await readFile(join(journals, name), "utf8")).split("\n")) {
      if (line.includes('"kind":"create"') && line.includes(`"id":"${id}"`)) count += 1;
    }
  }
  return count;
}

describe("notes that vanish without any reset", () => {
  it("are put back where they were, reported, and go again for good at one word", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addNote(laptop, "# Parent\n");
    const first = await addNote(laptop, "# First\n", parent);
    const second = await addNote(laptop, "# Second\n", parent);
    await addNote(laptop, "# Under the second\n", second);
    await rewrite(laptop, second, "# Second\nwith words\n");
    await untilSynced(laptop);
    const before = await laptop.notes();

    await outside(world, hardDelete(second, first));
    const reportId = await untilMended(laptop, 2);
    await untilTexts(laptop, ["# Parent\n", "# First\n", "# Second\nwith words\n", "# Under the second\n"]);
    const after = await laptop.notes();
    for (const id of [first, second]) {
      const { childIds: _, ...is } = after.get(id)!;
      const { childIds: __, ...was } = before.get(id)!;
      expect({ ...is, lastUpdatedMs: 0 }).toEqual({ ...was, lastUpdatedMs: 0 });
    }
    expect((await treeOf(laptop)).recovered).toEqual([]);
    await untilSynced(laptop);

    const report = await laptop.ask("reports:read", { resetId: reportId });
    expect(report).toMatchObject({ cause: "vanished", changesRestored: 2 });
    expect(report.items.map(({ title, outcome }) => [title, outcome]).sort()).toEqual([
      ["First", "missing-on-server"],
      ["Second", "missing-on-server"],
    ]);
    expect(report.items[0]?.path).toEqual(["Parent"]);

    // The second has a live note under it, which must not go into the trash with it.
    expect(await laptop.ask("reports:undo-all", { resetId: reportId })).toEqual({
      undone: 1,
      left: [second],
    });
    const left = ["# Parent\n", "# Second\nwith words\n", "# Under the second\n"];
    expect(await texts(laptop)).toEqual(left);
    await untilSynced(laptop);
    // In the trash that is a deletion like any other, and nobody puts it back.
    await laptop.kill();
    laptop.start();
    await untilSynced(laptop);
    expect(await texts(laptop)).toEqual(left);
  });

  it("are found at the next start, where they vanished while nobody looked", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Gone by night\n");
    await laptop.close();
    await outside(world, hardDelete(id));
    laptop.start();
    await untilMended(laptop, 1);
    await untilTexts(laptop, ["# Gone by night\n"]);
    await untilSynced(laptop);
    await untilTexts(await world.openClient("fresh"), ["# Gone by night\n"]);
  });

  it("are put back once by two devices together, with the newest words that either has", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const both = await addSynced(laptop, "# Both\nlaptop\n");
    const older = await addSynced(laptop, "# Older here\nlaptop\n");
    const phone = await world.openClient("phone");
    await untilTexts(phone, ["# Both\nlaptop\n", "# Older here\nlaptop\n"]);
    await rewrite(phone, both, "# Both\nlaptop\nphone\n");
    await rewrite(phone, older, "# Older here\nlaptop\nphone\n");
    await untilSynced(phone);
    await untilTexts(laptop, ["# Both\nlaptop\nphone\n", "# Older here\nlaptop\nphone\n"]);
    await rewrite(laptop, both, "# Both\nlaptop\nphone\nlaptop\n");
    await untilSynced(laptop);
    const newest = ["# Both\nlaptop\nphone\nlaptop\n", "# Older here\nlaptop\nphone\n"];
    await untilTexts(phone, newest);

    // Both hear of the loss at the same moment, and neither waits for the other.
    await laptop.ask("sync:work-offline", { offline: true });
    await phone.ask("sync:work-offline", { offline: true });
    await outside(world, hardDelete(both, older));
    await laptop.ask("sync:work-offline", { offline: false });
    await phone.ask("sync:work-offline", { offline: false });
    await Promise.any(
      [laptop, phone].map((client) => client.until("mended", ({ audit }) => audit.mended !== null)),
    );
    await untilTexts(laptop, newest);
    await untilTexts(phone, newest);

    // A word of each that the other has to see: what either still had to say about the loss is said by then.
    for (const [one, other] of [
      [laptop, phone],
      [phone, laptop],
      [laptop, phone],
    ] as const) {
      const marker = await addSynced(one, "# Marker\n");
      await untilNotes(other, "the marker", (notes) => notes.some(({ id }) => id === marker));
      await untilSynced(other);
    }
    for (const client of [laptop, phone]) {
      expect(await textOf(client, both)).toBe(newest[0]);
      expect(await textOf(client, older)).toBe(newest[1]);
      await client.kill();
      client.start();
      await untilSynced(client);
    }
    const version = await world.serverVersion();
    // Nothing is left to be said about it: both have looked again, and nobody wrote.
    const wrote = [await creations(world, laptop, older), await creations(world, phone, older)];
    expect(Math.max(...wrote)).toBeLessThanOrEqual(2);
    expect(await world.serverVersion()).toBe(version);
    await untilTexts(await world.openClient("fresh"), [...newest, "# Marker\n", "# Marker\n", "# Marker\n"]);
  });

  it("are left away, but kept to be put back by hand, when they vanish a second time", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Unwelcome\n");
    await outside(world, hardDelete(id));
    const firstReport = await untilMended(laptop, 1);
    await untilSynced(laptop);
    await outside(world, hardDelete(id));
    await laptop.until("the second report", ({ audit }) => {
      return audit.mended !== null && audit.mended.reportId !== firstReport;
    });
    expect(await texts(laptop)).toEqual([]);
    const report = await lastReport(laptop);
    expect(report.items).toMatchObject([{ outcome: "left-out", needsHelp: true, mine: "# Unwelcome\n" }]);
    await laptop.ask("reports:resolve", { resetId: report.resetId, noteId: id, choice: "restore" });
    expect(await texts(laptop)).toEqual(["# Unwelcome\n"]);
    await untilSynced(laptop);
  });

  it("are asked about before anything is written where they are very many", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    for (let note = 0; note < 60; note += 1) await addNote(laptop, `# Note ${note}\n`);
    await untilSynced(laptop);
    await outside(world, `realm.delete(realm.objects("Note").filtered("isRoot == false"));`);
    await laptop.until("the question", ({ audit }) => audit.asks === 60);
    expect(await texts(laptop)).toEqual([]);
    await laptop.ask("audit:answer", { choice: "put-back" });
    await untilMended(laptop, 60);
    expect(await texts(laptop)).toHaveLength(60);
    expect(laptop.state()?.audit.asks).toBe(null);
  });
});

describe("lists of children that are wiped", () => {
  const childId = "33333333-3333-4333-8333-333333333333" as NoteId;

  it("cost the tree nothing, and are mended by whoever changes those children anyway, by nobody else", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addNote(laptop, "# Parent\n");
    await addNote(laptop, "# Child\n", parent);
    await untilSynced(laptop);
    const phone = await world.openClient("phone");
    await outside(world, wipeLists);
    for (const client of [laptop, phone]) {
      await untilNotes(client, "the wiped lists", (notes) =>
        notes.every(({ childIds }) => childIds.length === 0),
      );
      const tree = await treeOf(client);
      expect(tree.recovered).toEqual([]);
      expect(tree.children.get(parent)).toHaveLength(1);
    }
    const version = await world.serverVersion();
    for (const client of [laptop, phone]) {
      await client.kill();
      client.start();
      await untilSynced(client);
    }
    expect(await world.serverVersion()).toBe(version);
    const sibling = await addSynced(laptop, "# Sibling\n", parent);
    const { childIds } = await laptop.ask("notes:read", { id: parent });
    expect(childIds).toHaveLength(2);
    expect(childIds[0]).toBe(sibling);
  });

  it("give a note that only a list named its place back", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addSynced(laptop, "# Parent\n");
    await outside(
      world,
      `const child = realm.create("Note", { _id: uuid("${childId}"), text: "# Adopted\\n", isRoot: false, owner_id: user.id });
       realm.objectForPrimaryKey("Note", uuid("${parent}")).children.push(child);`,
    );
    await untilNotes(laptop, "the note", (notes) => notes.some(({ id }) => id === childId));
    expect((await treeOf(laptop)).parents.get(childId)).toBe(parent);
    await outside(world, wipeLists);
    await untilMended(laptop, 1);
    const tree = await treeOf(laptop);
    expect(tree.recovered).toEqual([]);
    expect(tree.parents.get(childId)).toBe(parent);
    await untilSynced(laptop);
    const fresh = await world.openClient("fresh");
    expect((await treeOf(fresh)).parents.get(childId)).toBe(parent);
  });
});

describe("places that are wiped", () => {
  it("with the lists of children too, and by no hand that left a new revision, are given back as they were", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const parent = await addSynced(laptop, "# Parent\n");
    const first = await addSynced(laptop, "# First\n", parent);
    const second = await addSynced(laptop, "# Second\n", first);
    const before = await laptop.notes();
    const phone = await world.openClient("phone");
    await untilNotes(phone, "all", (notes) => notes.length === before.size);
    // As an operator's repair might, or a translation to another store that does not know of these fields.
    const wipe = `for (const note of realm.objects("Note").filtered("isRoot == false").snapshot()) {
        note.parentId = null; note.orderKey = null;
      }
      ${wipeLists}`;
    const more = { parentId: "uuid?", orderKey: "string?" };
    const { url } = world.server();
    await runPublishedClient(join(world.folder, "operator"), url, credentials("gardener"), wipe, more);
    const placeOf = ({ parentId, orderKey }: Note) => ({ parentId, orderKey });
    for (const client of [laptop, phone]) {
      await untilNotes(client, "the places", (notes) =>
        notes.every((note) => note.parentId === before.get(note.id)?.parentId),
      );
      await untilSynced(client);
    }
    const fresh = await (await world.openClient("fresh")).notes();
    for (const id of [parent, first, second]) {
      expect(placeOf(fresh.get(id) as Note)).toEqual(placeOf(before.get(id) as Note));
    }
  });
});

describe("notes that vanish while the disk is full", () => {
  it("are put back as soon as the disk takes it, without another loss or a new start", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const text = `# Long\n${"words ".repeat(10_000)}`;
    const id = await addSynced(laptop, text);
    const { journals } = world.pathsOf(laptop);
    const [journal = ""] = await readdir(journals);
    const { size } = await stat(join(journals, journal));
    // A journal that cannot grow is what a full disk is to the app; its log is shorter and goes on.
    await limitFiles(laptop, String(size));
    await outside(world, hardDelete(id));
    await untilAuditFailed(world, laptop);
    expect(await texts(laptop)).toEqual([]);
    await limitFiles(laptop, "unlimited");
    const reportId = await untilMended(laptop, 1);
    expect(await texts(laptop)).toEqual([text]);
    expect((await laptop.ask("reports:read", { resetId: reportId })).items).toHaveLength(1);
  });

  it("are reported as soon as the report can be written", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# First\n");
    const { reports } = world.pathsOf(laptop);
    await rename(reports, `${reports}-away`);
    await writeFile(reports, "no folder");
    await outside(world, hardDelete(id));
    await untilAuditFailed(world, laptop);
    expect(await texts(laptop)).toEqual(["# First\n"]);
    await rm(reports);
    await rename(`${reports}-away`, reports);
    while ((await laptop.ask("reports:list", undefined)).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await lastReport(laptop)).items).toMatchObject([{ noteId: id, outcome: "missing-on-server" }]);
  });
});

/** No file of the running client can grow beyond so many bytes. */
async function limitFiles(client: HeadlessClient, bytes: string): Promise<void> {
  await promisify(execFile)("prlimit", ["--pid", String(client.pid()), `--fsize=${bytes}:unlimited`]);
}

async function untilAuditFailed(world: World, client: HeadlessClient): Promise<void> {
  // There is no log before there is a line for it.
  while (!(await world.logOf(client).catch(() => "")).includes('"the audit failed"')) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
