import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type NoteSchemaName, noteSchemas } from "../../main/realm/schema";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
import { type RewritingProxy, startRewritingProxy } from "./rewriting-proxy";
import {
  acceptRestart,
  addNote,
  addSynced,
  backupNames,
  lastReport,
  openWorld,
  rewrite,
  untilTexts,
  type World,
} from "./world";

type Story = { readonly world: World; readonly client: HeadlessClient; readonly kept: NoteId };

const wanted = ["# Kept\nnever uploaded\n", "# Only here\n"];

/** Offline by choice, with an edit and a note that the server never had. */
async function withUnsyncedWork(proxy?: RewritingProxy): Promise<Story> {
  const world = await openWorld(proxy === undefined ? {} : { proxy });
  const client = await world.openClient("laptop");
  const kept = await addSynced(client, "# Kept\n");
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, kept, "# Kept\nnever uploaded\n");
  await addNote(client, "# Only here\n");
  return { world, client, kept };
}

async function expectRecovered({ world, client }: Story): Promise<void> {
  await untilRecovered(client);
  await untilTexts(client, wanted);
  await untilSynced(client);
  const report = await lastReport(client);
  expect(report.items.map(({ title }) => title).sort()).toEqual(["Kept", "Only here"]);
  expect(await backupNames(world, client)).toContain(report.backupName);
  await untilTexts(await world.openClient("fresh"), wanted);
}

/**
 * Another program of this computer writes offline, in one transaction, into the same file. `write` is JavaScript that
 * may use `realm`, `user` and `uuid(text)`.
 */
async function writeOutside(
  { dataDir }: { readonly dataDir: string },
  serverUrl: string,
  schema: NoteSchemaName,
  write: string,
): Promise<void> {
  const script = `
    const Realm = require(${JSON.stringify(createRequire(import.meta.url).resolve("realm"))});
    const { randomBytes, randomUUID } = require("node:crypto");
    const uuid = (text) => new Realm.BSON.UUID(Buffer.from(text.replaceAll("-", ""), "hex"));
    const app = new Realm.App({ id: "perennial", baseUrl: ${JSON.stringify(serverUrl)} });
    const user = app.currentUser;
    const realm = new Realm({ schema: [${JSON.stringify(noteSchemas[schema])}], sync: {
      user, flexible: true, clientReset: { mode: "manual" }, error: () => undefined,
    } });
    realm.write(() => { ${write} });
    realm.close();
    process.exit(0);`;
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: "not-used" };
  await promisify(execFile)(process.execPath, ["-e", script], { cwd: dataDir, env });
}

const hundredLargeNotes = `
  const root = realm.objects("Note").filtered("isRoot == true")[0];
  for (let note = 0; note < 100; note += 1) {
    realm.create("Note", {
      _id: uuid(randomUUID()),
      text: "# Large " + note + "\\n" + randomBytes(6_000).toString("base64"),
      isRoot: false, owner_id: user.id, parentId: root._id, orderKey: "a" + note,
    });
  }`;

async function fieldsOf(exported: string): Promise<unknown> {
  return JSON.parse(await readFile(join(exported, "Fields without a place.json"), "utf8"));
}

describe("a recovery that begins with", () => {
  it("the order to delete the file, which Realm carries out without a copy", async () => {
    const proxy = await startRewritingProxy();
    const story = await withUnsyncedWork(proxy);
    const { world, client } = story;
    proxy.rewrite('"action":"ClientReset"', '"action":"DeleteRealm"');
    await world.terminateAndEnable();
    await client.ask("sync:work-offline", { offline: false });
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    proxy.stopRewriting();
    await client.ask("reset:restart", undefined);
    await expectRecovered(story);
    expect((await lastReport(client)).cause).toBe("delete-ordered");
    // Nothing was left behind by Realm: all of it came from Perennial's own copy.
    const { recoveredRealms } = world.pathsOf(client);
    expect(existsSync(recoveredRealms) ? await readdir(recoveredRealms) : []).toEqual([]);
  });

  it.each([
    { code: 132, category: "realm::sync::ClientError", isFatal: true, cause: "automatic-recovery-failed" },
    { code: 211, category: "realm::sync::ProtocolError", isFatal: true, cause: "restored" },
  ] as const)("error $code of the sync engine", async ({ cause, ...error }) => {
    const proxy = await startRewritingProxy();
    const world = await openWorld({ proxy });
    const client = await world.openClient("laptop");
    const kept = await addSynced(client, "# Kept\n");
    proxy.swallow();
    await rewrite(client, kept, "# Kept\nnever uploaded\n");
    await addNote(client, "# Only here\n");
    await client.simulateError({ ...error, message: "simulated" });
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await client.ask("reset:restart", undefined);
    const story = { world, client, kept };
    await expectRecovered(story);
    expect((await lastReport(client)).cause).toBe(cause);
  });

  it("a person's word, after an error that stops syncing and asks for no reset", async () => {
    const proxy = await startRewritingProxy();
    const story = await withUnsyncedWork(proxy);
    const { world, client } = story;
    proxy.rewrite('"action":"ClientReset"', '"action":"Unheard-Of!"');
    await world.terminateAndEnable();
    await client.ask("sync:work-offline", { offline: false });
    const since = async () => {
      const { sync } = await client.until(
        "the problem",
        ({ sync }) => sync.kind === "problem" && sync.stoppedAtMs !== null,
      );
      return sync.kind === "problem" ? sync.stoppedAtMs : null;
    };
    const stoppedAtMs = await since();
    // Notes can be taken all the same, and a restart knows since when nothing syncs.
    await untilWritable(client);
    await client.close();
    client.start();
    expect(await since()).toBe(stoppedAtMs);
    // Until then the server's words stay rewritten: it does ask for a reset, which would be another story.
    await client.ask("sync:rebuild", undefined);
    proxy.stopRewriting();
    await expectRecovered(story);
    expect((await lastReport(client)).cause).toBe("asked-for");
    expect((await client.ask("app:state", undefined)).sync.kind).toBe("synced");
    expect(client.restarts()).toBe(1);
  });

  it("a file that this version of Perennial cannot open", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const kept = await addSynced(client, "# Kept\n");
    await client.close();
    await world.stopServer();
    // The other version writes offline; the property that only it has is in its file and nowhere else.
    client.start({ schema: "mood-number" });
    await untilWritable(client);
    await rewrite(client, kept, "# Kept\nnever uploaded\n");
    await addNote(client, "# Only here\n");
    await client.close();
    const feel = `realm.objectForPrimaryKey("Note", uuid("${kept}")).mood = 7;`;
    await writeOutside(world.pathsOf(client), world.server().url, "mood-number", feel);
    client.start({ schema: "mood-word" });
    const { readOnly } = await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    expect(readOnly).toBe(true);
    await untilTexts(client, wanted);
    const inNote = { id: kept, title: "Kept", file: "Kept.md", fields: { mood: 7 } };
    // Nobody has to recover first to have everything in an export.
    const before = join(world.folder, "exported at the prompt");
    await client.ask("notes:export", { folder: before });
    expect(await fieldsOf(before)).toMatchObject({ notes: [inNote], others: {} });
    await world.startServer();
    await client.ask("reset:restart", undefined);
    await expectRecovered({ world, client, kept });
    const report = await lastReport(client);
    expect(report.cause).toBe("cannot-open");
    // The number has no place in this version's notes, and is not lost for that.
    expect(report.leftovers).toMatchObject({ notes: 1, fields: ["mood"], classes: [] });
    expect(report.leftovers?.values).toEqual([{ noteId: kept, title: "Kept", field: "mood", value: 7 }]);
    const exported = join(world.folder, "exported");
    await client.ask("backups:export", { name: report.backupName, format: "markdown", to: exported });
    expect(await fieldsOf(exported)).toMatchObject({ notes: [inNote], others: {} });
    const bundle = join(world.folder, "support.json");
    await client.ask("app:support-bundle", { to: bundle });
    const told = await readFile(bundle, "utf8");
    expect(told).not.toContain("Kept");
    expect(JSON.parse(told).reports).toMatchObject([
      { leftovers: { notes: 1, fields: ["mood"], values: 1, objects: 0 } },
    ]);
    const { reports } = world.pathsOf(client);
    const keptApart = await readFile(join(reports, report.leftovers?.file ?? ""), "utf8");
    expect(JSON.parse(keptApart)).toEqual({ fields: { [kept]: { mood: 7 } }, objects: {} });
    expect(await readdir(world.pathsOf(client).recoveredRealms)).toHaveLength(1);
  });
});

describe("a change too large for the server", () => {
  it("is put back in pieces, and in smaller ones where these are refused as well", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const kept = await addSynced(client, "# Kept\n");
    await client.close();
    await world.stopServer();
    await writeOutside(world.pathsOf(client), world.server().url, "current", hundredLargeNotes);
    // Less than one batch of the recovery: the first ones are refused, too.
    await world.startServer(["--max-message", "150"]);
    client.start();
    await acceptRestart(client);
    await untilRecovered(client);
    await untilSynced(client);
    const states = (await world.logOf(client)).match(/"state":"restarting"/g) ?? [];
    expect(states.length).toBeGreaterThan(1);
    expect((await lastReport(client)).cause).toBe("upload-too-large");
    const fresh = await (await world.openClient("fresh")).notes();
    expect([...fresh.values()].filter(({ text }) => text.startsWith("# Large "))).toHaveLength(100);
    expect(fresh.has(kept)).toBe(true);
  });

  it("is left out and told where it is one note, the rest goes on, and it is put back once the server takes it", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    const kept = await addSynced(client, "# Kept\n");
    await client.close();
    await world.stopServer();
    await world.startServer(["--max-message", "150"]);
    client.start();
    await untilSynced(client);
    await client.ask("sync:work-offline", { offline: true });
    const words = randomBytes(300_000).toString("base64");
    const large = await addNote(client, `# Large\n${words}\n`);
    const under = await addNote(client, "# Under it\n", large);
    await rewrite(client, kept, "# Kept\nnever uploaded\n");
    await client.ask("sync:work-offline", { offline: false });
    await acceptRestart(client);
    await untilRecovered(client);
    await untilSynced(client);
    const report = await lastReport(client);
    expect(report.failed).toEqual([large]);
    expect(report.items.find(({ noteId }) => noteId === large)?.mine).toContain(words);
    const rest = ["# Kept\nnever uploaded\n", "# Under it\n", "Recovered notes"];
    await untilTexts(client, rest);
    await untilTexts(await world.openClient("fresh"), rest);
    // Syncing goes on, and nothing tries it again by itself.
    await addSynced(client, "# Later\n");
    expect((await client.ask("app:state", undefined)).reset.kind).toBe("finished");

    await client.close();
    await world.stopServer();
    await world.startServer();
    client.start();
    await untilWritable(client);
    await client.ask("reports:resolve", { resetId: report.resetId, noteId: large, choice: "mine" });
    await untilSynced(client);
    const notes = await (await world.openClient("later")).notes();
    expect(notes.get(large)?.text).toBe(`# Large\n${words}\n`);
    expect(notes.get(under)?.deletedAtMs).toBe(null);
    expect((await lastReport(client)).failed).toEqual([]);
  });
});
