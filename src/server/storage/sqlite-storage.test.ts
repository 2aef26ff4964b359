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

acceptStorage("the SQLite storage", { open: () => open(), reopen: (storage) => open(close(storage)) });

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

  it("is copied whole while it is in use", () => {
    const storage = open();
    storage.setSetting("colour", "green");
    const copy = newPath();
    storage.copyTo(copy);
    storage.setSetting("colour", "brown");
    expect(open(copy).setting("colour")).toBe("green");
  });

  it("carries accounts and the count of file idents over from the store it replaces, and nothing else", () => {
    const replacedPath = newPath();
    const replaced = open(replacedPath);
    replaced.insertUser({ id: "both", provider: "anon-user", createdAtMs: 1 });
    replaced.insertUser({
      id: "new",
      provider: "local-userpass",
      email: "n@x",
      passwordHash: "h",
      createdAtMs: 2,
    });
    replaced.insertLoginSession({ id: "s", userId: "new", deviceId: "d", expiresAtMs: 3 });
    replaced.putObject("Plant", { kind: "string", value: "x" }, new Map(), undefined);
    for (let i = 0; i < 12; i++) replaced.nextFileIdent();
    close(replaced);
    const restored = open();
    restored.insertUser({ id: "both", provider: "anon-user", createdAtMs: 1 });
    restored.followOn(replacedPath);
    expect(restored.userByEmail("n@x")?.id).toBe("new");
    expect(restored.loginSession("s")?.userId).toBe("new");
    expect(restored.objectCount()).toBe(0);
    expect(restored.nextFileIdent()).toBe(14);
  });
});
