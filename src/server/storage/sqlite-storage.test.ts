import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { acceptStorage } from "./acceptance";
import { openSqliteStorage, type SqliteStorage } from "./sqlite-storage";
import type { Storage } from "./storage";

const directory = mkdtempSync(join(tmpdir(), "perennial-storage-"));
const paths = new Map<Storage, string>();
let count = 0;

afterAll(() => {
  for (const storage of paths.keys()) storage.close();
  rmSync(directory, { recursive: true });
});

function newPath(): string {
  count += 1;
  return join(directory, `${count}.sqlite`);
}

function open(path = newPath()): SqliteStorage {
  const opened = openSqliteStorage(path);
  if (opened.kind !== "ok") throw new Error(opened.message);
  paths.set(opened.storage, path);
  return opened.storage;
}

function close(storage: Storage): string {
  const path = paths.get(storage);
  if (path === undefined) throw new Error("unknown storage");
  storage.close();
  paths.delete(storage);
  return path;
}

acceptStorage("the SQLite storage", {
  open: () => open(),
  reopen: (storage) => open(close(storage)),
  newCopyPath: newPath,
  openCopy: (path) => open(path),
});

describe("the SQLite file", () => {
  it("belongs to one process at a time, and is let go of when it is closed", () => {
    const path = newPath();
    const storage = open(path);
    storage.setSetting("colour", "green");
    expect(openSqliteStorage(path)).toMatchObject({ kind: "locked" });
    close(storage);
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(open(path).setting("colour")).toBe("green");
  });

  it("is not taken for one when it is something else", () => {
    const text = newPath();
    writeFileSync(text, "these are not the bytes you are looking for ".repeat(200));
    expect(openSqliteStorage(text)).toMatchObject({ kind: "unusable" });
    const path = newPath();
    close(open(path));
    const bytes = readFileSync(path);
    // The application id stands at offset 68, the version of the format at 60.
    const foreign = newPath();
    writeFileSync(foreign, Buffer.from(bytes).fill(0, 68, 72));
    expect(openSqliteStorage(foreign)).toMatchObject({
      kind: "unusable",
      message: expect.stringContaining("not a"),
    });
    const newer = newPath();
    writeFileSync(newer, Buffer.from(bytes).fill(0x7f, 60, 61));
    expect(openSqliteStorage(newer)).toMatchObject({
      kind: "unusable",
      message: expect.stringContaining("newer"),
    });
  });

  it("carries accounts as they are, and the count of file idents, over from the store it replaces", () => {
    const user = (id: string) => ({ id, createdAtMs: 1, isDisabled: false, profile: {} });
    const email = (name: string, userId: string, passwordHash: string) =>
      ({ provider: "local-userpass", name, userId, passwordHash }) as const;
    const replacedPath = newPath();
    const replaced = open(replacedPath);
    replaced.accounts.putUser({ ...user("both"), isDisabled: true });
    replaced.accounts.putIdentity(email("b@x", "both", "changed"));
    replaced.accounts.putUser(user("new"));
    replaced.accounts.putIdentity(email("n@x", "new", "h"));
    replaced.accounts.insertLoginSession({ id: "s", userId: "new", deviceId: "d", expiresAtMs: 3 });
    replaced.accounts.putPasswordReset({ id: "r", userId: "new", tokenHash: "t", expiresAtMs: 4 });
    replaced.putObject("Plant", { kind: "string", value: "x" }, new Map(), undefined);
    for (let i = 0; i < 12; i++) replaced.nextFileIdent();
    close(replaced);
    const restored = open();
    restored.accounts.putUser(user("both"));
    restored.accounts.putIdentity(email("b@x", "both", "old"));
    // Logged out since the backup: must not be able to come back.
    restored.accounts.insertLoginSession({ id: "over", userId: "both", deviceId: "d", expiresAtMs: 3 });
    restored.accounts.putUser(user("deleted"));
    restored.accounts.putIdentity(email("d@x", "deleted", "h"));
    restored.followOn(replacedPath);
    const { accounts } = restored;
    expect(accounts.identity("local-userpass", "n@x")?.userId).toBe("new");
    expect(accounts.identity("local-userpass", "b@x")?.passwordHash).toBe("changed");
    expect(accounts.user("both")?.isDisabled).toBe(true);
    expect([...accounts.loginSessions()].map(({ id }) => id)).toEqual(["s"]);
    expect(accounts.passwordReset("r")?.userId).toBe("new");
    expect(accounts.identity("local-userpass", "d@x")?.userId).toBe("deleted");
    expect(restored.objectCount()).toBe(0);
    expect(restored.nextFileIdent()).toBe(14);
  });

  it("of the first format is brought up to date when it is opened, with every account and client file", () => {
    const path = newPath();
    writeFileSync(path, readFileSync(new URL("testing/format-1.sqlite", import.meta.url)));
    const storage = open(path);
    const { accounts } = storage;
    const users = [...accounts.users()];
    expect(users.map(({ id }) => accounts.identitiesOf(id).map(({ provider }) => provider))).toEqual([
      ["local-userpass"],
      ["anon-user"],
    ]);
    expect(accounts.identity("local-userpass", "gardener-1@example.org")).toMatchObject({
      userId: users[0]?.id,
      passwordHash: expect.stringMatching(/^scrypt\$/),
    });
    expect([...accounts.loginSessions()].map(({ userId }) => userId).sort()).toEqual(
      users.map(({ id }) => id).sort(),
    );
    const files = [...storage.clientFiles()];
    expect(files.some(({ uploadServerVersion }) => uploadServerVersion > 0)).toBe(true);
    // That much every client that has uploaded did confirm.
    for (const file of files) expect(file.confirmedServerVersion).toBe(file.uploadServerVersion);
    expect(storage.objectCount()).toBe(2);
    expect(storage.integrityProblems()).toEqual([]);
    close(storage);
    expect([...open(path).accounts.users()]).toEqual(users);
  });
});
