/**
 * The Chrome DevTools Protocol over Chromium's debugging pipe: one JSON message per NUL byte, answers matched by
 * id, events handed to the session they belong to. Knows nothing of windows.
 */
import { EventEmitter } from "node:events";
import type { Readable, Writable } from "node:stream";
import { throwLater } from "./runtime";

// biome-ignore lint/suspicious/noExplicitAny: the protocol's messages are as wide as the protocol.
export type Json = any;

interface Incoming {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

interface Pending {
  readonly method: string;
  readonly session: CdpSession;
  resolve(result: Json): void;
  reject(error: Error): void;
}

/** A command whose target or browser went away before it could answer. */
export class TargetGone extends Error {}

/** Chromium's words for the same, where it noticed first. */
const goneWords =
  /No target with given id|Browser window not found|Session with given id|Target closed|Target crashed|navigated or closed/;

export class CdpConnection {
  /** The browser itself. */
  readonly browser: CdpSession;
  private readonly input: Writable;
  private readonly sessions = new Map<string | undefined, CdpSession>();
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private received: Buffer[] = [];
  private closed = false;

  constructor(input: Writable, output: Readable) {
    this.input = input;
    this.browser = new CdpSession(this, undefined);
    this.sessions.set(undefined, this.browser);
    output.on("data", (chunk: Buffer) => this.receive(chunk));
    output.on("close", () => this.close());
    // A write after Chromium's end is answered by close(); the error itself says nothing more.
    input.on("error", () => this.close());
    output.on("error", () => this.close());
  }

  async attach(targetId: string): Promise<CdpSession> {
    const { sessionId } = await this.browser.send("Target.attachToTarget", { targetId, flatten: true });
    return this.session(sessionId);
  }

  send(session: CdpSession, method: string, params: Json): Promise<Json> {
    if (this.closed || session.detached)
      return Promise.reject(new TargetGone(`${method}: the target is gone`));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { method, session, resolve, reject });
      this.input.write(`${JSON.stringify({ id, method, params, sessionId: session.id })}\0`);
    });
  }

  private session(id: string): CdpSession {
    const known = this.sessions.get(id);
    if (known !== undefined) return known;
    const session = new CdpSession(this, id);
    this.sessions.set(id, session);
    return session;
  }

  private receive(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      this.received.push(chunk.subarray(start, end));
      const text = Buffer.concat(this.received).toString("utf8");
      this.received = [];
      start = end + 1;
      this.dispatch(JSON.parse(text) as Incoming);
    }
    if (start < chunk.length) this.received.push(chunk.subarray(start));
  }

  private dispatch(message: Incoming): void {
    if (message.id !== undefined) {
      const pending = this.pending.get(message.id);
      this.pending.delete(message.id);
      if (message.error === undefined) pending?.resolve(message.result);
      else pending?.reject(commandError(`${pending.method}: ${message.error.message}`));
      return;
    }
    if (message.method === "Target.detachedFromTarget") this.detach(message.params.sessionId);
    // The first events of a target may come before the answer to the command that attached to it.
    const session = message.sessionId === undefined ? this.browser : this.session(message.sessionId);
    session.emit(message.method as string, message.params);
  }

  private detach(sessionId: string): void {
    const session = this.sessions.get(sessionId);
    if (session === undefined) return;
    this.sessions.delete(sessionId);
    this.end(session, "target");
  }

  private end(session: CdpSession, gone: Gone): void {
    session.detached = true;
    for (const [id, pending] of this.pending) {
      if (pending.session !== session) continue;
      this.pending.delete(id);
      pending.reject(new TargetGone(`${pending.method}: the target is gone`));
    }
    session.emit("detached", gone);
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const session of this.sessions.values()) this.end(session, "browser");
    this.sessions.clear();
  }
}

/** For commands whose only possible failure is that the target is gone, which is no failure of the command. */
export function ignoreGone(error: Error): void {
  if (!(error instanceof TargetGone)) throwLater(error);
}

function commandError(message: string): Error {
  return goneWords.test(message) ? new TargetGone(message) : new Error(message);
}

/** What a session ended with: its own target, or the whole browser. */
export type Gone = "target" | "browser";

/** One attached target. Emits the protocol's events by name, and `detached` (with a `Gone`) once at the end. */
export class CdpSession extends EventEmitter {
  readonly id: string | undefined;
  detached = false;
  private readonly connection: CdpConnection;

  constructor(connection: CdpConnection, id: string | undefined) {
    super();
    this.connection = connection;
    this.id = id;
    this.setMaxListeners(0);
  }

  send(method: string, params: Json = {}): Promise<Json> {
    return this.connection.send(this, method, params);
  }
}
