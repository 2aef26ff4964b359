import { mkdir, readdir, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { runBackups } from "./backups-command";
import { runPublishedClient } from "./published-client";
import {
  acceptRestart,
  addNote,
  addSynced,
  backupNames,
  credentials,
  lastReport,
  openWorld,
  rewrite,
  textOf,
  texts,
  untilTexts,
  type World,
} from "./world";

const day = 24 * 60 * 60 * 1_000;

/** All Markdown files below a folder with what they say. */
async function filesBelow(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = await readFile(path, "utf8");
  }
  return found;
}

async function withCopy(): Promise<{ world: World; laptop: HeadlessClient; name: string }> {
  const world = await openWorld();
  const laptop = await world.openClient("laptop");
  const parent = await addNote(laptop, "# Parent\n");
  await addNote(laptop, "# Child\nunder it\n", parent);
  await untilSynced(laptop);
  await laptop.ask("backups:make", undefined);
  const [name = ""] = await backupNames(world, laptop);
  return { world, laptop, name };
}

describe("safety copies", () => {
  it("are listed, read in the place of the notes without being changed, and left again", async () => {
    const { world, laptop, name } = await withCopy();
    await addSynced(laptop, "# Later\n");
    const [row] = await laptop.ask("backups:list", undefined);
    expect(row).toMatchObject({
      name,
      why: "Made once a day, or when you ask for it.",
      notes: 3,
      kept: { kind: "last-three" },
    });
    const manifest = JSON.parse(
      await readFile(join(world.pathsOf(laptop).backups, name, "manifest.json"), "utf8"),
    );
    expect(manifest).toMatchObject({ kind: "daily", appVersion: "headless", notes: 3, schemaVersion: 0 });
    expect(manifest.noteFields).toContain("orderKey");

    await laptop.ask("backups:open", { name });
    expect(laptop.state()).toMatchObject({ readOnly: true, viewedCopy: { name } });
    expect(await texts(laptop)).toEqual(["# Child\nunder it\n", "# Parent\n"]);
    await expect(addNote(laptop, "# No\n")).rejects.toThrow(/only be read/);
    await laptop.ask("backups:close", undefined);
    expect(laptop.state()).toMatchObject({ readOnly: false, viewedCopy: null });
    expect(await texts(laptop)).toEqual(["# Child\nunder it\n", "# Later\n", "# Parent\n"]);
  });

  it("are exported as Markdown and as JSON, signed out and with no server at all", async () => {
    const { world, laptop, name } = await withCopy();
    await laptop.ask("account:sign-out", undefined);
    await world.stopServer();
    const folder = join(world.folder, "markdown");
    await mkdir(folder);
    expect(await laptop.ask("backups:export", { name, format: "markdown", to: folder })).toBe(2);
    expect(await filesBelow(folder)).toEqual({
      "Parent.md": "# Parent\n",
      "Parent/Child.md": "# Child\nunder it\n",
    });
    const file = join(world.folder, "copy.json");
    expect(await laptop.ask("backups:export", { name, format: "json", to: file })).toBe(3);
    const { objects } = JSON.parse(await readFile(file, "utf8"));
    const child = objects.find(({ fields }: { fields: { text: string } }) =>
      fields.text.startsWith("# Child"),
    );
    expect(child).toMatchObject({ class: "Note", fields: { isRoot: false, deletedAt: null, children: [] } });
    const parent = objects.find(({ fields }: { fields: { text: string } }) => fields.text === "# Parent\n");
    expect(parent.fields.children).toEqual([{ class: "Note", key: child.fields._id }]);
    expect(child.fields.parentId).toBe(parent.fields._id);
    await expect(laptop.ask("backups:export", { name, format: "json", to: file })).rejects.toThrow(/already/);
    await laptop.ask("backups:open", { name });
    expect(await texts(laptop)).toEqual(["# Child\nunder it\n", "# Parent\n"]);
  });

  it("can be listed, checked and exported by a command, which says what is wrong with one", async () => {
    const { world, laptop, name } = await withCopy();
    await laptop.close();
    const data = ["--data", world.pathsOf(laptop).dataDir, "--json"];
    expect((await runBackups("list", ...data)).json).toMatchObject({
      copies: [{ name, notes: 3, kind: "daily" }],
    });
    expect(await runBackups("check", "newest", ...data)).toMatchObject({ code: 0, json: { failed: 0 } });
    const folder = join(world.folder, "by-command");
    expect(await runBackups("export", name, "--to", folder, ...data)).toMatchObject({
      code: 0,
      json: { copies: [{ name, kind: "ok", notes: 2 }] },
    });
    expect(Object.keys(await filesBelow(folder)).sort()).toEqual(["Parent.md", "Parent/Child.md"]);
    await truncate(join(world.pathsOf(laptop).backups, name, "notes.realm"), 4_096);
    const broken = await runBackups("check", ...data);
    expect(broken).toMatchObject({ code: 1, json: { failed: 1 } });
    expect(broken.words).toMatch(/was changed since it was made/);
    expect(await runBackups("export", name)).toMatchObject({ code: 2 });
    expect(await runBackups("list", "--data", world.folder)).toMatchObject({ code: 1 });
    const nowhere = await runBackups("list", "--data", world.folder, "--json");
    expect(nowhere).toMatchObject({ code: 1, json: { error: expect.stringMatching(/no 'backups' folder/) } });
    expect(await runBackups("check", "no such", ...data)).toMatchObject({
      code: 1,
      json: { error: expect.stringMatching(/'list' says/) },
    });
    await rm(join(world.pathsOf(laptop).backups, name), { recursive: true });
    expect(await runBackups("check", ...data)).toMatchObject({ code: 0, json: { copies: [], failed: 0 } });
  });

  it("come with their reports, which the command lists and writes out without a log-in", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Note\n");
    await laptop.ask("sync:work-offline", { offline: true });
    await rewrite(laptop, id, "# Note\nnever uploaded\n");
    await world.terminateAndEnable();
    await laptop.ask("sync:work-offline", { offline: false });
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    const { resetId } = await lastReport(laptop);
    await laptop.close();
    const data = ["--data", world.pathsOf(laptop).dataDir, "--json"];
    expect((await runBackups("reports", ...data)).json).toMatchObject({
      reports: [{ resetId, changesRestored: 1, needsHelp: 0 }],
    });
    const file = join(world.folder, "report.md");
    expect(await runBackups("report", "newest", "--to", file, ...data)).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toContain(`- Reference: ${resetId}`);
    expect(await runBackups("report", resetId, "--to", file, ...data)).toMatchObject({
      code: 1,
      json: { error: expect.stringMatching(/EEXIST/) },
    });
    const json = `${file}.json`;
    await runBackups("report", resetId, "--to", json, "--format", "json", ...data);
    expect(JSON.parse(await readFile(json, "utf8")).items).toMatchObject([
      { mine: "# Note\nnever uploaded\n" },
    ]);
  });

  it("bring back the words of others, too, when a note vanishes", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# From the laptop\n");
    const phone = await world.openClient("phone");
    await untilTexts(phone, ["# From the laptop\n"]);
    await phone.ask("backups:make", undefined);
    await laptop.close();
    await runPublishedClient(
      join(world.folder, "outside"),
      world.server().url,
      credentials("gardener"),
      `realm.delete(realm.objectForPrimaryKey("Note", uuid("${id}")));`,
    );
    await phone.until("the audit", ({ audit }) => audit.mended?.notes === 1);
    expect(await textOf(phone, id)).toBe("# From the laptop\n");
    await untilSynced(phone);
  });

  it("of resets stay until their report is confirmed, thirty days more, and never fewer than three", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Note\n");
    for (let reset = 0; reset < 2; reset += 1) {
      await laptop.ask("sync:work-offline", { offline: true });
      await rewrite(laptop, id, `# Note\n${reset}\n`);
      await world.terminateAndEnable();
      await laptop.ask("sync:work-offline", { offline: false });
      await acceptRestart(laptop);
      await untilRecovered(laptop);
      await untilSynced(laptop);
      if (reset === 0) {
        const { resetId } = await lastReport(laptop);
        await laptop.ask("reports:confirm", { resetId });
      }
    }
    const rows = await laptop.ask("backups:list", undefined);
    const kept = rows.at(-1)?.kept;
    expect(kept?.kind === "until" && kept.atMs).toBeGreaterThan(Date.now() + 29 * day);
    const [unconfirmedYet] = rows.filter((row) => row.kept.kind === "unconfirmed");
    await expect(laptop.ask("backups:delete", { name: unconfirmedYet!.name })).rejects.toThrow(/you confirm/);
    const before = await backupNames(world, laptop);
    expect(before.length).toBeGreaterThan(3);
    await laptop.close();
    // The same folder, forty days later.
    const later = world.startClient("laptop", { clockOffsetMs: 40 * day });
    await untilSynced(later);
    await later.ask("backups:make", undefined);
    const left = (await later.ask("backups:list", undefined)).filter(({ resetId }) => resetId !== null);
    const unconfirmed = (await lastReport(later)).resetId;
    expect(left.filter(({ resetId }) => resetId === unconfirmed).length).toBeGreaterThan(0);
    expect(left.length).toBe(3);
    expect((await backupNames(world, later)).length).toBeLessThan(before.length + 1);
  });
});
