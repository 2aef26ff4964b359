/**
 * The HTTP interface that the Realm SDK speaks: where the server is, logging in and out, refreshing, the profile.
 * Paths, names and status codes are the SDK's; anything else is answered with an error in the form it understands.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Accounts, AuthFailure } from "../auth/accounts";
import { errorFields, type Log } from "../log";

export type Reply = { readonly status: number; readonly body?: unknown };

const bodyLimitBytes = 64 * 1024;
const root = "/api/client/v2.0";

export type ClientApi = {
  readonly appId: string;
  readonly accounts: Accounts;
  /** Where clients reach this server; else they are sent where they already are. */
  readonly publicUrl?: string;
  readonly log: Log;
};

export async function answerClient(
  api: ClientApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let reply: Reply;
  try {
    reply = await route(api, request);
  } catch (error) {
    if (error instanceof BadRequest) {
      reply = failure(400, "BadRequest", error.message);
    } else {
      api.log.error("request failed", { path: pathOf(request), ...errorFields(error) });
      reply = failure(500, "InternalServerError", "The server had an internal problem.");
    }
  }
  sendReply(response, reply);
  api.log.debug("request", { method: request.method, path: pathOf(request), status: reply.status });
}

/** The type must be exactly this: the SDK reads errors from nothing else. */
export function sendReply(response: ServerResponse, { status, body }: Reply): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}

class BadRequest extends Error {}

async function route(api: ClientApi, request: IncomingMessage): Promise<Reply> {
  const path = pathOf(request);
  const app = `${root}/app/${api.appId}`;
  switch (`${request.method} ${path}`) {
    case `GET ${app}/location`:
      return location(api, request);
    case `POST ${app}/auth/providers/anon-user/login`:
      refuseLinking(request);
      await readJson(request);
      return loggedIn(await api.accounts.logInAnonymously());
    case `POST ${app}/auth/providers/local-userpass/login`: {
      refuseLinking(request);
      const { username, password } = credentials(await readJson(request), "username");
      return loggedIn(await api.accounts.logInWithPassword(username, password));
    }
    case `POST ${app}/auth/providers/local-userpass/register`: {
      const { username, password } = credentials(await readJson(request), "email");
      const registered = await api.accounts.register(username, password);
      return registered.kind === "ok" ? { status: 201, body: {} } : failed(registered);
    }
    case `GET ${root}/auth/profile`:
      return profile(api, request);
    case `POST ${root}/auth/session`: {
      const accessToken = await api.accounts.refresh(bearer(request));
      return accessToken === undefined
        ? invalidSession
        : { status: 201, body: { access_token: accessToken } };
    }
    case `DELETE ${root}/auth/session`:
      return (await api.accounts.logOut(bearer(request))) ? { status: 204 } : invalidSession;
  }
  if (path.startsWith(`${root}/app/`) && !path.startsWith(`${app}/`)) {
    return failure(404, "AppNotFound", "This server does not have an app with this id.");
  }
  return failure(404, "NotFound", "This server does not offer this.");
}

const invalidSession = failure(401, "InvalidSession", "invalid session");

function location(api: ClientApi, request: IncomingMessage): Reply {
  const host = request.headers.host ?? "";
  // Comes from the client and goes back to it; still, only what can be a host and a port.
  if (api.publicUrl === undefined && !/^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host)) {
    throw new BadRequest("bad Host header");
  }
  const url = api.publicUrl ?? `http://${host}`;
  return {
    status: 200,
    body: {
      deployment_model: "LOCAL",
      location: "LOCAL",
      hostname: url,
      ws_hostname: url.replace(/^http/, "ws"),
    },
  };
}

async function profile(api: ClientApi, request: IncomingMessage): Promise<Reply> {
  const user = await api.accounts.userOf(bearer(request));
  if (!user) return invalidSession;
  return {
    status: 200,
    body: {
      user_id: user.id,
      domain_id: user.id,
      identities: [{ id: user.id, provider_type: user.provider, provider_id: user.id }],
      data: user.email === undefined ? {} : { email: user.email },
      type: "normal",
    },
  };
}

function loggedIn(result: Awaited<ReturnType<Accounts["logInWithPassword"]>>): Reply {
  if (result.kind === "failed") return failed(result);
  return {
    status: 200,
    body: {
      access_token: result.accessToken,
      refresh_token: result.refreshToken,
      user_id: result.userId,
      device_id: result.deviceId,
    },
  };
}

function failed({ code, message }: AuthFailure): Reply {
  const status = code === "InvalidPassword" ? 401 : code === "AccountNameInUse" ? 409 : 400;
  return failure(status, code, message);
}

function failure(status: number, code: string, message: string): Reply {
  return { status, body: { error: message, error_code: code, link: "" } };
}

function refuseLinking(request: IncomingMessage): void {
  if (request.url?.includes("?")) throw new BadRequest("linking identities is not supported");
}

function credentials(body: unknown, nameField: string): { username: string; password: string } {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const username = fields[nameField];
  const { password } = fields;
  if (typeof username !== "string" || typeof password !== "string") {
    throw new BadRequest(`"${nameField}" and "password" must be texts`);
  }
  return { username, password };
}

function bearer(request: IncomingMessage): string {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] ?? "";
}

export async function readJson(request: IncomingMessage, limitBytes = bodyLimitBytes): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) throw new BadRequest("request is too large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  } catch {
    throw new BadRequest("request is not JSON");
  }
}
