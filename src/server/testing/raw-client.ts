/**
 * A client without an SDK: logs in over HTTP and sends whatever bytes a test wants to see refused. Speaks the
 * WebSocket framing itself, because libraries refuse the subprotocol's name, which no token may look like.
 */
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Socket } from "node:net";

export type RawMessage = { readonly head: readonly string[]; readonly body: Buffer };

export type RawAccount = {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
};

const root = "/api/client/v2.0";
const opcodes = { text: 1, binary: 2, close: 8 } as const;

export async function logInRaw(url: string): Promise<RawAccount> {
  const response = await fetch(`${url}${root}/app/perennial/auth/providers/anon-user/login`, {
    method: "POST",
    body: "{}",
  });
  const body = (await response.json()) as { access_token: string; refresh_token: string; user_id: string };
  return { accessToken: body.access_token, refreshToken: body.refresh_token, userId: body.user_id };
}

export async function logInWithPassword(
  url: string,
  { email, password }: { readonly email: string; readonly password: string },
  isNew: boolean,
): Promise<RawAccount> {
  const provider = `${url}${root}/app/perennial/auth/providers/local-userpass`;
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${provider}/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return path === "login" ? response.json() : undefined;
  };
  if (isNew) await post("register", { email, password });
  const body = (await post("login", { username: email, password })) as {
    access_token: string;
    refresh_token: string;
    user_id: string;
  };
  return { accessToken: body.access_token, refreshToken: body.refresh_token, userId: body.user_id };
}

/** Throws where the server refuses the connection. */
export async function connectRaw(url: string, { accessToken }: RawAccount): Promise<RawClient> {
  const client = await RawClient.connect(url, accessToken);
  if (typeof client === "number") throw new Error(`refused with status ${client}`);
  return client;
}

/** What `ident` needs of a client's file, and the server's version that its first download came to. */
export type JoinedFile = { readonly ident: string; readonly version: number };

/** Binds and identifies a new file that has subscribed to nothing. */
export async function joinWithNewFile(client: RawClient, session = 1): Promise<JoinedFile> {
  client.send(`bind ${session} 1 0 1 0`, "p");
  const { head } = await client.next("ident");
  const ident = `${head[2]} ${head[3]}`;
  client.send(`ident ${session} ${ident} 0 0 0 0 0 2`, "{}");
  const download = await client.next("download");
  return { ident, version: Number(download.head[2]) };
}

/** A whole WebSocket frame, as clients send it. */
export function frameOf(kind: "text" | "binary", payload: Uint8Array): Buffer {
  const mask = randomBytes(4);
  const head = Buffer.alloc(10);
  head[0] = 0x80 | opcodes[kind];
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  const masked = Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)));
  return Buffer.concat([head, mask, masked]);
}

export class RawClient {
  readonly #socket: Socket;
  readonly #received: RawMessage[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #changed = (): void => {};
  #isClosed = false;
  /** Set for a client that goes on although the server has said good-bye. */
  staysOnClose = false;

  private constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#read(head);
    socket.on("data", (data: Buffer) => this.#read(data));
    socket.on("close", () => {
      this.#isClosed = true;
      this.#changed();
    });
    socket.on("error", () => {});
  }

  /** Answers the HTTP status instead when the server refuses. */
  static connect(
    url: string,
    accessToken: string,
    subprotocol = "com.mongodb.realm-query-sync/7, com.mongodb.realm-query-sync/6",
  ): Promise<RawClient | number> {
    const key = randomBytes(16).toString("base64");
    const upgrade = request(`${url}${root}/app/perennial/realm-sync?baas_at=${accessToken}`, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Protocol": subprotocol,
      },
    });
    upgrade.end();
    return new Promise((resolve, reject) => {
      upgrade.once("error", reject);
      upgrade.once("response", (response) => resolve(response.statusCode ?? 0));
      upgrade.once("upgrade", (response, socket, head) => {
        const accept = createHash("sha1")
          .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest("base64");
        const { headers } = response;
        const isRight =
          headers["sec-websocket-accept"] === accept &&
          headers["sec-websocket-protocol"] === "com.mongodb.realm-query-sync/7";
        if (isRight) resolve(new RawClient(socket as Socket, head));
        else reject(new Error("wrong answer to the upgrade"));
      });
    });
  }

  send(head: string, body: Uint8Array | string = ""): void {
    this.sendFrame("binary", Buffer.concat([Buffer.from(`${head}\n`, "latin1"), Buffer.from(body)]));
  }

  sendFrame(kind: "text" | "binary", payload: Uint8Array): void {
    this.#socket.write(frameOf(kind, payload));
  }

  /** Bytes that need not be a frame at all. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The next message of this name; those before it are dropped. Rejects when the connection ends first. */
  next(name: string): Promise<RawMessage> {
    return this.nextOf([name]);
  }

  async nextOf(names: readonly string[]): Promise<RawMessage> {
    for (;;) {
      const message = this.#received.shift();
      if (message && names.includes(message.head[0] ?? "")) return message;
      if (message) continue;
      if (this.#isClosed) throw new Error(`the connection ended before "${names.join('" or "')}"`);
      await this.#change();
    }
  }

  async closed(): Promise<void> {
    while (!this.#isClosed) await this.#change();
  }

  close(): void {
    this.#socket.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  #read(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    for (;;) {
      const buffer = this.#unread;
      if (buffer.length < 2) return;
      const short = (buffer[1] ?? 0) & 0x7f;
      const start = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (buffer.length < start) return;
      const size =
        short === 127 ? Number(buffer.readBigUInt64BE(2)) : short === 126 ? buffer.readUInt16BE(2) : short;
      if (buffer.length < start + size) return;
      this.#unread = buffer.subarray(start + size);
      const opcode = (buffer[0] ?? 0) & 0x0f;
      if (opcode === opcodes.binary) this.#receive(buffer.subarray(start, start + size));
      if (opcode === opcodes.close && !this.staysOnClose) this.#socket.end();
    }
  }

  #receive(payload: Buffer): void {
    const end = payload.indexOf(0x0a);
    const head = payload.subarray(0, end).toString("latin1").split(" ");
    this.#received.push({ head, body: payload.subarray(end + 1) });
    this.#changed();
  }
}
