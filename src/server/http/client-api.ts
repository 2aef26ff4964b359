/**
 * The HTTP interface that the Realm SDK speaks: where the server is, and everything about accounts. Anything else is
 * answered with an error in the form the SDK understands.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errorFields, type Log } from "../log";
import { StorageTrouble } from "../storage/storage-trouble";
import { type AccountApi, answerAccounts } from "./account-api";
import { BadRequest, errorReply, pathOf, type Reply, sendReply } from "./reply";

const root = "/api/client/v2.0";

export type ClientApi = AccountApi & {
  readonly appId: string;
  /** Where clients reach this server; else they are sent where they already are. */
  readonly publicUrl?: string;
  /** Hears of a full disk and the like. */
  readonly troubled: (trouble: StorageTrouble) => void;
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
    reply = replyTo(error, api, request);
  }
  sendReply(response, reply);
  api.log.debug("request", { method: request.method, path: pathOf(request), status: reply.status });
}

function replyTo(error: unknown, api: ClientApi, request: IncomingMessage): Reply {
  if (error instanceof BadRequest) return errorReply(400, "BadRequest", error.message);
  if (error instanceof StorageTrouble) {
    api.troubled(error);
    return errorReply(
      503,
      "MaintenanceInProgress",
      "The server cannot store anything at the moment. Try again later.",
    );
  }
  api.log.error("request failed", { path: pathOf(request), ...errorFields(error) });
  return errorReply(500, "InternalServerError", "The server had an internal problem.");
}

async function route(api: ClientApi, request: IncomingMessage): Promise<Reply> {
  const path = pathOf(request);
  const app = `${root}/app/${api.appId}`;
  if (request.method === "GET" && path === `${app}/location`) return location(api, request);
  const isOfApp = path.startsWith(`${app}/`);
  if (path.startsWith(`${root}/app/`) && !isOfApp) {
    return errorReply(404, "AppNotFound", "This server does not have an app with this id.");
  }
  const below = isOfApp ? `/app${path.slice(app.length)}` : path.slice(root.length);
  const reply =
    path.startsWith(`${root}/`) && (await answerAccounts(api, `${request.method} ${below}`, request));
  return reply || errorReply(404, "NotFound", "This server does not offer this.");
}

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
