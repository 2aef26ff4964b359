/** What comes from outside and is not what it should be: refused in words, at the cost of the one who sent it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeChangeset, type Instruction } from "./changeset";
import { createLog } from "./log";
import { askServer } from "./operator/admin-api";
import type { RunningServer } from "./server";
import { connectRaw, joinWithNewFile, logInRaw, type RawAccount, RawClient } from "./testing/raw-client";
import { startedServer } from "./testing/started-server";

const directory = mkdtempSync(join(tmpdir(), "perennial-hostile-"));
let server: RunningServer;
let logged = "";
let account: RawAccount;

beforeAll(async () => {
  const log = createLog((line) => {
    logged += line;
  }, "debug");
  server = await startedServer({ dataDir: directory }, log);
});

afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

beforeEach(async () => {
  account = await logInRaw(server.url);
});

async function connect(): Promise<RawClient> {
  return connectRaw(server.url, account);
}

async function errorOf(
  client: RawClient,
): Promise<{ code: number; session: number; action: string; message: string }> {
  const { head, body } = await client.next("json_error");
  const json = JSON.parse(body.toString()) as { action: string; message: string };
  return { code: Number(head[1]), session: Number(head[3]), action: json.action, message: json.message };
}

/** The server still does its work for others. */
async function expectHealthy(): Promise<void> {
  const client = await connect();
  await joinWithNewFile(client);
  client.send("mark 1 7");
  expect((await client.next("mark")).head).toEqual(["mark", "1", "7"]);
  client.send("ping 5 0");
  expect((await client.next("pong")).head).toEqual(["pong", "5"]);
  client.close();
}

function changesetBody(clientVersion: number, serverVersion: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${clientVersion} ${serverVersion} 1000 0 ${bytes.length} `), bytes]);
}

function upload(client: RawClient, body: Uint8Array, clientVersion: number, serverVersion: number): void {
  client.send(`upload 1 0 ${body.length} 0 ${clientVersion} ${serverVersion} 0`, body);
}

describe("the WebSocket upgrade", () => {
  it("wants a valid access token of somebody who is logged in", async () => {
    const [header, payload, signature] = account.accessToken.split(".");
    const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "0".repeat(24) })).toString("base64url");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const bad = ["", "x", account.refreshToken, `${header}.${forged}.${signature}`, `${none}.${payload}.`];
    for (const token of bad) expect(await RawClient.connect(server.url, token)).toBe(401);

    await fetch(`${server.url}/api/client/v2.0/auth/session`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${account.refreshToken}` },
    });
    expect(await RawClient.connect(server.url, account.accessToken)).toBe(401);
  });

  it("wants flexible sync, protocol 7", async () => {
    expect(await RawClient.connect(server.url, account.accessToken, "com.mongodb.realm-sync/7")).toBe(400);
    expect(await RawClient.connect(server.url, account.accessToken, "com.mongodb.realm-query-sync/6")).toBe(
      400,
    );
  });
});

describe("a connection whose log-in is over", () => {
  it("is closed, and nothing that it still says is listened to", async () => {
    const files = async (): Promise<unknown> => {
      const asked = await askServer(directory, { kind: "status" });
      return asked.kind === "ok" ? (asked.body as { clientFiles: unknown }).clientFiles : undefined;
    };
    const client = await connect();
    await joinWithNewFile(client);
    client.staysOnClose = true;
    const loggedOut = await fetch(`${server.url}/api/client/v2.0/auth/session`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${account.refreshToken}` },
    });
    expect(loggedOut.status).toBe(204);
    const before = await files();
    client.send("bind 2 1 0 1 0", "p");
    // Somebody else comes and goes meanwhile, and is the only one for whom a file was made.
    account = await logInRaw(server.url);
    await expectHealthy();
    expect(await files()).toBe(Number(before) + 1);
    client.close();
  });
});

describe("HTTP", () => {
  it("answers everything it does not know with an error the SDK can read", async () => {
    const base = `${server.url}/api/client/v2.0`;
    const login = `${base}/app/perennial/auth/providers/local-userpass/login`;
    const requests: [string, RequestInit, number][] = [
      [`${base}/app/another/location`, {}, 404],
      [`${base}/app/perennial/functions/call`, { method: "POST", body: "{}" }, 404],
      [`${base}/auth/profile`, { headers: { authorization: "Bearer nonsense" } }, 401],
      [`${base}/auth/session`, { method: "POST" }, 401],
      [login, { method: "POST", body: "not json" }, 400],
      [login, { method: "POST", body: '{"username":1,"password":{}}' }, 400],
      [login, { method: "POST", body: JSON.stringify({ username: "x".repeat(100_000) }) }, 400],
      [`${login}?link=true`, { method: "POST", body: '{"username":"a@b","password":"x"}' }, 401],
      [`${base}/app/auth/providers/anon-user/login`, { method: "POST", body: "{}" }, 404],
    ];
    for (const [url, init, status] of requests) {
      const response = await fetch(url, init);
      expect([url, response.status]).toEqual([url, status]);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(await response.json()).toMatchObject({
        error: expect.any(String),
        error_code: expect.any(String),
      });
    }
  });

  it("keeps the operator's door shut to anyone without its token", async () => {
    const asked = await askServer(directory, { kind: "status" });
    if (asked.kind !== "ok") throw new Error("the server is not running");
    for (const authorization of ["", "Bearer ", `Bearer ${"0".repeat(64)}`]) {
      const response = await fetch(`${asked.info.adminUrl}/stop`, {
        method: "POST",
        headers: { authorization },
      });
      expect(response.status).toBe(401);
    }
    expect((await fetch(`${server.url}/status`, { method: "POST" })).status).toBe(404);
  });
});

describe("a frame without a session", () => {
  const frames: [string, "text" | "binary", Uint8Array][] = [
    ["nothing at all", "binary", new Uint8Array(0)],
    ["no header line", "binary", Buffer.from("bind 1 1 0 1 0 ")],
    ["a header line without an end", "binary", Buffer.alloc(100_000, "a")],
    ["an unknown message", "binary", Buffer.from("flourish 1\n")],
    ["a text frame", "text", Buffer.from("bind 1 1 0 1 0\np")],
    ["bytes that are no text", "binary", Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
    ["session 0", "binary", Buffer.from("bind 0 1 0 1 0\np")],
    ["a negative session", "binary", Buffer.from("mark -1 1\n")],
    ["a huge number", "binary", Buffer.from("mark 99999999999999999999 1\n")],
    ["a session that was never bound", "binary", Buffer.from("mark 9 1\n")],
  ];

  it.each(frames)("ends the connection: %s", async (_name, kind, bytes) => {
    const client = await connect();
    client.sendFrame(kind, bytes);
    expect(await errorOf(client)).toMatchObject({ code: 103, session: 0 });
    await client.closed();
    await expectHealthy();
  });
});

describe("a malformed message of a session", () => {
  const messages: [string, string, string][] = [
    ["too few values", "mark 1", ""],
    ["too many values", "mark 1 2 3", ""],
    ["a body that is longer than its header says", "query 1 1 2", "{}}"],
    ["a body that is shorter", "query 1 1 200", "{}"],
    ["a size beyond the limit", "query 1 1 999999999", "{}"],
    ["a flag that is none", "upload 1 2 0 0 1 1 0", ""],
    ["a size that no message could have", "upload 1 0 9007199254740991 0 1 1 0", ""],
    ["a body that cannot be inflated", "upload 1 1 5 5 1 1 0", "hello"],
    ["a changeset header without an end", "upload 1 0 5 0 1 1 0", "12 34"],
    ["a changeset longer than its message", "upload 1 0 12 0 5 1 0", "5 1 1 0 999 "],
    ["a query that is not UTF-8", "query 1 1 2", "\ufffd"],
  ];

  it.each(messages)("ends that session alone: %s", async (name, head, body) => {
    const client = await connect();
    await joinWithNewFile(client, 1);
    await joinWithNewFile(client, 2);
    client.send(head, name.includes("UTF-8") ? Uint8Array.of(0xc3, 0x28) : body);
    const error = await errorOf(client);
    expect(error).toMatchObject({ code: 201, session: 1, action: "ProtocolViolation" });
    client.send("mark 2 1");
    expect((await client.next("mark")).head).toEqual(["mark", "2", "1"]);
    client.close();
  });

  it("ends it when a body inflates to more than it claims", async () => {
    const client = await connect();
    await joinWithNewFile(client);
    const bomb = deflateSync(Buffer.alloc(50_000_000));
    client.send(`upload 1 1 1000 ${bomb.length} 1 1 0`, bomb);
    expect(await errorOf(client)).toMatchObject({ session: 1, action: "ProtocolViolation" });
    client.close();
  });
});

describe("a message at the wrong time", () => {
  it.each([
    ["mark 1 1", ""],
    ["query 1 1 2", "{}"],
    ["upload 1 0 0 0 0 0 0", ""],
  ])("ends the session: %s before ident", async (head, body) => {
    const client = await connect();
    client.send("bind 1 1 0 1 0", "p");
    client.send(head, body);
    expect(await errorOf(client)).toMatchObject({ session: 1, action: "ProtocolViolation" });
    client.close();
  });

  it("ends the session: a second ident, and a query version that does not grow", async () => {
    const client = await connect();
    const { ident } = await joinWithNewFile(client);
    client.send(`ident 1 ${ident} 0 0 0 0 0 2`, "{}");
    expect(await errorOf(client)).toMatchObject({ session: 1, action: "ProtocolViolation" });
    await joinWithNewFile(client, 2);
    client.send("query 2 0 2", "{}");
    expect(await errorOf(client)).toMatchObject({ session: 2, action: "ProtocolViolation" });
    client.close();
  });
});

describe("a client file", () => {
  it("that is unknown, or known with another salt, must reset", async () => {
    const client = await connect();
    const { ident } = await joinWithNewFile(client);
    for (const [session, claimed] of [
      [2, "999999 1"],
      [3, `${ident.split(" ")[0]} 1`],
      [4, "1 1"],
    ]) {
      client.send(`bind ${session} 1 0 0 0`, "p");
      client.send(`ident ${session} ${claimed} 5 0 5 1 0 2`, "{}");
      expect(await errorOf(client)).toMatchObject({ code: 208, session, action: "ClientReset" });
    }
    client.close();
  });

  it("of another user is refused without a reset", async () => {
    const client = await connect();
    const { ident } = await joinWithNewFile(client);
    account = await logInRaw(server.url);
    const other = await connect();
    other.send("bind 1 1 0 0 0", "p");
    other.send(`ident 1 ${ident} 0 0 0 0 0 2`, "{}");
    expect(await errorOf(other)).toMatchObject({ code: 223, action: "ApplicationBug" });
    client.close();
    other.close();
  });

  it("that claims versions the server does not have, or with other salts, must reset", async () => {
    const client = await connect();
    const { ident, version } = await joinWithNewFile(client);
    for (const [session, progress, code] of [
      [2, `${version} 0 ${version + 100} 1`, 209],
      [3, `${version + 100} 0 ${version} 1`, 209],
      [4, `${version} 0 ${version} 1`, 211],
    ]) {
      client.send(`bind ${session} 1 0 0 0`, "p");
      client.send(`ident ${session} ${ident} ${progress} 0 2`, "{}");
      expect(await errorOf(client)).toMatchObject({ code, session, action: "ClientReset" });
    }
    client.close();
  });
});

describe("an upload", () => {
  const addTable: Instruction = {
    kind: "AddTable",
    table: "Plant",
    spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
  };
  const create = (id: string): Instruction => ({
    kind: "CreateObject",
    table: "Plant",
    pk: { kind: "string", value: id },
  });

  it.each([
    ["bytes that are no changeset", () => Buffer.from("0123456789"), "ProtocolViolation", 212],
    [
      "an object of an unknown class",
      () => encodeChangeset([{ ...create("x"), table: "Weed" } as Instruction]),
      "ClientReset",
      212,
    ],
    [
      "removing a class",
      () => encodeChangeset([addTable, { kind: "EraseTable", table: "Plant" }]),
      "ApplicationBug",
      225,
    ],
    [
      "a write to an object that is not there",
      () =>
        encodeChangeset([
          addTable,
          {
            kind: "AddColumn",
            table: "Plant",
            field: "height",
            type: "int",
            nullable: false,
            collection: "single",
          },
          {
            kind: "AddInteger",
            table: "Plant",
            pk: { kind: "string", value: "nowhere" },
            field: "height",
            path: [],
            value: 1n,
          },
        ]),
      "ClientReset",
      212,
    ],
  ])("is refused, and leaves nothing behind: %s", async (_name, bytes, action, code) => {
    const client = await connect();
    const { version } = await joinWithNewFile(client);
    const before = await askServer(directory, { kind: "status" });
    upload(client, changesetBody(5, version, bytes()), 5, version);
    expect(await errorOf(client)).toMatchObject({ session: 1, action, code });
    expect(await askServer(directory, { kind: "status" })).toEqual({
      ...before,
      body: expect.objectContaining({ version }),
    });
    client.close();
    await expectHealthy();
  });

  it.each([
    [
      "repeating a client version",
      (v: number) => [changesetBody(5, v, empty), changesetBody(5, v, empty)],
      5,
      0,
    ],
    [
      "going back in server versions",
      (v: number) => [changesetBody(5, v, empty), changesetBody(6, v - 1, empty)],
      6,
      0,
    ],
    ["based on a version that was never sent", (v: number) => [changesetBody(5, v + 9, empty)], 5, 9],
    ["whose progress is behind", (v: number) => [changesetBody(5, v, empty)], 4, 0],
  ])("is refused: %s", async (_name, bodies, clientVersion, ahead) => {
    const client = await connect();
    const { version } = await joinWithNewFile(client);
    upload(client, Buffer.concat(bodies(version)), clientVersion, version + ahead);
    expect(await errorOf(client)).toMatchObject({ session: 1, action: "ProtocolViolation" });
    client.close();
  });

  it("of an object whose class the rules do not fit is undone", async () => {
    const client = await connect();
    const { version } = await joinWithNewFile(client);
    upload(client, changesetBody(5, version, encodeChangeset([addTable, create("rose")])), 5, version);
    const { head, body } = await client.next("json_error");
    expect(head[1]).toBe("231");
    const { rejectedUpdates } = JSON.parse(body.toString()) as { rejectedUpdates: unknown };
    const pk = Buffer.from([3, 4, ...Buffer.from("rose")]).toString("base64");
    expect(rejectedUpdates).toEqual([
      { table: "Plant", pk, reason: expect.stringContaining('no property "owner_id"') },
    ]);
    const download = await client.next("download");
    expect(download.head[6]).toBe("5");
    client.close();
  });
});

it("never writes a token into its log", () => {
  expect(logged).not.toContain(account.accessToken.slice(-20));
  expect(logged).not.toContain("eyJ");
});

const empty = encodeChangeset([]);
