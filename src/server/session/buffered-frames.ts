/**
 * How much memory the frames of all connections take together: those that have not come as a whole or have not been
 * worked off, and those that have not gone out yet. Above the limit, connections with much on its way wait; one of
 * them, the one that began first, always goes on, so that there is always an end to it. Knows nothing of sockets.
 */
import type { Log } from "../log";

/** What a connection lets be done to itself. */
export type FramePort = {
  /** Takes nothing more from the client for now. */
  hold(): void;
  release(): void;
  /** Ends the connection: everybody waits for the rest of its frame, and it does not come. */
  cut(): void;
};

export type FrameLoad = {
  readonly limitBytes: number;
  readonly incomingBytes: number;
  readonly outgoingBytes: number;
  /** Connections that wait at the moment. */
  readonly held: number;
  /** Connections that were cut since the start, because the rest of their frame did not come. */
  readonly cut: number;
};

/** Of the frames of both directions, each. */
export const defaultMaxBufferedBytes = 256 * 1024 * 1024;

/** Pings, marks and everyday uploads are never held. */
const smallBytes = 64 * 1024;

/** How long others wait for the rest of one frame. */
const defaultPatienceMs = 60_000;

export class BufferedFrames {
  readonly #limitBytes: number;
  readonly #log: Log;
  readonly #patienceMs: number;
  #incomingBytes = 0;
  #outgoingBytes = 0;
  /** Those with an unfinished frame, in the order in which the frames began. */
  readonly #unfinished = new Set<FrameAccount>();
  readonly #held = new Set<FrameAccount>();
  #cut = 0;
  #patience: { readonly timer: NodeJS.Timeout; readonly first: FrameAccount } | undefined;

  constructor(limitBytes: number, log: Log, patienceMs = defaultPatienceMs) {
    this.#limitBytes = limitBytes;
    this.#log = log;
    this.#patienceMs = patienceMs;
  }

  get load(): FrameLoad {
    return {
      limitBytes: this.#limitBytes,
      incomingBytes: this.#incomingBytes,
      outgoingBytes: this.#outgoingBytes,
      held: this.#held.size,
      cut: this.#cut,
    };
  }

  /** For a new connection. */
  open(port: FramePort): FrameAccount {
    return new FrameAccount(this, port);
  }

  /** Only for accounts. */
  receive(account: FrameAccount, sizeBytes: number): void {
    this.#incomingBytes += sizeBytes;
    this.#unfinished.add(account);
    if (this.#mayGoOn(account) || this.#held.has(account)) return;
    if (this.#held.size === 0) this.#log.warn("too much at once: connections wait", this.load);
    this.#held.add(account);
    account.port.hold();
    this.#waitForFirst();
  }

  /** Only for accounts. */
  complete(account: FrameAccount): void {
    this.#unfinished.delete(account);
    this.#waitForFirst();
  }

  /** Only for accounts. */
  give(sizeBytes: number): void {
    this.#incomingBytes -= sizeBytes;
    for (const held of [...this.#held]) {
      if (!this.#mayGoOn(held)) continue;
      this.#held.delete(held);
      held.port.release();
    }
    this.#waitForFirst();
  }

  /** Only for accounts. */
  leave(account: FrameAccount): void {
    this.#unfinished.delete(account);
    this.#held.delete(account);
  }

  /** Only for accounts. */
  send(sizeBytes: number): void {
    this.#outgoingBytes += sizeBytes;
  }

  get isOutgoingFull(): boolean {
    return this.#outgoingBytes > this.#limitBytes;
  }

  #mayGoOn(account: FrameAccount): boolean {
    const isRoom = this.#incomingBytes <= this.#limitBytes;
    return isRoom || account.heldBytes <= smallBytes || account === this.#first();
  }

  #first(): FrameAccount | undefined {
    for (const account of this.#unfinished) if (account.incomingBytes > smallBytes) return account;
    return undefined;
  }

  #waitForFirst(): void {
    const first = this.#held.size > 0 ? this.#first() : undefined;
    if (this.#patience?.first === first) return;
    clearTimeout(this.#patience?.timer);
    this.#patience = undefined;
    if (!first) return;
    const timer = setTimeout(() => {
      this.#cut += 1;
      this.#log.warn("connection cut: others wait for the rest of its frame", this.load);
      first.port.cut();
    }, this.#patienceMs);
    timer.unref();
    this.#patience = { timer, first };
  }
}

/** One connection's share. */
export class FrameAccount {
  readonly #frames: BufferedFrames;
  readonly port: FramePort;
  /** Of a frame that is not complete. */
  #incomingBytes = 0;
  /** Of frames that are, and have not been worked off. */
  #waitingBytes = 0;
  #outgoingBytes = 0;
  #isOver = false;

  constructor(frames: BufferedFrames, port: FramePort) {
    this.#frames = frames;
    this.port = port;
  }

  get incomingBytes(): number {
    return this.#incomingBytes;
  }

  get heldBytes(): number {
    return this.#incomingBytes + this.#waitingBytes;
  }

  /** Whether nothing more should be sent before something has gone out. */
  get isCrowded(): boolean {
    return this.#outgoingBytes > 0 && this.#frames.isOutgoingFull;
  }

  /** A piece of a frame has come. */
  receive(sizeBytes: number): void {
    if (this.#isOver) return;
    this.#incomingBytes += sizeBytes;
    this.#frames.receive(this, sizeBytes);
  }

  /** What has come so far is a whole frame. Answers its size, for when it has been worked off. */
  complete(): number {
    const sizeBytes = this.#incomingBytes;
    this.#incomingBytes = 0;
    this.#waitingBytes += sizeBytes;
    this.#frames.complete(this);
    return sizeBytes;
  }

  workedOff(sizeBytes: number): void {
    if (this.#isOver) return;
    this.#waitingBytes -= sizeBytes;
    this.#frames.give(sizeBytes);
  }

  sending(sizeBytes: number): void {
    if (this.#isOver) return;
    this.#outgoingBytes += sizeBytes;
    this.#frames.send(sizeBytes);
  }

  sent(sizeBytes: number): void {
    if (this.#isOver) return;
    this.#outgoingBytes -= sizeBytes;
    this.#frames.send(-sizeBytes);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#frames.leave(this);
    this.#frames.give(this.heldBytes);
    this.#frames.send(-this.#outgoingBytes);
  }
}
