import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStorage, type SqliteStorage } from "../storage/sqlite-storage";
import { Accounts } from "./accounts";
import { hashPassword, verifyPassword } from "./passwords";
import { loadTokenKey, Tokens, tokenLifeMs } from "./tokens";

let directory: string;
let storage: SqliteStorage;
let nowMs: number;
let accounts: Accounts;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "perennial-accounts-"));
  const opened = openSqliteStorage(join(directory, "store.sqlite"));
  if (opened.kind !== "ok") throw new Error(opened.message);
  storage = opened.storage;
  nowMs = Date.UTC(2030, 0, 1);
  accounts = new Accounts(
    () => storage,
    new Tokens(loadTokenKey(directory), () => nowMs),
    () => nowMs,
  );
});

afterEach(() => {
  storage.close();
  rmSync(directory, { recursive: true });
});

describe("accounts", () => {
  it("tell nobody whether it was the name or the password that was wrong", async () => {
    await accounts.register("Ada@Example.org ", "correct horse");
    const failures = [
      await accounts.logInWithPassword("ada@example.org", "wrong horse"),
      await accounts.logInWithPassword("bob@example.org", "correct horse"),
      await accounts.logInWithPassword("ada@example.org", "x".repeat(10_000)),
    ];
    for (const failure of failures) expect(failure).toEqual(failures[0]);
    expect(failures[0]).toMatchObject({ kind: "failed", code: "InvalidPassword" });
    expect(await accounts.logInWithPassword(" ADA@example.org", "correct horse")).toMatchObject({
      kind: "ok",
    });
  });

  it("refuse addresses and passwords that cannot be", async () => {
    for (const email of ["", "ada", "ada@", "@x", "a b@c", `${"a".repeat(65)}@x`]) {
      expect(await accounts.register(email, "correct horse")).toMatchObject({ message: "email invalid" });
    }
    for (const password of ["short", "x".repeat(129)]) {
      expect(await accounts.register("a@b", password)).toMatchObject({ kind: "failed", code: "BadRequest" });
    }
  });

  it("give one address to one of two who ask at once", async () => {
    const both = await Promise.all([
      accounts.register("a@b", "password-1"),
      accounts.register("a@b", "password-2"),
    ]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(["failed", "ok"]);
  });

  it("end access when the token expires, until it is refreshed, and for good after logging out", async () => {
    const login = await accounts.logInAnonymously();
    expect((await accounts.userOf(login.accessToken))?.id).toBe(login.userId);
    nowMs += tokenLifeMs.access + 1000;
    expect(await accounts.userOf(login.accessToken)).toBeUndefined();
    const refreshed = (await accounts.refresh(login.refreshToken)) ?? "";
    expect((await accounts.userOf(refreshed))?.id).toBe(login.userId);
    expect(await accounts.refresh(refreshed)).toBeUndefined();
    expect(await accounts.logOut(login.refreshToken)).toBe(true);
    expect(await accounts.userOf(refreshed)).toBeUndefined();
    expect(await accounts.refresh(login.refreshToken)).toBeUndefined();
    expect(await accounts.logOut(login.refreshToken)).toBe(false);
  });

  it("end a log-in that was not refreshed for too long", async () => {
    const login = await accounts.logInAnonymously();
    nowMs += tokenLifeMs.refresh + 1000;
    expect(await accounts.refresh(login.refreshToken)).toBeUndefined();
  });
});

describe("passwords", () => {
  it("are kept as salted hashes that only the password itself fits", async () => {
    const [one, two] = await Promise.all([hashPassword("Zürich"), hashPassword("Zürich")]);
    expect(one).not.toBe(two);
    expect(one).not.toContain("rich");
    expect(await verifyPassword("Zürich", one)).toBe(true);
    // The same letters, composed differently.
    expect(await verifyPassword("Zu\u0308rich", one)).toBe(true);
    expect(await verifyPassword("zürich", one)).toBe(false);
    expect(await verifyPassword("Zürich", "plain$text")).toBe(false);
  });
});

describe("the token key", () => {
  it("is made once, kept, readable by its owner only, and not replaced in silence when it is damaged", () => {
    const key = loadTokenKey(directory);
    expect(loadTokenKey(directory)).toEqual(key);
    if (process.platform !== "win32") expect(statSync(join(directory, "token-key")).mode & 0o777).toBe(0o600);
    writeFileSync(join(directory, "token-key"), "short");
    expect(() => loadTokenKey(directory)).toThrow("damaged");
  });

  it("of another server makes tokens that are worth nothing here", async () => {
    const foreign = new Tokens(new Uint8Array(32).fill(7), () => nowMs);
    const { userId } = await accounts.logInAnonymously();
    expect(await accounts.userOf(await foreign.issue("access", { userId, sessionId: "s" }))).toBeUndefined();
  });
});
