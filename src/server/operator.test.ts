/** What an operator does, and what happens to one unasked: crashes, backups, restores, resets. Real processes only. */
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DrivenClient } from "./testing/driven-client";
import { type Account, noteIdIn, TestBed, until } from "./testing/test-bed";

let bed: TestBed;
let account: Account;
let a: DrivenClient;
let b: DrivenClient;

const noteId = (n: number): string => noteIdIn(1, n);

beforeEach(() => {
  bed = new TestBed();
});

afterEach(() => bed.dispose());

async function startWithTwoClients(...options: readonly string[]): Promise<void> {
  await bed.startServer(...options);
  [a, b] = [bed.client(), bed.client()];
  account = await bed.newAccount(a);
  await Promise.all([bed.open(a, account), bed.open(b, account)]);
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await bed.cli(...args, "--data", bed.dataDir, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** The server that was killed starts again, and the client does not wait for its own next attempt. */
async function reconnect(client: DrivenClient): Promise<void> {
  await client.pause();
  await client.resume();
}

describe("a server killed in the middle of uploads", () => {
  it("has every acknowledged change when it starts again, and clients carry on", async () => {
    await startWithTwoClients();
    let written = 0;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5; i++) {
        written += 1;
        await a.write({ kind: "create", id: noteId(written), fields: { text: `acknowledged ${written}` } });
        await a.write({ kind: "set", id: noteId(1), fields: { orderKey: `after ${written}` } });
      }
      await a.uploaded();
      const acknowledged = written;
      // These are on their way when the server dies: none, some or all of them may have arrived.
      for (let i = 0; i < 20; i++) {
        written += 1;
        await a.write({ kind: "create", id: noteId(written), fields: { text: "x".repeat(20_000) } });
      }
      await bed.killServer();
      const store = join(bed.directory, "copy");
      copyStore(bed.dataDir, store);
      const { objects } = (await jsonOf(store, "status")) as { objects: number };
      expect(objects).toBeGreaterThanOrEqual(acknowledged);
      expect(await jsonOf(store, "check")).toEqual({ problems: [] });
      await bed.startServer();
      await Promise.all([reconnect(a), reconnect(b)]);
      await a.uploaded();
    }
    await b.downloaded();
    expect(await b.count()).toBe(written);
    expect(await b.notes()).toEqual(await a.notes());
    expect([...(await a.errors()), ...(await b.errors())]).toEqual([]);
  });

  function copyStore(from: string, to: string): void {
    bed.makeDirectory(to);
    for (const name of readdirSync(from)) {
      if (name.startsWith("store.sqlite")) copyFileSync(join(from, name), join(to, name));
    }
  }

  async function jsonOf(dataDir: string, command: string): Promise<unknown> {
    return JSON.parse((await bed.cli(command, "--data", dataDir, "--json")).stdout);
  }
});

describe("restoring a backup", () => {
  it("resets every client that has seen more, for real, and the restored state arrives in fresh realms", async () => {
    await startWithTwoClients();
    await a.write({ kind: "create", id: noteId(1), fields: { text: "in the backup" } });
    await a.uploaded();
    await b.downloaded();
    const file = join(bed.directory, "spring.backup");
    expect(await json("backup", file)).toMatchObject({ kind: "ok", value: { path: file, objects: 1 } });
    await a.write(
      { kind: "create", id: noteId(2), fields: { text: "after the backup" } },
      { kind: "set", id: noteId(1), fields: { text: "changed after the backup" } },
    );
    await a.uploaded();
    await b.downloaded();

    const restored = (await json("restore", file)) as { value: { replacedStore: string } };
    expect(existsSync(restored.value.replacedStore)).toBe(true);
    await Promise.all([reconnect(a), reconnect(b)]);
    for (const client of [a, b]) {
      const [error] = await client.untilErrors(1);
      expect(error?.name).toBe("ClientReset");
      expect(error?.message).toMatch(/the server was restored on .* UTC from a backup of .* UTC/);
      expect(error?.configPath).toContain("recovered-realms");
    }

    // The restart is the reset: the SDK moves the file aside when its app starts.
    await Promise.all([a.exit(), b.exit()]);
    const again = await bed.open(bed.client(bed.clientDirectory(1)), account);
    expect(await again.notes()).toMatchObject([{ id: noteId(1), text: "in the backup" }]);
    await again.write({ kind: "create", id: noteId(3), fields: { text: "after the reset" } });
    await again.uploaded();
    const other = await bed.open(bed.client(bed.clientDirectory(2)), account);
    expect(await other.notes()).toEqual(await again.notes());
    expect(await json("check")).toEqual({ problems: [] });
  });

  it("leaves clients alone that have seen nothing newer, even when they were offline meanwhile", async () => {
    await startWithTwoClients();
    await a.write({ kind: "create", id: noteId(1) });
    await a.uploaded();
    await b.downloaded();
    await b.pause();
    const file = join(bed.directory, "backup");
    await json("backup", file);
    await a.write({ kind: "create", id: noteId(2) });
    await a.uploaded();
    await b.write({ kind: "create", id: noteId(3) });
    await json("restore", file);
    await b.resume();
    await b.uploaded();
    // By now the version numbers that A saw exist again, with other salts.
    await reconnect(a);
    expect((await a.untilErrors(1))[0]?.name).toBe("ClientReset");
    expect(await b.errors()).toEqual([]);
    expect((await b.notes()).map(({ id }) => id)).toEqual([noteId(1), noteId(3)]);
  });

  it("keeps accounts that are newer than the backup", async () => {
    await bed.startServer();
    const file = join(bed.directory, "backup");
    await json("backup", file);
    a = bed.client();
    account = await bed.newAccount(a);
    await bed.open(a, account);
    await json("restore", file);
    await reconnect(a);
    expect((await a.untilErrors(1))[0]?.name).toBe("ClientReset");
    await expect(a.logIn(bed.url, { kind: "password", ...account })).resolves.toMatch(/^[0-9a-f]{24}$/);
  });

  it("works without a running server, and refuses what is no backup", async () => {
    await startWithTwoClients();
    await a.write({ kind: "create", id: noteId(1) });
    await a.uploaded();
    await bed.killServer();
    const file = join(bed.directory, "backup");
    await json("backup", file);
    expect((await bed.cli("backup", file, "--data", bed.dataDir)).stderr).toContain("never overwrites");
    await json("restore", file);

    const text = join(bed.directory, "text");
    writeFileSync(text, "not a database, but long enough to be looked at".repeat(100));
    const damaged = join(bed.directory, "damaged");
    const bytes = readFileSync(file);
    bytes.fill(0xff, 5000, 9000);
    writeFileSync(damaged, bytes);
    for (const bad of [text, damaged, join(bed.directory, "missing"), join(bed.dataDir, "store.sqlite")]) {
      const result = await bed.cli("restore", bad, "--data", bed.dataDir);
      expect({ bad, code: result.code }).toEqual({ bad, code: 1 });
      expect(result.stderr).not.toBe("");
    }
    expect(await json("status")).toMatchObject({ objects: 1 });
    await bed.startServer();
    await reconnect(a);
    await a.write({ kind: "create", id: noteId(2) });
    await a.uploaded();
  });

  it("is finished by the next start when it was cut short", async () => {
    await startWithTwoClients();
    await a.write({ kind: "create", id: noteId(1) });
    await a.uploaded();
    const file = join(bed.directory, "backup");
    await json("backup", file);
    await a.write({ kind: "create", id: noteId(2) });
    await a.uploaded();
    await bed.killServer();
    // As a restore leaves it that was killed right after it was decided.
    copyFileSync(file, join(bed.dataDir, "store.restoring.sqlite"));
    await bed.startServer();
    expect(await json("status")).toMatchObject({ objects: 1 });
    expect(readdirSync(bed.dataDir).some((name) => name.startsWith("store.replaced-"))).toBe(true);
  });
});

describe("terminating sync", () => {
  it("stops it for everybody, and once enabled again every client resets", async () => {
    await startWithTwoClients();
    await a.write({ kind: "create", id: noteId(1), fields: { text: "stays" } });
    await a.uploaded();
    await b.downloaded();
    await json("terminate");
    expect(await json("status")).toMatchObject({ isSyncEnabled: false, objects: 1, clientFiles: 0 });
    await json("enable");
    await Promise.all([reconnect(a), reconnect(b)]);
    for (const client of [a, b]) {
      const [error] = await client.untilErrors(1);
      expect(error).toMatchObject({ name: "ClientReset", code: 208 });
      expect(error?.message).toContain("sync was terminated");
    }
    await a.exit();
    const again = await bed.open(bed.client(bed.clientDirectory(1)), account);
    expect(await again.notes()).toMatchObject([{ id: noteId(1), text: "stays" }]);
  });
});

describe("a client that was offline for too long", () => {
  it("resets, because the history it needs is forgotten", async () => {
    await startWithTwoClients();
    await b.pause();
    await a.write({ kind: "create", id: noteId(1) });
    await a.uploaded();
    await bed.killServer();
    // A millionth of a day: everything there is.
    await bed.startServer("--max-offline", "0.000001");
    await reconnect(a);
    await a.write({ kind: "create", id: noteId(2) });
    await a.uploaded();
    expect(await a.errors()).toEqual([]);
    await b.resume();
    expect((await b.untilErrors(1))[0]).toMatchObject({ name: "ClientReset", code: 222 });
  });
});

describe("a schema that may not grow", () => {
  it("resets a client with a class the server does not have", async () => {
    await bed.startServer("--no-development-mode");
    a = bed.client();
    account = await bed.newAccount(a);
    await a.logIn(bed.url, { kind: "password", ...account });
    await a.open();
    expect((await a.untilErrors(1))[0]).toMatchObject({ name: "ClientReset", code: 225 });
  });
});

describe("the command line", () => {
  it("knows a running server, refuses a second one, and stops it", async () => {
    await bed.startServer();
    expect(await json("status")).toMatchObject({ url: bed.url, isSyncEnabled: true });
    const second = await bed.cli("start", "--data", bed.dataDir, "--port", "0");
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("in use by another process");
    await json("stop");
    const status = await until(
      () => bed.cli("status", "--data", bed.dataDir),
      ({ stdout }) => stdout.startsWith("not running"),
    );
    expect(status.code).toBe(0);
  });

  it("keeps its port from start to start", async () => {
    await bed.startServer();
    const { url } = bed;
    await bed.killServer();
    await bed.startServerOnItsPort();
    expect(bed.url).toBe(url);
  });

  it("explains every command, and answers what it does not understand with exit code 2", async () => {
    const overview = await bed.cli("--help");
    const commands = [
      "start",
      "backup",
      "restore",
      "check",
      "status",
      "terminate",
      "enable",
      "stop",
      "users",
      "auth",
    ];
    for (const command of commands) {
      expect(overview.stdout).toContain(`  ${command} `);
      const help = await bed.cli(command, "--help");
      expect(help).toMatchObject({ code: 0 });
      expect(help.stdout).toContain(`perennial-server ${command}`);
    }
    for (const args of [["flourish"], ["start", "--port", "many"], ["backup"], ["status", "--colour"]]) {
      expect((await bed.cli(...args)).code).toBe(2);
    }
    expect((await bed.cli("status", "--data", bed.dataDir)).stderr).toContain("There is no server data");
  });
});
