/**
 * Tokens over time, and what must never be written down: a server in this process, whose clock the test may turn, and
 * the real SDK in a process of its own.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { attemptLimits } from "./auth/attempt-limit";
import { tokenLifeMs } from "./auth/tokens";
import { createLog } from "./log";
import { runCommand } from "./operator/command-line";
import type { RunningServer } from "./server";
import { DrivenClient } from "./testing/driven-client";
import { RawClient } from "./testing/raw-client";
import { startedServer } from "./testing/started-server";
import { noteIdIn, ownNotes } from "./testing/test-bed";

const directory = mkdtempSync(join(tmpdir(), "perennial-clock-"));
const dataDir = join(directory, "data");
const root = "/api/client/v2.0";
let server: RunningServer;
let logged = "";
let client: DrivenClient;

const log = createLog((line) => {
  logged += line;
}, "debug");

/** On the port of its last start. */
async function start(): Promise<RunningServer> {
  return startedServer({ dataDir, port: undefined }, log);
}

beforeAll(async () => {
  server = await start();
  client = new DrivenClient(join(directory, "client"));
});

afterAll(async () => {
  await client.exit();
  await server.close();
  rmSync(directory, { recursive: true });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Every connection ends with it: the next one has to show its token. */
async function restartLater(ms: number): Promise<void> {
  await server.close();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
  server = await start();
}

async function post(
  path: string,
  body: object,
  token = "",
): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${server.url}${root}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

it("an access token that expired is refreshed by the SDK on its own, and one whose log-in is too old logs out", async () => {
  const password = { email: "clock@example.org", password: "correct horse" };
  await client.register(server.url, password.email, password.password);
  await client.logIn(server.url, { kind: "password", ...password });
  await client.open({ query: ownNotes });
  const before = logged.length;
  await restartLater(tokenLifeMs.access + 1000);
  await client.write({ kind: "create", id: noteIdIn(1, 1), fields: { text: "after the token's end" } });
  await client.uploaded();
  expect(await client.errors()).toEqual([]);
  expect(logged.slice(before)).toMatch(/"method":"POST","path":"[^"]*\/auth\/session","status":201/);

  await restartLater(tokenLifeMs.refresh + 1000);
  expect((await client.untilErrors(1))[0]).toMatchObject({ code: 203 });
  // The server keeps the clock it was started with.
  await server.close();
  vi.useRealTimers();
  server = await start();
  // Nothing is lost by it: logging in again goes on.
  await client.write({ kind: "create", id: noteIdIn(1, 2), fields: { text: "while logged out" } });
  await client.logIn(server.url, { kind: "password", ...password });
  await client.uploaded();
});

it("a log-in without a name does not age: nobody could sign in to its notes again", async () => {
  const nameless = new DrivenClient(join(directory, "nameless"));
  onTestFinished(async () => {
    await nameless.exit();
    // The server keeps the clock it was started with.
    await server.close();
    vi.useRealTimers();
    server = await start();
  });
  await nameless.logIn(server.url, { kind: "anonymous" });
  await nameless.open({ query: ownNotes });
  await restartLater(20 * tokenLifeMs.refresh);
  await nameless.write({ kind: "create", id: noteIdIn(2, 1), fields: { text: "years later" } });
  await nameless.uploaded();
  expect((await nameless.errors()).filter(({ code }) => code === 203)).toEqual([]);
});

it("too many wrong passwords are answered by 429 with the time to wait, and the SDK tells it", async () => {
  const login = "/app/perennial/auth/providers/local-userpass/login";
  const username = "guessed@example.org";
  await post("/app/perennial/auth/providers/local-userpass/register", {
    email: username,
    password: "correct horse",
  });
  for (let i = 0; i < attemptLimits.perAccountAndAddress; i++) {
    expect((await post(login, { username, password: `wrong ${i}` })).status).toBe(401);
  }
  const response = await fetch(`${server.url}${root}${login}`, {
    method: "POST",
    body: JSON.stringify({ username, password: "correct horse" }),
  });
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  const refused = client.logIn(server.url, { kind: "password", email: username, password: "correct horse" });
  await expect(refused).rejects.toThrow("too many attempts; try again in 15 minutes");
  // Another address, as a proxy on this machine tells it.
  const elsewhere = await fetch(`${server.url}${root}${login}`, {
    method: "POST",
    headers: { "x-forwarded-for": "192.0.2.9, 198.51.100.7" },
    body: JSON.stringify({ username, password: "correct horse" }),
  });
  expect(elsewhere.status).toBe(200);
});

it("no password, token or secret is ever in the log, nor in the store in a form that could be used", async () => {
  const providers = "/app/perennial/auth/providers";
  const email = "discreet@example.org";
  const secret = "the-shared-secret-of-two-servers-is-long";
  const passwords = ["hush-hush-1", "hush-hush-2", "hush-hush-3", "hush-hush-wrong"];
  const [first = "", second = "", third = "", wrong = ""] = passwords;
  const printed: string[] = [];
  const operate = async (...args: readonly string[]): Promise<Record<string, string>> => {
    const terminal = { print: (line: string) => void printed.push(line), error: () => {} };
    await runCommand([...args, "--data", dataDir, "--json"], terminal);
    return JSON.parse(printed.at(-1) ?? "{}") as Record<string, string>;
  };
  writeFileSync(join(dataDir, "secret"), secret);
  await operate("auth", "set", "--jwt", "HS256", "--jwt-secret-file", "secret");
  const customToken = await new SignJWT({ sub: "ada" })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1m")
    .sign(new TextEncoder().encode(secret));

  await post(`${providers}/local-userpass/register`, { email, password: first });
  await post(`${providers}/local-userpass/register`, { email, password: first });
  const { body: login } = await post(`${providers}/local-userpass/login`, {
    username: email,
    password: first,
  });
  await post(`${providers}/local-userpass/login`, { username: email, password: wrong });
  await post(`${providers}/local-userpass/reset/call`, { email, password: second, arguments: [first] });
  const reset = await operate("users", "reset-password", email);
  const { token = "", tokenId = "" } = reset;
  await post(`${providers}/local-userpass/reset`, { password: third, token, tokenId });
  await post(`${providers}/local-userpass/reset`, { password: third, token, tokenId });
  const { body: byToken } = await post(`${providers}/custom-token/login`, { token: customToken });
  await post(`${providers}/custom-token/login`, { token: `${customToken}x` });
  const { access_token: access = "", refresh_token: refresh = "" } = byToken;
  await post("/auth/session", {}, refresh);
  await post("/auth/session", {}, `${refresh}x`);
  const connection = await RawClient.connect(server.url, access);
  if (typeof connection === "number") throw new Error("refused");
  connection.send("bind 1 1 5 1 0", `p${access.slice(0, 5)}`);
  await connection.next("ident");
  connection.close();
  expect(await RawClient.connect(server.url, `${access}x`)).toBe(401);
  const made = await operate("users", "create", "made-up@example.org");

  const secrets = {
    ...Object.fromEntries(passwords.map((password) => [password, password])),
    secret,
    customToken,
    resetToken: token,
    madeUpPassword: made.password ?? "",
    tokenKey: readFileSync(join(dataDir, "token-key"), "utf8").trim(),
    ...Object.fromEntries(
      [login.access_token, login.refresh_token, access, refresh].map((jwt = "", i) => [`jwt ${i}`, jwt]),
    ),
  };
  expect(logged).toContain("/custom-token/login");
  const stored = readdirSync(dataDir)
    .filter((name) => name.startsWith("store."))
    .map((name) => readFileSync(join(dataDir, name), "latin1"))
    .join("");
  for (const [name, text] of Object.entries(secrets)) {
    expect([name, text.length > 8]).toEqual([name, true]);
    // The ends as well: a part of a token would do to recognise it.
    for (const part of [text, text.slice(-24)]) {
      expect([name, logged.includes(part), stored.includes(part)]).toEqual([name, false, false]);
    }
  }
  expect(logged).not.toContain("eyJ");
  expect(stored).not.toContain("eyJ");
});
