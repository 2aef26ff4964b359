/** Accounts as an app sees them: the unmodified Realm SDK and the operator's commands against a real server. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { UserAnswer } from "./auth/user-administration";
import type { ProfileDump, UserDump } from "./testing/account-commands";
import type { DrivenClient } from "./testing/driven-client";
import { type Account, noteIdIn, ownNotes, TestBed, until } from "./testing/test-bed";

const bed = new TestBed();
const clients: DrivenClient[] = [];
let garden = 0;

/** As the SDK reports a log-in that is over. */
const loggedOut = { code: 203, message: "Unable to refresh the user access token." };

beforeAll(() => bed.startServer());

afterAll(() => bed.dispose());

afterEach(async () => {
  for (const client of clients.splice(0)) await client.exit();
});

function newClient(): DrivenClient {
  const client = bed.client();
  clients.push(client);
  return client;
}

async function twoDevices(): Promise<{ a: DrivenClient; b: DrivenClient; account: Account }> {
  garden += 1;
  const [a, b] = [newClient(), newClient()];
  const account = await bed.newAccount(a);
  await Promise.all([bed.open(a, account), bed.open(b, account)]);
  return { a, b, account };
}

const noteId = (n: number): string => noteIdIn(garden, n);

async function operator<T = UserAnswer>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await bed.cli(...args, "--data", bed.dataDir, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
}

async function settle(...writers: readonly DrivenClient[]): Promise<void> {
  for (const client of writers) await client.uploaded();
  for (const client of writers) await client.downloaded();
}

function userState(client: DrivenClient): Promise<UserDump[]> {
  return client.account<UserDump[]>({ kind: "users" });
}

describe("a new password", () => {
  it("by the present one keeps the device that asks, and logs the others out", async () => {
    const { a, b, account } = await twoDevices();
    const change = { kind: "changePassword", email: account.email, password: "battery staple" } as const;
    const wrong = a.account({ ...change, present: "not this one", showsLogIn: true });
    await expect(wrong).rejects.toThrow("invalid username/password");
    await a.account({ ...change, present: account.password, showsLogIn: true });
    expect((await b.untilErrors(1))[0]).toMatchObject(loggedOut);
    expect(await userState(b)).toMatchObject([{ state: "LoggedOut" }]);
    await a.write({ kind: "create", id: noteId(1), fields: { text: "goes on" } });
    await a.uploaded();
    expect(await a.errors()).toEqual([]);
    await expect(b.logIn(bed.url, { kind: "password", ...account })).rejects.toThrow(
      "invalid username/password",
    );
    // The same realm goes on where it stopped.
    await b.logIn(bed.url, { kind: "password", email: account.email, password: "battery staple" });
    await b.untilCount(1);
  });

  it("by the present one ends every log-in when the device does not say which is its own", async () => {
    const { a, account } = await twoDevices();
    const change = { kind: "changePassword", email: account.email, password: "battery staple" } as const;
    await a.account({ ...change, present: account.password, showsLogIn: false });
    expect((await a.untilErrors(1))[0]).toMatchObject(loggedOut);
  });

  it("by the operator's token needs no old one, and works once", async () => {
    const { a, b, account } = await twoDevices();
    const issued = await operator("users", "reset-password", account.email.toUpperCase());
    if (issued.kind !== "resetIssued") throw new Error(issued.kind);
    expect(issued.email).toBe(account.email);
    const { token, tokenId } = issued;
    await a.account({ kind: "resetPassword", password: "battery staple", token, tokenId });
    for (const client of [a, b]) expect((await client.untilErrors(1))[0]).toMatchObject(loggedOut);
    await a.logIn(bed.url, { kind: "password", email: account.email, password: "battery staple" });
    const again = a.account({ kind: "resetPassword", password: "a third one", token, tokenId });
    await expect(again).rejects.toThrow("this token to set a new password is not valid");
  });

  it("does not come by e-mail, and accounts need no confirmation: both are said", async () => {
    const a = newClient();
    const { email } = await bed.newAccount(a);
    await expect(a.account({ kind: "sendResetEmail", email })).rejects.toThrow("this server sends no e-mail");
    await expect(a.account({ kind: "confirmAgain", email })).rejects.toThrow("need no confirmation");
  });
});

describe("deleting one's account", () => {
  it("ends every device's session at once; the notes stay with the server and belong to nobody", async () => {
    const { a, b, account } = await twoDevices();
    await a.write({ kind: "create", id: noteId(1), fields: { text: "left behind" } });
    await settle(a, b);
    const before = await operator<{ objects: number; clientFiles: number }>("status");
    await a.close();
    await a.account({ kind: "deleteUser" });
    expect(await userState(a)).toEqual([]);
    expect((await b.untilErrors(1))[0]).toMatchObject(loggedOut);
    const after = await operator<{ objects: number; clientFiles: number }>("status");
    expect(after.objects).toBe(before.objects);
    expect(after.clientFiles).toBe(before.clientFiles - 2);
    expect(await operator<{ problems: unknown[] }>("check")).toEqual({ problems: [] });

    const c = newClient();
    await expect(c.logIn(bed.url, { kind: "password", ...account })).rejects.toThrow(
      "invalid username/password",
    );
    await c.register(bed.url, account.email, account.password);
    await bed.open(c, account);
    expect(await c.count()).toBe(0);
  });
});

describe("logging out", () => {
  it("stops synchronising; after logging in again, what was written meanwhile is there", async () => {
    const { a, b, account } = await twoDevices();
    await b.account({ kind: "logOut" });
    expect(await userState(b)).toMatchObject([{ state: "LoggedOut" }]);
    await a.write({ kind: "create", id: noteId(1), fields: { text: "meanwhile" } });
    await b.write({ kind: "create", id: noteId(2), fields: { text: "offline" } });
    await a.uploaded();
    expect(await b.count()).toBe(1);
    await b.logIn(bed.url, { kind: "password", ...account });
    await settle(b, a);
    expect(await a.notes()).toEqual(await b.notes());
    expect(await a.count()).toBe(2);
    expect([...(await a.errors()), ...(await b.errors())]).toEqual([]);
  });

  it("of an anonymous user is for good; until then a device has one and the same", async () => {
    const [a, b] = [newClient(), newClient()];
    const first = await a.logIn(bed.url, { kind: "anonymous" });
    expect(await a.logIn(bed.url, { kind: "anonymous" })).toBe(first);
    expect(await b.logIn(bed.url, { kind: "anonymous" })).not.toBe(first);
    await a.account({ kind: "logOut" });
    expect(await userState(a)).toEqual([]);
    expect(await a.logIn(bed.url, { kind: "anonymous" })).not.toBe(first);
  });

  it("of one user leaves the other users of the same app alone", async () => {
    garden += 1;
    const a = newClient();
    const [ada, bob] = [await bed.newAccount(a), await bed.newAccount(a)];
    const adaId = await a.logIn(bed.url, { kind: "password", ...ada });
    const bobId = await a.logIn(bed.url, { kind: "password", ...bob });
    await a.open({ query: ownNotes });
    await a.write({ kind: "create", id: noteId(1), fields: { text: "bob's" } });
    await a.uploaded();
    await a.close();
    await a.account({ kind: "switchUser", userId: adaId });
    expect((await userState(a)).find(({ isCurrent }) => isCurrent)?.id).toBe(adaId);
    await a.open({ query: ownNotes });
    expect(await a.count()).toBe(0);
    await a.close();
    await a.account({ kind: "removeUser" });
    expect(await userState(a)).toEqual([{ id: bobId, state: "LoggedIn", isCurrent: true }]);
    await a.account({ kind: "switchUser", userId: bobId });
    await a.open({ query: ownNotes });
    expect((await a.notes()).map(({ text }) => text)).toEqual(["bob's"]);
  });
});

describe("linking an e-mail address to an anonymous user", () => {
  it("keeps the id and the notes, and other devices can sign in to them", async () => {
    garden += 1;
    const a = newClient();
    const userId = await a.logIn(bed.url, { kind: "anonymous" });
    await a.open({ query: ownNotes });
    await a.write({ kind: "create", id: noteId(1), fields: { text: "begun without a name" } });
    await a.uploaded();
    const account = await bed.newAccount(a);
    await a.account({ kind: "link", credentials: { kind: "password", ...account } });
    expect(await a.account<ProfileDump>({ kind: "profile" })).toMatchObject({
      profile: { email: account.email },
      providers: ["anon-user", "local-userpass"],
    });
    const b = newClient();
    expect(await b.logIn(bed.url, { kind: "password", ...account })).toBe(userId);
    await b.open({ query: ownNotes });
    await b.write({ kind: "set", id: noteId(1), fields: { text: "gone on with a name" } });
    await settle(b, a);
    expect((await a.notes()).map(({ text }) => text)).toEqual(["gone on with a name"]);
    expect(await a.errors()).toEqual([]);
  });
});

describe("custom tokens", () => {
  const secret = "a secret that two servers share, and nobody else";
  const sign = (claims: Record<string, string>, expires = "10m"): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime(expires)
      .sign(new TextEncoder().encode(secret));

  it("sign the same person in as the same user, with the profile that the token tells", async () => {
    garden += 1;
    const [a, b] = [newClient(), newClient()];
    const token = await sign({ sub: "ada", name: "Ada" });
    const early = a.logIn(bed.url, { kind: "jwt", token });
    await expect(early).rejects.toThrow("signing in by custom tokens is switched off");
    writeFileSync(join(bed.dataDir, "jwt-secret"), `${secret}\n`);
    const options = ["--jwt", "HS256", "--jwt-secret-file", "jwt-secret", "--jwt-profile", "name=name"];
    await operator("auth", "set", ...options);

    const userId = await a.logIn(bed.url, { kind: "jwt", token });
    await a.open({ query: ownNotes });
    await a.write({ kind: "create", id: noteId(1), fields: { text: "by token" } });
    await a.uploaded();
    expect(await a.account<ProfileDump>({ kind: "profile" })).toEqual({
      profile: { name: "Ada" },
      providers: ["custom-token"],
    });
    const renamed = await sign({ sub: "ada", name: "Countess" });
    expect(await b.logIn(bed.url, { kind: "jwt", token: renamed })).toBe(userId);
    await b.open({ query: ownNotes });
    expect((await b.notes()).map(({ text }) => text)).toEqual(["by token"]);
    expect((await b.account<ProfileDump>({ kind: "profile" })).profile).toEqual({ name: "Countess" });

    const other = await b.logIn(bed.url, { kind: "jwt", token: await sign({ sub: "bob" }) });
    expect(other).not.toBe(userId);
    const expired = b.logIn(bed.url, { kind: "jwt", token: await sign({ sub: "ada" }, "-1m") });
    await expect(expired).rejects.toThrow("the token has expired");
    expect(await operator("users", "disable", "ada")).toEqual({ kind: "disabled", id: userId });
    await expect(b.logIn(bed.url, { kind: "jwt", token })).rejects.toThrow("this account is disabled");
  });
});

describe("the operator", () => {
  it("disables an account and enables it again", async () => {
    const { a, b, account } = await twoDevices();
    await operator("users", "disable", account.email);
    for (const client of [a, b]) expect((await client.untilErrors(1))[0]).toMatchObject(loggedOut);
    const refused = a.logIn(bed.url, { kind: "password", ...account });
    await expect(refused).rejects.toThrow("this account is disabled");
    await operator("users", "enable", account.email);
    await a.logIn(bed.url, { kind: "password", ...account });
    await a.write({ kind: "create", id: noteId(1) });
    await a.uploaded();
  });

  it("makes, lists and deletes accounts, while the server runs and while it does not", async () => {
    const a = newClient();
    const created = await operator("users", "create", "Made@Example.org");
    if (created.kind !== "created") throw new Error(created.kind);
    expect(created).toMatchObject({ email: "made@example.org", password: expect.stringMatching(/^.{16}$/) });
    const listed = await operator("users", "list");
    if (listed.kind !== "listed") throw new Error(listed.kind);
    expect(listed.users.find(({ id }) => id === created.id)).toMatchObject({
      logIns: [{ provider: "local-userpass", name: "made@example.org" }],
      lastLogInAt: null,
      isDisabled: false,
    });
    const password = created.password ?? "";
    const id = await a.logIn(bed.url, { kind: "password", email: "made@example.org", password });
    expect(id).toBe(created.id);

    await bed.killServer();
    const offline = await operator("users", "create", "offline@example.org");
    expect(offline).toMatchObject({ kind: "created" });
    expect(await operator("users", "delete", created.id)).toEqual({ kind: "deleted", id: created.id });
    await bed.startServer();
    const gone = a.logIn(bed.url, { kind: "password", email: "made@example.org", password });
    await expect(gone).rejects.toThrow("invalid username/password");
    const answer = await bed.cli("users", "list", "--data", bed.dataDir);
    expect(answer.stdout).toMatch(/offline@example\.org {2}last log-in never/);
  });

  it("gives a new account a password that nobody else on the machine can see", async () => {
    const cli = fileURLToPath(new URL("cli.ts", import.meta.url));
    const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const args = [
      "users",
      "create",
      "typed@example.org",
      "--password-stdin",
      "--data",
      bed.dataDir,
      "--json",
    ];
    const made = spawnSync(process.execPath, ["--import", loader, cli, ...args], {
      encoding: "utf8",
      input: "typed by hand\nanother line\n",
    });
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(made.stdout)).toEqual({
      kind: "created",
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      email: "typed@example.org",
    });
    await newClient().logIn(bed.url, {
      kind: "password",
      email: "typed@example.org",
      password: "typed by hand",
    });
    const none = spawnSync(process.execPath, ["--import", loader, cli, ...args], {
      encoding: "utf8",
      input: "",
    });
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining("Standard input ended") });
  });

  it("is told what cannot be done, and what was not understood", async () => {
    await operator("users", "create", "twice@example.org");
    const failing = [
      ["users", "delete", "nobody@example.org"],
      ["users", "create", "not an address"],
      ["users", "create", "twice@example.org"],
    ];
    for (const args of failing) {
      const { code, stderr } = await bed.cli(...args, "--data", bed.dataDir);
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(stderr).not.toBe("");
    }
    const anonymousId = await newClient().logIn(bed.url, { kind: "anonymous" });
    const noPassword = await bed.cli("users", "reset-password", anonymousId, "--data", bed.dataDir);
    expect(noPassword).toMatchObject({ code: 1, stderr: expect.stringContaining("has no password") });
    for (const args of [
      ["users"],
      ["users", "plant"],
      ["users", "delete"],
      ["users", "list", "all"],
      ["auth"],
    ]) {
      expect({ args, code: (await bed.cli(...args, "--data", bed.dataDir)).code }).toEqual({ args, code: 2 });
    }
  });

  it("closes registration and anonymous log-ins, and opens them again", async () => {
    const a = newClient();
    await operator("auth", "set", "--registration", "closed", "--anonymous", "off");
    await expect(a.logIn(bed.url, { kind: "anonymous" })).rejects.toThrow("is switched off on this server");
    await expect(bed.newAccount(a)).rejects.toThrow("new accounts are made by whoever runs this server");
    await operator("auth", "set", "--registration", "open", "--anonymous", "on");
    await a.logIn(bed.url, { kind: "anonymous" });
  });

  it("gets an edited file with a mistake in it back with words, and the server keeps to the last good one", async () => {
    const path = join(bed.dataDir, "auth.json");
    const good = await operator("auth", "show");
    writeFileSync(path, JSON.stringify({ anonymous: "sometimes", registratoin: "closed" }));
    await newClient().logIn(bed.url, { kind: "anonymous" });
    const shown = await bed.cli("auth", "show", "--data", bed.dataDir);
    expect(shown.code).toBe(1);
    expect(shown.stderr).toContain("anonymous:");
    expect(shown.stderr).toContain("registratoin");
    await until(
      async () => bed.serverLog(),
      (log) => log.includes("auth configuration ignored"),
    );
    await bed.killServer();
    await expect(bed.startServer()).rejects.toThrow("auth.json: ");
    writeFileSync(path, JSON.stringify(good));
    await bed.startServer();
  });
});
