import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStorage, type SqliteStorage } from "../storage/sqlite-storage";
import { Accounts, type LoggedIn } from "./accounts";
import { AttemptLimit, attemptLimits } from "./attempt-limit";
import { type AuthConfig, checkAuthConfig } from "./auth-config";
import type { AuthContext, EndedLogIns } from "./auth-context";
import { CustomTokens } from "./custom-token";
import { EmailAccounts, issuePasswordReset } from "./email-accounts";
import { hashPassword, verifyPassword } from "./passwords";
import { loadTokenKey, Tokens, tokenLifeMs } from "./tokens";

let directory: string;
let storage: SqliteStorage;
let nowMs: number;
let config: AuthConfig;
let accounts: Accounts;
let email: EmailAccounts;
let ended: EndedLogIns[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "perennial-accounts-"));
  const opened = openSqliteStorage(join(directory, "store.sqlite"));
  if (opened.kind !== "ok") throw new Error(opened.message);
  storage = opened.storage;
  nowMs = Date.UTC(2030, 0, 1);
  ended = [];
  const read = checkAuthConfig({}, "test");
  if (read.kind === "bad") throw new Error(read.message);
  config = read.config;
  const now = (): number => nowMs;
  const context: AuthContext = {
    storage: () => storage,
    config: () => config,
    attempts: new AttemptLimit(attemptLimits, now),
    nowMs: now,
    ended: (logIns) => ended.push(logIns),
  };
  email = new EmailAccounts(context);
  const tokens = new Tokens(loadTokenKey(directory), now);
  accounts = new Accounts(context, tokens, email, new CustomTokens(directory, now));
});

const ada = { email: "ada@example.org", password: "correct horse" } as const;

async function logIn(credentials: Parameters<Accounts["logIn"]>[0]): Promise<LoggedIn> {
  const result = await accounts.logIn(credentials);
  if (result.kind === "failed") throw new Error(result.message);
  return result;
}

function byPassword(email: string, password: string, address = "192.0.2.1") {
  return { kind: "password", email, password, address } as const;
}

afterEach(() => {
  storage.close();
  rmSync(directory, { recursive: true });
});

describe("accounts", () => {
  it("tell nobody whether it was the name or the password that was wrong", async () => {
    await email.register("Ada@Example.org ", "correct horse");
    const failures = [
      await accounts.logIn(byPassword("ada@example.org", "wrong horse")),
      await accounts.logIn(byPassword("bob@example.org", "correct horse")),
      await accounts.logIn(byPassword("ada@example.org", "x".repeat(10_000))),
    ];
    for (const failure of failures) expect(failure).toEqual(failures[0]);
    expect(failures[0]).toMatchObject({ kind: "failed", code: "InvalidPassword" });
    expect(await accounts.logIn(byPassword(" ADA@example.org", "correct horse"))).toMatchObject({
      kind: "ok",
    });
  });

  it("refuse addresses and passwords that cannot be", async () => {
    for (const address of ["", "ada", "ada@", "@x", "a b@c", `${"a".repeat(65)}@x`]) {
      expect(await email.register(address, "correct horse")).toMatchObject({ message: "email invalid" });
    }
    for (const password of ["short", "x".repeat(129)]) {
      expect(await email.register("a@b", password)).toMatchObject({ kind: "failed", code: "BadRequest" });
    }
  });

  it("give one address to one of two who ask at once", async () => {
    const both = await Promise.all([
      email.register("a@b", "password-1"),
      email.register("a@b", "password-2"),
    ]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(["failed", "ok"]);
  });

  it("end access when the token expires, until it is refreshed, and for good after logging out", async () => {
    const login = await logIn({ kind: "anonymous" });
    expect((await accounts.access(login.accessToken))?.user.id).toBe(login.userId);
    nowMs += tokenLifeMs.access + 1000;
    expect(await accounts.access(login.accessToken)).toBeUndefined();
    const refreshed = await accounts.refresh(login.refreshToken);
    if (refreshed.kind === "failed") throw new Error(refreshed.message);
    expect((await accounts.access(refreshed.accessToken))?.user.id).toBe(login.userId);
    expect(await accounts.refresh(refreshed.accessToken)).toMatchObject({ status: 401 });
    expect(await accounts.logOut(login.refreshToken)).toBe(true);
    expect(ended).toEqual([{ kind: "logIn", sessionId: expect.any(String) }]);
    expect(await accounts.access(refreshed.accessToken)).toBeUndefined();
    expect(await accounts.refresh(login.refreshToken)).toMatchObject({ status: 401 });
    expect(await accounts.logOut(login.refreshToken)).toBe(false);
  });

  it("end a log-in that is too old, but not one to which nobody could sign in again", async () => {
    await email.register(ada.email, ada.password);
    const login = await logIn(byPassword(ada.email, ada.password));
    const nameless = await logIn({ kind: "anonymous" });
    nowMs += tokenLifeMs.refresh + 1000;
    expect(await accounts.refresh(login.refreshToken)).toMatchObject({ status: 401 });
    // By it what is over is cleared away.
    await logIn(byPassword(ada.email, ada.password));
    expect(await accounts.refresh(nameless.refreshToken)).toMatchObject({ kind: "ok" });
  });

  it("that are switched off let nobody in, and closed registration makes none", async () => {
    await email.register(ada.email, ada.password);
    config = { ...config, registration: "closed" };
    expect(await email.register("bob@example.org", "correct horse")).toMatchObject({ status: 403 });
    expect(await accounts.logIn(byPassword(ada.email, ada.password))).toMatchObject({ kind: "ok" });
    config = { ...config, anonymous: false, emailPassword: false };
    for (const credentials of [
      { kind: "anonymous" },
      byPassword(ada.email, ada.password),
      { kind: "customToken", token: "x" },
    ] as const) {
      expect(await accounts.logIn(credentials)).toMatchObject({ status: 404, code: "AuthProviderNotFound" });
    }
  });
});

describe("guessing a password", () => {
  it("is stopped after ten times, for this account and address, until a while has passed", async () => {
    await email.register(ada.email, ada.password);
    for (let i = 0; i < attemptLimits.perAccountAndAddress; i++) {
      expect(await accounts.logIn(byPassword(ada.email, "wrong horse"))).toMatchObject({ status: 401 });
    }
    // The right one does not get through either: else the limit would be none.
    expect(await accounts.logIn(byPassword(ada.email, ada.password))).toMatchObject({
      status: 429,
      retryAfterSeconds: attemptLimits.spanMs / 1000,
    });
    expect(await accounts.logIn(byPassword(ada.email, ada.password, "198.51.100.7"))).toMatchObject({
      kind: "ok",
    });
    nowMs += attemptLimits.spanMs + 1;
    expect(await accounts.logIn(byPassword(ada.email, ada.password))).toMatchObject({ kind: "ok" });
  });

  it("does not get further by asking many times at once, nor by changing the password instead", async () => {
    await email.register(ada.email, ada.password);
    const guesses = Array.from({ length: 25 }, (_, i) => byPassword(ada.email, `guess number ${i}`));
    const answers = await Promise.all(guesses.map((guess) => accounts.logIn(guess)));
    const refused = answers.filter((answer) => answer.kind === "failed" && answer.status === 429);
    expect(refused).toHaveLength(guesses.length - attemptLimits.perAccountAndAddress);
    const permission = { ...byPassword(ada.email, ""), kind: "password", present: ada.password } as const;
    expect(await email.setPassword(permission, "another horse", undefined)).toMatchObject({ status: 429 });
  });

  it("of many accounts, or from many addresses, is stopped as well", () => {
    const limit = new AttemptLimit({ ...attemptLimits, perAccount: 5, perAddress: 5 }, () => nowMs);
    for (let i = 0; i < 5; i++) expect(limit.begin(`account-${i}`, "one address")).toBe(0);
    expect(limit.begin("account-6", "one address")).toBeGreaterThan(0);
    for (let i = 0; i < 5; i++) expect(limit.begin("one account", `address-${i}`)).toBe(0);
    expect(limit.begin("one account", "address-6")).toBeGreaterThan(0);
  });
});

describe("a new password", () => {
  it("needs the present one, and ends all log-ins but the one that asks", async () => {
    await email.register(ada.email, ada.password);
    const [asking, other] = [
      await logIn(byPassword(ada.email, ada.password)),
      await logIn(byPassword(ada.email, ada.password)),
    ];
    const access = await accounts.access(asking.accessToken);
    const permission = { kind: "password", email: ada.email, present: "wrong horse", address: "" } as const;
    expect(await email.setPassword(permission, "another horse", access?.sessionId)).toMatchObject({
      code: "InvalidPassword",
    });
    expect(await accounts.access(other.accessToken)).toBeDefined();
    const right = { ...permission, present: ada.password };
    expect(await email.setPassword(right, "short", access?.sessionId)).toMatchObject({ code: "BadRequest" });
    expect(await email.setPassword(right, "another horse", access?.sessionId)).toEqual({ kind: "ok" });
    expect(await accounts.access(asking.accessToken)).toBeDefined();
    expect(await accounts.access(other.accessToken)).toBeUndefined();
    expect(await accounts.refresh(other.refreshToken)).toMatchObject({ status: 401 });
    expect(ended).toEqual([{ kind: "user", userId: asking.userId, exceptSessionId: access?.sessionId }]);
    expect(await accounts.logIn(byPassword(ada.email, ada.password))).toMatchObject({ status: 401 });
    await logIn(byPassword(ada.email, "another horse"));
  });

  it("cannot keep the log-in of somebody else alive", async () => {
    await email.register(ada.email, ada.password);
    const mine = await logIn(byPassword(ada.email, ada.password));
    const foreign = await accounts.access((await logIn({ kind: "anonymous" })).accessToken);
    const right = { kind: "password", email: ada.email, present: ada.password, address: "" } as const;
    expect(await email.setPassword(right, "another horse", foreign?.sessionId)).toEqual({ kind: "ok" });
    expect(await accounts.access(mine.accessToken)).toBeUndefined();
  });

  it("comes by the operator's token, which works once, in time, and not after a newer one", async () => {
    await email.register(ada.email, ada.password);
    const { userId } = await logIn(byPassword(ada.email, ada.password));
    const older = issuePasswordReset(storage, userId, nowMs);
    const { token, tokenId, expiresAtMs } = issuePasswordReset(storage, userId, nowMs);
    const permit = (id: string, secret: string) =>
      ({ kind: "token", id, token: secret, address: "" }) as const;
    const invalid = { kind: "failed", code: "BadRequest" };
    for (const permission of [
      permit(older.tokenId, older.token),
      permit(tokenId, older.token),
      permit("", ""),
    ]) {
      expect(await email.setPassword(permission, "another horse", undefined)).toMatchObject(invalid);
    }
    const issuedAtMs = nowMs;
    nowMs = expiresAtMs;
    expect(await email.setPassword(permit(tokenId, token), "another horse", undefined)).toMatchObject(
      invalid,
    );
    nowMs = issuedAtMs;
    const both = await Promise.all(
      ["another horse", "a third horse"].map((password) =>
        email.setPassword(permit(tokenId, token), password, undefined),
      ),
    );
    expect(both.map(({ kind }) => kind).sort()).toEqual(["failed", "ok"]);
    expect(await email.setPassword(permit(tokenId, token), "once more", undefined)).toMatchObject(invalid);
    await logIn(byPassword(ada.email, both[0]?.kind === "ok" ? "another horse" : "a third horse"));
  });
});

describe("linking", () => {
  it("adds an e-mail address to an anonymous user, whose id stays", async () => {
    const anonymous = await logIn({ kind: "anonymous" });
    await email.register(ada.email, ada.password);
    const linked = await accounts.link(anonymous.accessToken, byPassword(ada.email, ada.password));
    expect(linked).toMatchObject({ kind: "ok", userId: anonymous.userId });
    expect((await logIn(byPassword(ada.email, ada.password))).userId).toBe(anonymous.userId);
    expect([...storage.accounts.users()].map(({ id }) => id)).toEqual([anonymous.userId]);
    // Once more changes nothing; a second address is one too many.
    expect(await accounts.link(anonymous.accessToken, byPassword(ada.email, ada.password))).toMatchObject({
      kind: "ok",
    });
    await email.register("other@example.org", ada.password);
    const second = await accounts.link(anonymous.accessToken, byPassword("other@example.org", ada.password));
    expect(second).toMatchObject({ kind: "failed", status: 400 });
  });

  it("takes no account away from somebody who uses it, nor without its password", async () => {
    await email.register(ada.email, ada.password);
    const { accessToken } = await logIn({ kind: "anonymous" });
    expect(await accounts.link(accessToken, byPassword(ada.email, "wrong horse"))).toMatchObject({
      status: 401,
    });
    const owner = await logIn(byPassword(ada.email, ada.password));
    expect(await accounts.link(accessToken, byPassword(ada.email, ada.password))).toMatchObject({
      status: 409,
    });
    expect(await accounts.link("nonsense", byPassword(ada.email, ada.password))).toMatchObject({
      status: 401,
    });
    expect((await logIn(byPassword(ada.email, ada.password))).userId).toBe(owner.userId);
  });
});

describe("deleting one's account", () => {
  it("removes every way to sign in and every log-in, and the address can be registered anew", async () => {
    await email.register(ada.email, ada.password);
    const one = await logIn(byPassword(ada.email, ada.password));
    const two = await logIn(byPassword(ada.email, ada.password));
    expect(await accounts.deleteOwn(one.accessToken)).toBe(true);
    expect(ended).toEqual([{ kind: "user", userId: one.userId }]);
    expect(await accounts.deleteOwn(one.accessToken)).toBe(false);
    for (const { accessToken, refreshToken } of [one, two]) {
      expect(await accounts.access(accessToken)).toBeUndefined();
      expect(await accounts.refresh(refreshToken)).toMatchObject({ status: 401 });
    }
    expect(await accounts.logIn(byPassword(ada.email, ada.password))).toMatchObject({ status: 401 });
    expect(await email.register(ada.email, ada.password)).toEqual({ kind: "ok" });
    expect((await logIn(byPassword(ada.email, ada.password))).userId).not.toBe(one.userId);
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
    const { userId } = await logIn({ kind: "anonymous" });
    expect(await accounts.access(await foreign.issue("access", { userId, sessionId: "s" }))).toBeUndefined();
  });
});
