import { execFile, fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced, untilWritable } from "../scenario/waits";
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

const programs = resolve(process.env.PERENNIAL_TEST_PROGRAMS ?? join("out", "node"));
const run = promisify(execFile);
/** In every note of these stories, and in nothing else. */
const word = "quincequetzal";

type Encrypted = {
  readonly world: World;
  readonly client: HeadlessClient;
  readonly kept: NoteId;
  readonly key: Buffer;
  readonly keyFile: string;
};

async function openEncrypted(): Promise<Encrypted> {
  const world = await openWorld();
  const key = randomBytes(64);
  const keyFile = join(world.folder, "laptop.key");
  await writeFile(keyFile, key.toString("hex"));
  const client = await world.openClient("laptop", "gardener", { encrypt: true, keyFile });
  const kept = await addSynced(client, `# Kept ${word}\n`);
  return { world, client, kept, key, keyFile };
}

const recovered = [`# Kept ${word}\nnever uploaded ${word}\n`, `# After the backup ${word}\n`];

/** One synced note from before the server's backup, one from after it, and one edit that was never uploaded. */
async function restoredWhileAway({ world, client, kept }: Encrypted): Promise<void> {
  const backup = await world.backUp();
  await addSynced(client, `# After the backup ${word}\n`);
  await client.ask("backups:make", undefined);
  await client.ask("sync:work-offline", { offline: true });
  await rewrite(client, kept, recovered[0] ?? "");
  await client.close();
  await world.restore(backup);
}

async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(path.slice(folder.length + 1), await readFile(path));
  }
  return found;
}

/** The files in which one of these stands, as it is or as another program might have written it. */
async function filesWith(folder: string, secrets: readonly (string | Buffer)[]): Promise<string[]> {
  const files = await filesBelow(folder);
  const forms = secrets.flatMap((secret) =>
    typeof secret === "string"
      ? [Buffer.from(secret), Buffer.from(secret, "utf16le")]
      : [secret, Buffer.from(secret.toString("hex")), Buffer.from(secret.toString("base64"))],
  );
  return [...files].filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([name]) => name);
}

async function hashesBelow(folder: string): Promise<Record<string, string>> {
  const files = [...(await filesBelow(folder))];
  return Object.fromEntries(
    files.map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]),
  );
}

/** Starts the client's program with these options and waits for its end. */
async function startAlone({ world, client }: Encrypted, ...more: string[]) {
  const { dataDir } = world.pathsOf(client);
  const args = ["--data", dataDir, "--server", world.server().url, ...more];
  const child = fork(join(programs, "client.cjs"), args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let words = "";
  child.stderr?.on("data", (chunk) => {
    words += chunk;
  });
  const [code] = await once(child, "close");
  return { code, words };
}

async function backups(...args: string[]): Promise<{ code: number; words: string }> {
  try {
    const { stderr } = await run(process.execPath, [join(programs, "backups.cjs"), ...args]);
    return { code: 0, words: stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, words: stderr };
  }
}

describe("an encrypted data folder", () => {
  it("recovers whole, through kill -9, and holds no word and no key at any time", async () => {
    const story = await openEncrypted();
    const { world, client, key } = story;
    const { dataDir, plan, reports } = world.pathsOf(client);
    const secrets = [word, key];
    await restoredWhileAway(story);
    expect(await filesWith(dataDir, secrets)).toEqual([]);

    const died = client.dieAt("applying");
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    const typed = [{ id: story.kept, base: "", text: `Typed ${word}` }];
    await client.ask("notes:keep-typing", typed);
    await acceptRestart(client);
    await died;
    expect(existsSync(plan)).toBe(true);
    expect(await filesWith(dataDir, secrets)).toEqual([]);

    client.start();
    expect(await client.ask("notes:kept-typing", undefined)).toEqual(typed);
    await client.ask("notes:keep-typing", []);
    await untilRecovered(client);
    await untilTexts(client, recovered);
    await untilSynced(client);
    const report = await lastReport(client);
    expect(report.items.map(({ title }) => title).sort()).toEqual([
      `After the backup ${word}`,
      `Kept ${word}`,
    ]);
    const { backupName } = report;
    const manifest = await readFile(join(dataDir, "backups", backupName, "manifest.json"), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({ encrypted: true, keyId: expect.stringMatching(/^\w{16}$/) });
    await client.ask("backups:open", { name: backupName });
    await untilTexts(client, recovered);
    await client.ask("backups:close", undefined);

    // What a person asks for is plain.
    const exported = join(world.folder, "exported.json");
    await client.ask("backups:export", { name: backupName, format: "json", to: exported });
    expect(await readFile(exported, "utf8")).toContain(word);

    // What goes to a supporter is not encrypted, and holds neither.
    const bundle = join(dataDir, "support.json");
    await client.ask("app:support-bundle", { to: bundle });
    expect(await readFile(bundle, "utf8")).toContain("safetyCopies");

    await client.close();
    expect(await readdir(reports)).toContain(`${report.resetId}.json`);
    expect(await filesWith(dataDir, secrets)).toEqual([]);
    client.start();
    await untilTexts(client, recovered);
    expect((await lastReport(client)).resetId).toBe(report.resetId);

    // The same search finds what a client without encryption has, and that shows what the server has.
    const plain = await world.openClient("fresh");
    await untilTexts(plain, recovered);
    await plain.close();
    expect(await filesWith(world.pathsOf(plain).dataDir, secrets)).not.toEqual([]);
  });

  it("recovers from the file that Realm has moved away, where nothing else is left", async () => {
    const story = await openEncrypted();
    const { world, client, key } = story;
    await restoredWhileAway(story);
    client.start();
    await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
    await client.kill();
    const { dataDir, resetRecord, backups: shelf, recoveredRealms } = world.pathsOf(client);
    await rm(resetRecord);
    await rm(shelf, { recursive: true });
    // Another process of the same data folder that got no further than opening Realm's App.
    const realm = createRequire(import.meta.url).resolve("realm");
    const script = `const Realm = require(${JSON.stringify(realm)});
      new Realm.App({ id: "perennial", baseUrl: "http://127.0.0.1:9" });
      process.exit(0);`;
    await run(process.execPath, ["-e", script], { cwd: dataDir });
    expect(existsSync(recoveredRealms)).toBe(true);
    client.start();
    await untilRecovered(client);
    await untilTexts(client, recovered);
    await untilSynced(client);
    expect(await backupNames(world, client)).toContain((await lastReport(client)).backupName);
    await client.close();
    expect(await filesWith(dataDir, [word, key])).toEqual([]);
  });

  it("says what it needs when its key is missing or another, and touches nothing", async () => {
    const story = await openEncrypted();
    const { world, client, kept, keyFile } = story;
    await client.ask("backups:make", undefined);
    await client.close();
    const { dataDir } = world.pathsOf(client);
    const before = await hashesBelow(dataDir);
    const wrongFile = join(world.folder, "wrong.key");
    await writeFile(wrongFile, randomBytes(64).toString("hex"));

    const without = await startAlone(story);
    expect(without.code).toBe(1);
    expect(without.words).toContain("are encrypted. Give the file with its key: --encryption-key-file FILE.");
    const wrong = await startAlone(story, "--encrypt", "--encryption-key-file", wrongFile);
    expect(wrong.code).toBe(1);
    expect(wrong.words).toContain("Start Perennial with the key that the folder was made with.");
    expect((await backups("check", "--data", dataDir)).words).toContain("Give the file with its key");
    expect((await backups("check", "--data", dataDir, "--encryption-key-file", wrongFile)).code).toBe(1);
    expect(await hashesBelow(dataDir)).toEqual(before);

    const checked = await backups("check", "--data", dataDir, "--encryption-key-file", keyFile);
    expect(checked).toMatchObject({ code: 0, words: expect.stringContaining("2 notes") });
    client.start();
    await untilWritable(client);
    await rewrite(client, kept, `# Kept ${word}\nand written on\n`);
    await addNote(client, `# Another ${word}\n`);
    await untilSynced(client);
  });
});

describe("a data folder that was made without encryption", () => {
  it("stays without, says so, and goes on", async () => {
    const world = await openWorld();
    const client = await world.openClient("laptop");
    await addSynced(client, `# Plain ${word}\n`);
    await client.close();
    const keyFile = join(world.folder, "laptop.key");
    await writeFile(keyFile, randomBytes(64).toString("hex"));
    client.start({ encrypt: true, keyFile });
    await untilTexts(client, [`# Plain ${word}\n`]);
    await untilWritable(client);
    expect(await world.logOf(client)).toContain("stay unencrypted");
    expect(existsSync(world.pathsOf(client).encryption)).toBe(false);
  });
});
