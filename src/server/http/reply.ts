/** What every HTTP interface of the server needs: reading a body that may be hostile, and answering in JSON. */
import type { IncomingMessage, ServerResponse } from "node:http";

export type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Far above what any client sends. */
const bodyLimitBytes = 64 * 1024;

export class BadRequest extends Error {}

/** The type must be exactly this: the SDK reads errors from nothing else. */
export function sendReply(response: ServerResponse, { status, body, headers }: Reply): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(text);
}

/** An error as the SDK reads it. `code` is one of those it knows, see docs/protocol.md. */
export function errorReply(status: number, code: string, message: string): Reply {
  return { status, body: { error: message, error_code: code, link: "" } };
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

/** Empty when there is none. */
export function bearer(request: IncomingMessage): string {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

/** Without the query, which may hold a token. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] ?? "";
}

/** Where a request comes from. A proxy on this machine is believed when it names whom it stands for. */
export function addressOf(request: IncomingMessage): string {
  const peer = request.socket.remoteAddress ?? "";
  if (!/^(127\.|::1$|::ffff:127\.)/.test(peer)) return peer;
  // Proxies append; what stands before the last one was written by the client itself.
  const forwarded =
    String(request.headers["x-forwarded-for"] ?? "")
      .split(",")
      .at(-1)
      ?.trim() ?? "";
  return forwarded === "" ? peer : forwarded.slice(0, 64);
}
