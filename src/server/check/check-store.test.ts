/** A real store, written by a real server and two devices, damaged in many ways: each must be named where it is. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Writer } from "../durability/writer";
import { createLog } from "../log";
import { runCommand } from "../operator/command-line";
import type { Problem } from "../storage/storage";
import { Random } from "../testing/random";
import { logInRaw, type RawAccount } from "../testing/raw-client";
import { startedServer } from "../testing/started-server";
import { until } from "../testing/test-bed";

const directory = mkdtempSync(join(tmpdir(), "perennial-check-"));
const original = join(directory, "original");
const backup = join(directory, "backup");
let account: RawAccount;
let count = 0;

type Printed = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function operate(...args: readonly string[]): Promise<Printed> {
  const printed: string[] = [];
  const errors: string[] = [];
  const code = await runCommand(args, {
    print: (line) => void printed.push(line),
    error: (line) => void errors.push(line),
  });
  return { code, stdout: printed.join("\n"), stderr: errors.join("\n") };
}

async function start(dataDir: string, logged: string[] = []) {
  const log = createLog((line) => void logged.push(line), "info");
  return startedServer({ dataDir }, log);
}

beforeAll(async () => {
  const server = await start(original);
  account = await logInRaw(server.url);
  const writers = [1, 2].map((n) => new Writer(`writer ${n}`, account, "account", new Random(n)));
  for (const writer of writers) await writer.join(server.url);
  const writing = writers.map((writer) => writer.write(server.url));
  await until(
    async () => writers,
    (all) => all.every(({ acknowledged }) => acknowledged >= 5),
  );
  await operate("users", "create", "gardener@example.org", "--data", original);
  await operate("backup", backup, "--data", original);
  await server.close();
  await Promise.all(writing);
});

afterAll(() => rmSync(directory, { recursive: true }));

/** A copy of the store, changed by hand. */
function damaged(change: (db: DatabaseSyncInstance) => void): string {
  count += 1;
  const dataDir = join(directory, `damaged-${count}`);
  mkdirSync(dataDir);
  const path = join(dataDir, "store.sqlite");
  copyFileSync(join(original, "store.sqlite"), path);
  const db = new DatabaseSync(path);
  change(db);
  db.close();
  return dataDir;
}

async function problemsIn(dataDir: string): Promise<readonly Problem[]> {
  const { code, stdout } = await operate("check", "--data", dataDir, "--json");
  const { problems } = JSON.parse(stdout) as { problems: Problem[] };
  expect(code).toBe(problems.length > 0 ? 1 : 0);
  return problems;
}

const plant = '"writer 1/1"';

/** What was done to the store, in SQL; where the damage is, and what is said of it. */
const damages: [string, string, RegExp, RegExp][] = [
  ["an entry is gone", "DELETE FROM history WHERE version = 6", /^history version 6$/, /is missing/],
  [
    "a changeset is other bytes",
    "UPDATE history SET changeset = x'ffffff', size_bytes = 3 WHERE version = 6",
    /^history version 6$/,
    /changeset cannot be read/,
  ],
  [
    "a changeset is cut short",
    "UPDATE history SET changeset = substr(changeset, 1, 9) WHERE version = 6",
    /^history version 6$/,
    /has 9 bytes instead of/,
  ],
  ["a version has no salt", "UPDATE history SET salt = 0 WHERE version = 6", /^history version 6$/, /salt/],
  [
    "an entry does not list what it changed",
    "UPDATE history SET touched = '[]' WHERE touched <> '[]'",
    /^history version \d+$/,
    /does not list/,
  ],
  [
    "the list of changes is no list",
    "UPDATE history SET touched = '[{' WHERE version = 6",
    /^history version 6$/,
    /decoded/,
  ],
  [
    "an entry comes from nowhere",
    "UPDATE history SET origin_file_ident = 999 WHERE version = 6",
    /^history version 6$/,
    /never given out/,
  ],
  [
    "an object is gone",
    `DELETE FROM objects WHERE pk = '${plant}'`,
    /^object .*writer 1\/1/,
    /never deleted/,
  ],
  [
    "an object changed hands behind the history's back",
    `UPDATE objects SET document = replace(document, '"owner_id","', '"owner_id","x') WHERE pk = '${plant}'`,
    /^object .*writer 1\/1/,
    /another owner_id/,
  ],
  [
    "a document is no JSON",
    `UPDATE objects SET document = '[[' WHERE pk = '${plant}'`,
    /^object Plant .*writer 1\/1/,
    /decoded/,
  ],
  [
    "a field that the class does not have",
    `UPDATE objects SET document = replace(document, '"text"', '"taste"') WHERE pk = '${plant}'`,
    /^object Plant writer 1\/1$/,
    /field taste/,
  ],
  [
    "a value of another type",
    `UPDATE objects SET document = '[["owner_id","${"u".repeat(3)}"],["text",{"i":"7"}]]' WHERE pk = '${plant}'`,
    /^object Plant writer 1\/1$/,
    /field text holds a value of type int/,
  ],
  [
    "a key of another type",
    `UPDATE objects SET pk = '{"i":"7"}' WHERE pk = '${plant}'`,
    /^object Plant 7$/,
    /key of type int instead of string/,
  ],
  [
    "objects of an unknown class",
    `UPDATE objects SET class = 'Weed' WHERE pk = '${plant}'`,
    /^objects$/,
    /1 belong to classes/,
  ],
  [
    "transforms for nobody",
    "INSERT INTO reciprocals VALUES (77, 6, x'')",
    /^reciprocal of version 6 for client file 77$/,
    /the client file is not there/,
  ],
  [
    "transforms of no version",
    "INSERT INTO reciprocals VALUES (2, 100000, x'')",
    /^reciprocal of version 100000/,
    /does not have this version/,
  ],
  [
    "transforms that cannot be read",
    "INSERT INTO reciprocals VALUES (2, 6, x'ffff')",
    /^reciprocal of version 6 for client file 2$/,
    /cannot be read/,
  ],
  [
    "a client ahead of the history",
    "UPDATE client_files SET upload_server_version = 100000 WHERE ident = 2",
    /^client file 2$/,
    /the history ends at/,
  ],
  [
    "a client behind its own entries",
    "UPDATE client_files SET last_entry_client_version = 1 WHERE ident = 2",
    /^client file 2$/,
    /knows only of 1/,
  ],
  [
    "a client of nobody",
    "UPDATE client_files SET user_id = 'x' WHERE ident = 2",
    /^client file 2$/,
    /not there/,
  ],
  [
    "an ident that was never given out",
    "UPDATE settings SET value = '3' WHERE name = 'nextFileIdent'",
    /^client file 3$/,
    /never given out/,
  ],
  [
    "views that are no list",
    "UPDATE client_files SET views = '{' WHERE ident = 2",
    /^client file 2$/,
    /decoded/,
  ],
  [
    "queries that are none",
    "UPDATE client_files SET views = replace(views, '{\\\"Plant', 'Plant') WHERE ident = 2",
    /^client file 2$/,
    /queries/,
  ],
  [
    "a field recorded from the future",
    "INSERT INTO queryable_fields VALUES ('Plant', 'text', 100000)",
    /^queryable field Plant\.text$/,
    /since version 100000/,
  ],
  [
    "a field recorded of no class",
    "INSERT INTO queryable_fields VALUES ('Weed', 'text', 1)",
    /^queryable field Weed\.text$/,
    /not in the schema/,
  ],
  [
    "a setting gone",
    "DELETE FROM settings WHERE name = 'nextFileIdent'",
    /^setting nextFileIdent$/,
    /is missing/,
  ],
  [
    "a setting that is none",
    "UPDATE settings SET value = 'x' WHERE name = 'port'",
    /^setting port$/,
    /not what/,
  ],
  ["rules that are none", "INSERT INTO settings VALUES ('rules', '{\"')", /^setting rules$/, /not what/],
  [
    "a schema that is none",
    "UPDATE settings SET value = '[{}]' WHERE name = 'schema'",
    /^setting schema$/,
    /decoded/,
  ],
  ["a log-in of nobody", "DELETE FROM users", /^log-in local-userpass gardener@example\.org$/, /not there/],
  ["a user who cannot sign in", "DELETE FROM identities WHERE provider = 'anon-user'", /^user /, /no way/],
  [
    "a password without a hash",
    "UPDATE identities SET password_hash = 'x'",
    /^log-in local-userpass/,
    /password/,
  ],
];

describe("a check", () => {
  it("finds nothing in a store that nothing is wrong with", async () => {
    expect(await problemsIn(original)).toEqual([]);
    expect((await operate("check", "--data", original)).stdout).toBe("No damage found");
  });

  it.each(damages)("names the place: %s", async (_name, sql, where, what) => {
    const problems = await problemsIn(damaged((db) => db.exec(sql)));
    const found = problems.filter((problem) => where.test(problem.where) && what.test(problem.what));
    expect({ found: found.length > 0, problems: problems.slice(0, 5) }).toMatchObject({ found: true });
  });

  it("finds pages of the file that were overwritten, also so many that it cannot be opened", async () => {
    const bytes = readFileSync(join(original, "store.sqlite"));
    for (const [from, to] of [
      [8192, 16384],
      [4096, bytes.length],
      [100, 4096],
    ] as const) {
      const dataDir = damaged(() => {});
      writeFileSync(join(dataDir, "store.sqlite"), Buffer.from(bytes).fill(0xa5, from, to));
      const problems = await problemsIn(dataDir);
      expect(problems.length).toBeGreaterThan(0);
      expect((await operate("check", "--data", dataDir)).stderr).toContain("perennial-server restore FILE");
    }
  });
});

describe("a server on a damaged store", () => {
  it("tells devices to come back later, the operator to restore a backup, and goes on once that is done", async () => {
    const dataDir = damaged((db) => db.exec(`UPDATE objects SET document = '[[' WHERE pk = '${plant}'`));
    copyFileSync(join(original, "token-key"), join(dataDir, "token-key"));
    const logged: string[] = [];
    const server = await start(dataDir, logged);
    // Another device of the account is sent everything, and so everything must be read.
    const device = (): Writer => new Writer("late", account, "account", new Random(1));
    await expect(device().join(server.url)).rejects.toThrow("The server cannot read its store");
    expect(logged.join("")).toContain('"msg":"store damaged"');
    const status = await operate("status", "--data", dataDir);
    expect(status.stdout).toContain("perennial-server restore FILE");
    expect(JSON.parse((await operate("status", "--data", dataDir, "--json")).stdout)).toMatchObject({
      health: { kind: "damaged" },
    });

    expect(await operate("restore", backup, "--data", dataDir)).toMatchObject({ code: 0 });
    expect(JSON.parse((await operate("status", "--data", dataDir, "--json")).stdout)).toMatchObject({
      health: { kind: "ok" },
    });
    await device().join(server.url);
    await server.close();
    expect(await problemsIn(dataDir)).toEqual([]);
  });

  it("whose accounts cannot be read either has its backup restored with the accounts of then", async () => {
    const path = join(
      damaged(() => {}),
      "store.sqlite",
    );
    const dataDir = dirname(path);
    // In a copy of its own: the driver does not let go of a file that was read.
    const probe = join(directory, "probe.sqlite");
    copyFileSync(path, probe);
    const { rootpage } = new DatabaseSync(probe)
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'users'")
      .get() as { rootpage: number };
    writeFileSync(path, readFileSync(path).fill(0xa5, (rootpage - 1) * 4096, rootpage * 4096));
    const restored = await operate("restore", backup, "--data", dataDir, "--json");
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(restored.stdout)).toMatchObject({ value: { accounts: "as in the backup" } });
    expect(await problemsIn(dataDir)).toEqual([]);
  });
});
