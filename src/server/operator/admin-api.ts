/**
 * How the command line reaches a running server: HTTP on the loopback interface, with a token that stands in a file
 * only the owner of the data can read.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readJson, sendReply } from "../http/reply";
import { errorFields, type Log } from "../log";
import { writeFileDurably } from "../storage/durable-file";
import type { AdminRequest } from "./requests";

/** Carries out what it is asked and answers plain data, or a promise of it. */
export type AdminHandler = (request: AdminRequest) => unknown;

/** A schema or rules file is one request. */
const requestLimitBytes = 16 * 1024 * 1024;

/** Written into the data directory by a running server. */
export type ServerInfo = {
  readonly pid: number;
  readonly url: string;
  readonly adminUrl: string;
  readonly token: string;
};

function infoPath(dataDir: string): string {
  return join(dataDir, "server.json");
}

export class AdminServer {
  readonly #http: Server;
  readonly #dataDir: string;

  private constructor(http: Server, dataDir: string) {
    this.#http = http;
    this.#dataDir = dataDir;
  }

  static async start(dataDir: string, url: string, handle: AdminHandler, log: Log): Promise<AdminServer> {
    const token = randomBytes(32).toString("hex");
    const http = createServer((request, response) => {
      answer(request, token, handle)
        .catch((error: unknown) => {
          log.error("admin request failed", errorFields(error));
          return {
            status: 500,
            body: { error: error instanceof Error ? error.message : "internal problem" },
          };
        })
        .then((reply) => sendReply(response, reply));
    });
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(0, "127.0.0.1", resolve);
    });
    const { port } = http.address() as AddressInfo;
    const info: ServerInfo = { pid: process.pid, url, adminUrl: `http://127.0.0.1:${port}`, token };
    writeFileDurably(infoPath(dataDir), `${JSON.stringify(info)}\n`, 0o600);
    return new AdminServer(http, dataDir);
  }

  async close(): Promise<void> {
    rmSync(infoPath(this.#dataDir), { force: true });
    // Not at once: the answer to "stop" is still on its way.
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }
}

async function answer(request: IncomingMessage, token: string, handle: AdminHandler) {
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return { status: 401, body: { error: "bad token" } };
  if (request.method !== "POST") return { status: 404, body: { error: "unknown request" } };
  // Written by the same program: whoever knows the token is trusted.
  const body = (await readJson(request, requestLimitBytes)) as AdminRequest;
  return { status: 200, body: (await handle(body)) ?? {} };
}

export type AdminAnswer =
  | { readonly kind: "ok"; readonly body: unknown; readonly info: ServerInfo }
  | { readonly kind: "notRunning" }
  | { readonly kind: "failed"; readonly message: string };

/** Asks the server of a data directory, if one is running. */
export async function askServer(dataDir: string, request: AdminRequest): Promise<AdminAnswer> {
  let info: ServerInfo;
  try {
    info = JSON.parse(readFileSync(infoPath(dataDir), "utf8")) as ServerInfo;
  } catch {
    return { kind: "notRunning" };
  }
  let response: Response;
  try {
    response = await fetch(info.adminUrl, {
      method: "POST",
      headers: { authorization: `Bearer ${info.token}` },
      body: JSON.stringify(request),
    });
  } catch {
    // Left behind by a server that was killed. Should one be running after all, it holds the lock of the store.
    return { kind: "notRunning" };
  }
  const body: unknown = await response.json();
  if (response.status === 401) return { kind: "notRunning" };
  if (!response.ok) return { kind: "failed", message: String((body as { error?: unknown }).error) };
  return { kind: "ok", body, info };
}
