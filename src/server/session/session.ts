/**
 * One realm file of one client, from `bind` to `unbind`. Takes its messages in order, and never lets one broken session
 * touch another. Knows nothing of sockets: it is given a way to send. What is sent when is the outbox's business.
 */
import { errorFields, type Log } from "../log";
import type {
  BindMessage,
  ClientMessage,
  IdentMessage,
  QueryMessage,
  UploadMessage,
} from "../protocol/client-messages";
import { errorMessage, identMessage, unboundMessage } from "../protocol/server-messages";
import {
  clientReset,
  errorCodes,
  protocolViolation,
  type SessionError,
  tryAgainLater,
} from "../protocol/session-error";
import type { ViewPeriod } from "../storage/storage";
import { StorageTrouble } from "../storage/storage-trouble";
import {
  identifyClientFile,
  noteConfirmed,
  registerClientFile,
  type UnansweredQuery,
} from "../sync/client-files";
import type { SyncContext } from "../sync/context";
import { type Integrated, integrateInSlices, integrateUpload } from "../sync/integrate";
import type { SessionHub } from "./hub";
import { Outbox, type SessionPort } from "./outbox";

export type { SessionPort } from "./outbox";

type State =
  | { readonly kind: "bound" }
  | { readonly kind: "active"; readonly outbox: Outbox }
  /** The client was told why; whatever it still says is ignored. */
  | { readonly kind: "ended" };

export type SessionMessage = Exclude<ClientMessage, { kind: "bind" | "ping" }>;

export class Session {
  readonly #ident: number;
  readonly #userId: string;
  readonly #context: SyncContext;
  readonly #hub: SessionHub;
  readonly #port: SessionPort;
  readonly #log: Log;
  #state: State = { kind: "bound" };
  /** The newest query version the client itself has named on this connection. */
  #askedQueryVersion = 0;

  constructor(
    bind: BindMessage,
    userId: string,
    context: SyncContext,
    hub: SessionHub,
    port: SessionPort,
    log: Log,
  ) {
    this.#ident = bind.session;
    this.#userId = userId;
    this.#context = context;
    this.#hub = hub;
    this.#port = port;
    this.#log = log;
    this.#guarded(() => {
      const refusal = hub.refusal();
      if (refusal) return this.end(refusal);
      if (!bind.needsFileIdent) return;
      const file = registerClientFile(context, userId);
      port.send(identMessage(this.#ident, file.ident, file.salt));
    });
  }

  get isEnded(): boolean {
    return this.#state.kind === "ended";
  }

  get fileIdent(): number | undefined {
    return this.#state.kind === "active" ? this.#state.outbox.file.ident : undefined;
  }

  /** @param done called when the message has been worked off, which may be later */
  handle(message: SessionMessage, done: () => void = () => {}): void {
    this.#hub.turns.run(() => {
      this.#workOff(message);
      done();
    });
  }

  #workOff(message: SessionMessage): void {
    this.#guarded(() => {
      if (this.#state.kind === "ended") return;
      const refusal = this.#hub.refusal();
      if (refusal) return this.end(refusal);
      switch (message.kind) {
        case "ident":
          return this.#identify(message);
        case "query":
          return this.#query(message);
        case "upload":
          return this.#upload(message);
        case "mark":
          if (this.#state.kind !== "active") return this.#outOfOrder(message.kind);
          this.#state.outbox.mark(message.request);
          return this.#state.outbox.pump();
        case "error":
          return this.#clientFailed(message.code);
        case "unbind":
          this.close();
          this.#port.send(unboundMessage(this.#ident));
      }
    });
  }

  /** There is new history. */
  wake(): void {
    this.#guarded(() => {
      if (this.#state.kind === "active") this.#state.outbox.pump();
    });
  }

  /** Tells the client the newest version, even if nothing up to there concerns it. */
  catchUp(): void {
    this.#guarded(() => {
      if (this.#state.kind === "active") this.#state.outbox.catchUp();
    });
  }

  /** Tells the client why, and takes nothing more from it. */
  end(error: SessionError): void {
    if (this.#state.kind === "ended") return;
    this.#log.info("session ended", {
      session: this.#ident,
      file: this.fileIdent,
      code: error.code,
      action: error.action,
      reason: error.message,
    });
    this.#port.send(errorMessage(this.#ident, error));
    this.close();
  }

  /** Without a word: the connection is gone, or another one has taken over. */
  close(): void {
    this.#hub.remove(this);
    const { outbox } = this.#state.kind === "active" ? this.#state : { outbox: null };
    this.#state = { kind: "ended" };
    if (outbox === null) return;
    outbox.close();
    this.#guarded(() => noteConfirmed(this.#context, outbox.file));
  }

  #identify(message: IdentMessage): void {
    if (this.#state.kind !== "bound") {
      this.#outOfOrder(message.kind);
      return;
    }
    const identified = identifyClientFile(this.#context, message, this.#userId);
    if (identified.kind === "refused") {
      this.end(identified.error);
      return;
    }
    const { file, isEmpty, unanswered } = identified;
    const { queryVersion, queryBody } = message;
    const outbox = new Outbox(this.#ident, this.#context, this.#port, (work) => this.#guarded(work), {
      file,
      cursor: isEmpty
        ? { serverVersion: this.#context.storage.head().version, clientVersion: file.lastEntryClientVersion }
        : { serverVersion: message.downloadServerVersion, clientVersion: message.downloadClientVersion },
      queryVersion: isEmpty ? queryVersion : (file.views.at(-1)?.queryVersion ?? queryVersion),
    });
    this.#state = { kind: "active", outbox };
    this.#askedQueryVersion = queryVersion;
    this.#hub.add(this, file.ident);
    this.#log.info("client identified", {
      session: this.#ident,
      file: file.ident,
      user: file.userId,
      version: message.downloadServerVersion,
      queryVersion,
      isEmpty,
    });
    if (isEmpty) this.#ask(outbox, undefined, { queryVersion, queryBody, brokenOff: [] });
    else outbox.confirm();
    if (unanswered) this.#ask(outbox, file.views.at(-1), unanswered);
    outbox.pump();
  }

  #query(message: QueryMessage): void {
    if (this.#state.kind !== "active") {
      this.#outOfOrder(message.kind);
      return;
    }
    const { outbox } = this.#state;
    const { queryVersion, queryBody } = message;
    if (queryVersion <= this.#askedQueryVersion) {
      this.end(protocolViolation(`Query version ${queryVersion} after ${this.#askedQueryVersion}.`));
      return;
    }
    this.#askedQueryVersion = queryVersion;
    const latest = outbox.file.views.at(-1);
    // Asked before the connection broke: the answer, or that to later queries, is under way.
    if (queryVersion <= (latest?.queryVersion ?? 0)) return;
    this.#ask(outbox, latest, { queryVersion, queryBody, brokenOff: [] });
    outbox.pump();
  }

  #ask(outbox: Outbox, former: ViewPeriod | undefined, query: UnansweredQuery): void {
    const asked = outbox.ask(former, query);
    const about = { session: this.#ident, file: outbox.file.ident, queryVersion: query.queryVersion };
    switch (asked.kind) {
      case "ok":
        this.#log.info("bootstrap", { ...about, version: asked.version, brokenOff: query.brokenOff.length });
        return;
      case "badQuery":
        this.#log.info("query refused", { ...about, reason: asked.message });
        return;
      case "tooMany":
        this.end(tryAgainLater("Too many changes of the subscriptions are waiting to be answered."));
    }
  }

  #upload(message: UploadMessage): void {
    if (this.#state.kind !== "active") {
      this.#outOfOrder(message.kind);
      return;
    }
    const startedAtMs = Date.now();
    const { outbox } = this.#state;
    const sizeBytes = message.changesets.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (!this.#context.isSliced(sizeBytes)) {
      const integrated = integrateUpload(this.#context, outbox.file, message, outbox.sentVersion);
      if (this.#uploaded(message, outbox, integrated, startedAtMs)) this.#hub.wakeOthers(this);
      return;
    }
    const slices = integrateInSlices(this.#context, outbox.file, message, outbox.sentVersion);
    this.#hub.turns.runInSlices(() => {
      let isDone = true;
      this.#guarded(() => {
        // A client that has gone will send it again.
        if (this.#state.kind !== "active") return void slices.return(undefined as never);
        const step = slices.next();
        isDone = step.done ?? false;
        if (!step.done) return;
        if (this.#uploaded(message, outbox, step.value, startedAtMs)) this.#hub.wakeOthersOneByOne(this);
      });
      return isDone ? "done" : "more";
    });
  }

  /** Answers whether there is anything new for others. */
  #uploaded(message: UploadMessage, outbox: Outbox, integrated: Integrated, startedAtMs: number): boolean {
    const { file } = outbox;
    if (integrated.kind === "refused") {
      this.end(integrated.error);
      return false;
    }
    outbox.file = integrated.file;
    if (!integrated.hasNews) return false;
    outbox.acknowledge();
    this.#log.debug("upload integrated", {
      session: this.#ident,
      file: file.ident,
      changesets: message.changesets.length,
      rejected: integrated.rejected.length,
      head: this.#context.storage.head().version,
      durationMs: Date.now() - startedAtMs,
    });
    if (integrated.rejected.length > 0) {
      const error: SessionError = {
        code: errorCodes.compensatingWrite,
        action: "Warning",
        message: `The server undid changes to ${integrated.rejected.length} object(s): ${integrated.rejected[0]?.reason}`,
        rejectedUpdates: integrated.rejected,
      };
      this.#log.warn("writes refused", {
        session: this.#ident,
        file: file.ident,
        objects: integrated.rejected.length,
        reason: integrated.rejected[0]?.reason,
      });
      this.#port.send(errorMessage(this.#ident, error));
    }
    outbox.pump();
    return true;
  }

  /** The client cannot go on with what it was sent. Only a fresh start helps; nothing it holds is lost by it. */
  #clientFailed(code: number): void {
    if (this.#state.kind !== "active") {
      this.#outOfOrder("json_error");
      return;
    }
    const { file } = this.#state.outbox;
    this.#log.error("client reported an error", { session: this.#ident, file: file.ident, code });
    const { storage } = this.#context;
    const resetReason = `This device reported that it could not apply a change from the server (error ${code}).`;
    storage.transaction(() => storage.putClientFile({ ...file, resetReason }));
    this.end(clientReset(errorCodes.badClientFile, resetReason));
  }

  #outOfOrder(kind: string): void {
    this.end(protocolViolation(`Message "${kind}" came at the wrong time.`));
  }

  /** A bug or a full disk costs this session, and says so; the client tries again later. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof StorageTrouble) {
        this.#hub.troubled(error);
        this.end(tryAgainLater(wordsOn[error.kind]));
        return;
      }
      this.#log.error("session failed", {
        session: this.#ident,
        file: this.fileIdent,
        ...errorFields(error),
      });
      this.end(tryAgainLater("The server had an internal problem."));
    }
  }
}

const wordsOn = {
  full: "The server's disk is full. Your changes stay on this device and are sent again later.",
  damaged: "The server cannot read its store. Your changes stay on this device and are sent again later.",
} as const;
