/**
 * From an HTTP upgrade request to a WebSocket that speaks flexible sync. The subprotocol names contain a slash, which
 * no token may, so the negotiation is done here and the WebSocket library is kept out of it.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Access, Accounts } from "../auth/accounts";
import type { EndedLogIns } from "../auth/auth-context";
import type { Log } from "../log";
import type { ServedConnection } from "./connection";

/** The only version the messages here are written for; older ones carry no actions in their errors. */
const subprotocol = "com.mongodb.realm-query-sync/7";

/** Above what a client sends in one message unless a single transaction is larger. Beyond it, the client resets. */
export const defaultMaxMessageBytes = 64 * 1024 * 1024;

export class Upgrader {
  readonly #server: WebSocketServer;
  readonly #appId: string;
  readonly #accounts: Accounts;
  readonly #serve: (socket: WebSocket, wire: Duplex, userId: string) => ServedConnection;
  readonly #log: Log;
  readonly #served = new Map<WebSocket, { readonly access: Access; readonly connection: ServedConnection }>();

  constructor(
    appId: string,
    accounts: Accounts,
    serve: (socket: WebSocket, wire: Duplex, userId: string) => ServedConnection,
    log: Log,
    maxMessageBytes: number,
  ) {
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
    });
    this.#appId = appId;
    this.#accounts = accounts;
    this.#serve = serve;
    this.#log = log;
    this.#server.on("headers", (headers) => headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`));
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const url = new URL(request.url ?? "", "http://server");
    if (url.pathname !== `/api/client/v2.0/app/${this.#appId}/realm-sync`)
      return refuse(socket, 404, "Not Found");
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (!offered.includes(subprotocol)) {
      this.#log.warn("client without flexible sync 7", { offered: offered[0]?.slice(0, 64) });
      return refuse(socket, 400, "Bad Request");
    }
    const access = await this.#accounts.access(url.searchParams.get("baas_at") ?? "");
    // The client then refreshes its access token and tries again.
    if (!access) return refuse(socket, 401, "Unauthorized");
    delete request.headers["sec-websocket-protocol"];
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#served.set(webSocket, { access, connection: this.#serve(webSocket, socket, access.user.id) });
      webSocket.on("close", () => this.#served.delete(webSocket));
    });
  }

  /** The client comes back within a second, is refused its token, and tells the app that the user is logged out. */
  endLogIns(ended: EndedLogIns): void {
    for (const [socket, { access, connection }] of this.#served) {
      const isEnded =
        ended.kind === "logIn"
          ? access.sessionId === ended.sessionId
          : access.user.id === ended.userId && access.sessionId !== ended.exceptSessionId;
      if (!isEnded) continue;
      this.#served.delete(socket);
      connection.end();
    }
  }

  /** Cuts every connection. Clients come back within a second or so. */
  disconnectAll(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }
}

function refuse(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
