/**
 * One WebSocket connection and the sessions on it. A frame that cannot be read ends the session it belongs to; one
 * that belongs to none ends the connection.
 */
import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { errorFields, type Log } from "../log";
import { parseClientMessage } from "../protocol/client-messages";
import { errorMessage, pongMessage } from "../protocol/server-messages";
import { errorCodes, protocolViolation } from "../protocol/session-error";
import type { SyncContext } from "../sync/context";
import type { BufferedFrames, FrameAccount } from "./buffered-frames";
import type { SessionHub } from "./hub";
import { Session } from "./session";

const maxSessions = 100;

/** More than this on its way to the client, and the sessions wait. */
const congestedBytes = 4 * 1024 * 1024;

/** The client pings about once a minute; one that has not been heard of for this long is gone. */
const silenceLimitMs = 180_000;

/** What may be done to a connection from outside. */
export type ServedConnection = {
  /** Ends every session on it and then the connection, without a word: then the client is back within a second. */
  end(): void;
};

/** @param wire what the WebSocket reads from: what has come of a frame is counted before the frame is whole */
export function serveConnection(
  socket: WebSocket,
  wire: Duplex,
  userId: string,
  context: SyncContext,
  hub: SessionHub,
  frames: BufferedFrames,
  log: Log,
): ServedConnection {
  return new Connection(socket, wire, userId, context, hub, frames, log);
}

class Connection implements ServedConnection {
  readonly #socket: WebSocket;
  readonly #userId: string;
  readonly #context: SyncContext;
  readonly #hub: SessionHub;
  readonly #log: Log;
  readonly #frames: FrameAccount;
  readonly #sessions = new Map<number, Session>();
  #waiting: (() => void)[] = [];
  #isOver = false;
  #silence: NodeJS.Timeout;

  constructor(
    socket: WebSocket,
    wire: Duplex,
    userId: string,
    context: SyncContext,
    hub: SessionHub,
    frames: BufferedFrames,
    log: Log,
  ) {
    this.#socket = socket;
    this.#userId = userId;
    this.#context = context;
    this.#hub = hub;
    this.#log = log;
    this.#silence = setTimeout(() => socket.terminate(), silenceLimitMs);
    this.#frames = frames.open({
      hold: () => {
        clearTimeout(this.#silence);
        socket.pause();
      },
      release: () => {
        clearTimeout(this.#silence);
        this.#silence = setTimeout(() => socket.terminate(), silenceLimitMs);
        socket.resume();
      },
      cut: () => socket.terminate(),
    });
    // Before the WebSocket reads it, and so before a message that it completes.
    wire.prependListener("data", (data: Buffer) => this.#frames.receive(data.length));
    socket.on("message", (data, isBinary) => this.#receiveGuarded(data, isBinary));
    socket.on("close", () => this.#closed());
    socket.on("error", (error) => log.warn("connection failed", errorFields(error)));
  }

  end(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#isOver = true;
    // A client does not answer a close with code 1000: it would take itself for connected for half a minute.
    this.#socket.terminate();
  }

  /** What still comes until the client has closed its side is not listened to. */
  #closeSocket(): void {
    this.#isOver = true;
    // Any other code makes the client wait an hour.
    this.#socket.close(1000);
  }

  /** Sessions guard themselves. What goes wrong outside of them costs this connection, and not the process. */
  #receiveGuarded(data: RawData, isBinary: boolean): void {
    const sizeBytes = this.#frames.complete();
    const workedOff = (): void => this.#frames.workedOff(sizeBytes);
    try {
      if (this.#isOver || !this.#receive(data, isBinary, workedOff)) workedOff();
    } catch (error) {
      this.#log.error("connection failed", errorFields(error));
      this.#socket.terminate();
    }
  }

  /** Answers whether a session has taken the message, and will say when it is worked off. */
  #receive(data: RawData, isBinary: boolean, workedOff: () => void): boolean {
    this.#silence.refresh();
    if (!isBinary || !(data instanceof Buffer)) {
      this.#refuse("a text frame");
      return false;
    }
    const message = parseClientMessage(data);
    switch (message.kind) {
      case "ping":
        this.#send(pongMessage(message.timestampMs));
        return false;
      case "malformed": {
        const session = this.#sessions.get(message.session);
        this.#log.warn("malformed message", { session: message.session, reason: message.message });
        if (session) session.end(protocolViolation(message.message));
        else this.#refuse(message.message);
        return false;
      }
      case "bind":
        if (this.#sessions.has(message.session)) {
          this.#refuse("a session number in use");
          return false;
        }
        if (this.#sessions.size >= maxSessions) {
          this.#refuse("too many sessions on one connection");
          return false;
        }
        this.#sessions.set(
          message.session,
          new Session(message, this.#userId, this.#context, this.#hub, this.#port(), this.#log),
        );
        return false;
    }
    const session = this.#sessions.get(message.session);
    if (!session) {
      this.#refuse("an unknown session");
      return false;
    }
    session.handle(message, workedOff);
    if (message.kind === "unbind") this.#sessions.delete(message.session);
    return true;
  }

  #port() {
    return {
      send: (message: Buffer) => this.#send(message),
      isCongested: () => this.#socket.bufferedAmount > congestedBytes || this.#frames.isCrowded,
      whenDrained: (resume: () => void) => {
        this.#waiting.push(resume);
      },
      soon: (resume: () => void) => void setImmediate(resume),
    };
  }

  #send(message: Buffer): void {
    this.#frames.sending(message.length);
    this.#socket.send(message, () => {
      this.#frames.sent(message.length);
      if (this.#waiting.length === 0 || this.#socket.bufferedAmount > congestedBytes / 2) return;
      if (this.#frames.isCrowded) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resume of waiting) resume();
    });
  }

  #refuse(what: string): void {
    this.#log.warn("connection refused", { reason: what });
    const error = { ...protocolViolation(`The server received ${what}.`), code: errorCodes.badSyntax };
    this.#send(errorMessage(0, error));
    this.#closeSocket();
  }

  #closed(): void {
    this.#frames.close();
    clearTimeout(this.#silence);
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }
}
