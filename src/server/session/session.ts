/**
 * One realm file of one client, from `bind` to `unbind`. Takes its messages in order, sends what the client is to
 * know, and never lets one broken session touch another. Knows nothing of sockets: it is given a way to send.
 *
 * What is sent, and in which order, is decided in one place (`#pump`): first bootstrap messages that are under way,
 * then history up to the head, then a new query, then an acknowledgement, then marks. A mark is therefore an answer
 * to everything the client said before it.
 */
import { errorFields, type Log } from "../log";
import type {
  BindMessage,
  ClientMessage,
  IdentMessage,
  QueryMessage,
  UploadMessage,
} from "../protocol/client-messages";
import {
  type DownloadedChangeset,
  downloadMessage,
  errorMessage,
  identMessage,
  markMessage,
  queryErrorMessage,
  unboundMessage,
} from "../protocol/server-messages";
import {
  clientReset,
  errorCodes,
  protocolViolation,
  type SessionError,
  tryAgainLater,
} from "../protocol/session-error";
import type { ClientFile, SaltedVersion } from "../storage/storage";
import { identifyClientFile, registerClientFile, type UnansweredQuery } from "../sync/client-files";
import { type SyncContext, serverFileIdent } from "../sync/context";
import { type DownloadCursor, nextDownload } from "../sync/download";
import { integrateUpload } from "../sync/integrate";
import { subscribe } from "../sync/subscribe";
import type { SessionHub } from "./hub";

export type SessionPort = {
  send(message: Buffer): void;
  /** Too much is waiting to be sent: `whenDrained` will say when to go on. */
  isCongested(): boolean;
  whenDrained(resume: () => void): void;
};

type State =
  | { readonly kind: "bound" }
  | { readonly kind: "active"; file: ClientFile; cursor: DownloadCursor }
  /** The client was told why; whatever it still says is ignored. */
  | { readonly kind: "ended" };

const bytesPerMessage = 1024 * 1024;

/** How far the client may fall behind in version numbers while nothing concerns it, before it is told to catch up. */
const silentVersions = 500;

type BootstrapMessage = {
  readonly changesets: readonly DownloadedChangeset[];
  readonly at: SaltedVersion;
  readonly clientVersion: number;
  readonly queryVersion: number;
  readonly isLast: boolean;
  readonly remainingBytes: number;
};

export class Session {
  readonly #ident: number;
  readonly #userId: string;
  readonly #context: SyncContext;
  readonly #hub: SessionHub;
  readonly #port: SessionPort;
  readonly #log: Log;
  #state: State = { kind: "bound" };
  #bootstrap: BootstrapMessage[] = [];
  #pendingQuery: UnansweredQuery | undefined;
  /** The newest query version the client itself has named on this connection. */
  #askedQueryVersion = 0;
  #isAckDue = false;
  #marks: number[] = [];
  /** The newest server version the client was told. */
  #toldVersion = 0;
  #isWaitingForDrain = false;

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
    return this.#state.kind === "active" ? this.#state.file.ident : undefined;
  }

  handle(message: Exclude<ClientMessage, { kind: "bind" | "ping" }>): void {
    this.#guarded(() => {
      if (this.#state.kind === "ended") return;
      switch (message.kind) {
        case "ident":
          return this.#identify(message);
        case "query":
          return this.#query(message);
        case "upload":
          return this.#upload(message);
        case "mark":
          if (this.#state.kind !== "active") return this.#outOfOrder(message.kind);
          this.#marks.push(message.request);
          return this.#pump();
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
    this.#guarded(() => this.#pump());
  }

  /** Tells the client the newest version, even if nothing up to there concerns it. */
  catchUp(): void {
    this.#guarded(() => {
      this.#pump();
      if (this.#state.kind !== "active") return;
      const { file, cursor } = this.#state;
      const isServed =
        this.#bootstrap.length === 0 && cursor.serverVersion === this.#context.storage.head().version;
      if (isServed && this.#toldVersion < cursor.serverVersion) this.#sendDownload(file, cursor, []);
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
    this.#state = { kind: "ended" };
    this.#bootstrap = [];
    this.#marks = [];
    this.#pendingQuery = undefined;
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
    const { file, isEmpty, isUnnoted, unanswered } = identified;
    const cursor = {
      serverVersion: message.downloadServerVersion,
      clientVersion: message.downloadClientVersion,
    };
    this.#state = { kind: "active", file, cursor };
    this.#toldVersion = cursor.serverVersion;
    this.#hub.add(this, file.ident);
    this.#log.info("client identified", {
      session: this.#ident,
      file: file.ident,
      user: file.userId,
      version: cursor.serverVersion,
      queryVersion: message.queryVersion,
      isEmpty,
    });
    if (isEmpty) {
      const { version } = this.#context.storage.head();
      this.#state.cursor = { serverVersion: version, clientVersion: file.lastEntryClientVersion };
      const { queryVersion, queryBody } = message;
      this.#startBootstrap(this.#state, { queryVersion, queryBody, brokenOff: [] }, undefined);
    } else if (isUnnoted) {
      this.#sendDownload(file, cursor, [nothingNew(cursor)]);
    }
    this.#pendingQuery = unanswered;
    this.#askedQueryVersion = message.queryVersion;
    this.#pump();
  }

  #query(message: QueryMessage): void {
    if (this.#state.kind !== "active") {
      this.#outOfOrder(message.kind);
      return;
    }
    const { queryVersion, queryBody } = message;
    const latest = this.#pendingQuery ?? this.#state.file.views.at(-1);
    if (queryVersion <= this.#askedQueryVersion) {
      this.end(protocolViolation(`Query version ${queryVersion} after ${this.#askedQueryVersion}.`));
      return;
    }
    this.#askedQueryVersion = queryVersion;
    // Asked before the connection broke: the answer, or that to later queries, is under way.
    if (queryVersion <= (latest?.queryVersion ?? 0)) return;
    this.#pendingQuery = { queryVersion, queryBody, brokenOff: [] };
    this.#pump();
  }

  #upload(message: UploadMessage): void {
    if (this.#state.kind !== "active") {
      this.#outOfOrder(message.kind);
      return;
    }
    const startedAtMs = Date.now();
    const { file, cursor } = this.#state;
    const integrated = integrateUpload(this.#context, file, message, cursor.serverVersion);
    if (integrated.kind === "refused") {
      this.end(integrated.error);
      return;
    }
    if (!integrated.hasNews) return;
    this.#state.file = integrated.file;
    this.#isAckDue = true;
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
    this.#pump();
    this.#hub.wakeOthers(this);
  }

  /** The client cannot go on with what it was sent. Only a fresh start helps; nothing it holds is lost by it. */
  #clientFailed(code: number): void {
    if (this.#state.kind !== "active") {
      this.#outOfOrder("json_error");
      return;
    }
    this.#log.error("client reported an error", { session: this.#ident, file: this.#state.file.ident, code });
    const { storage } = this.#context;
    const resetReason = `This device reported that it could not apply a change from the server (error ${code}).`;
    const { file } = this.#state;
    storage.transaction(() => storage.putClientFile({ ...file, resetReason }));
    this.end(clientReset(errorCodes.badClientFile, resetReason));
  }

  #pump(): void {
    while (this.#state.kind === "active") {
      if (this.#port.isCongested()) {
        this.#waitForDrain();
        return;
      }
      const { file, cursor } = this.#state;
      const bootstrap = this.#bootstrap.shift();
      if (bootstrap) {
        this.#sendBootstrap(file, bootstrap);
      } else if (cursor.serverVersion < this.#context.storage.head().version) {
        this.#sendHistory(this.#state);
      } else if (this.#pendingQuery) {
        const query = this.#pendingQuery;
        this.#pendingQuery = undefined;
        this.#startBootstrap(this.#state, query, file.views.at(-1));
      } else if (this.#isAckDue) {
        this.#sendDownload(file, cursor, []);
      } else {
        for (const request of this.#marks) this.#port.send(markMessage(this.#ident, request));
        this.#marks = [];
        return;
      }
    }
  }

  #waitForDrain(): void {
    if (this.#isWaitingForDrain) return;
    this.#isWaitingForDrain = true;
    this.#port.whenDrained(() => {
      this.#isWaitingForDrain = false;
      this.wake();
    });
  }

  #sendHistory(state: Extract<State, { kind: "active" }>): void {
    const piece = nextDownload(this.#context, state.file, state.cursor, bytesPerMessage);
    state.cursor = piece.cursor;
    const isFarBehind = piece.cursor.serverVersion - this.#toldVersion >= silentVersions;
    if (piece.changesets.length > 0 || isFarBehind)
      this.#sendDownload(state.file, piece.cursor, piece.changesets);
  }

  #sendDownload(file: ClientFile, cursor: DownloadCursor, changesets: readonly DownloadedChangeset[]): void {
    const { storage } = this.#context;
    const head = storage.head();
    this.#isAckDue = false;
    this.#toldVersion = cursor.serverVersion;
    this.#port.send(
      downloadMessage(this.#ident, {
        progress: {
          ...cursor,
          latestServerVersion: head.version,
          latestServerVersionSalt: head.salt,
          uploadClientVersion: file.uploadClientVersion,
          uploadServerVersion: file.uploadServerVersion,
        },
        queryVersion: file.views.at(-1)?.queryVersion ?? 0,
        isLastInBatch: true,
        downloadableBytes:
          cursor.serverVersion === head.version ? 0 : storage.historyBytesAfter(cursor.serverVersion),
        changesets,
      }),
    );
  }

  #startBootstrap(
    state: Extract<State, { kind: "active" }>,
    query: UnansweredQuery,
    former: ClientFile["views"][number] | undefined,
  ): void {
    const { queryVersion } = query;
    const subscribed = subscribe(this.#context, state.file, former, query);
    if (subscribed.kind === "badQuery") {
      this.#log.info("query refused", {
        session: this.#ident,
        file: state.file.ident,
        reason: subscribed.message,
      });
      this.#port.send(queryErrorMessage(this.#ident, errorCodes.badQuery, queryVersion, subscribed.message));
      return;
    }
    state.file = subscribed.file;
    const at = this.#context.storage.head();
    state.cursor = { ...state.cursor, serverVersion: at.version };
    const messages = inMessages(subscribed.changesets);
    let remainingBytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
    for (const [index, changesets] of messages.entries()) {
      remainingBytes -= sizeOf(changesets);
      this.#bootstrap.push({
        changesets,
        at,
        clientVersion: state.cursor.clientVersion,
        queryVersion,
        isLast: index === messages.length - 1,
        remainingBytes,
      });
    }
    this.#log.info("bootstrap", {
      session: this.#ident,
      file: state.file.ident,
      queryVersion,
      version: at.version,
      messages: messages.length,
    });
  }

  #sendBootstrap(file: ClientFile, message: BootstrapMessage): void {
    this.#toldVersion = message.at.version;
    this.#port.send(
      downloadMessage(this.#ident, {
        progress: {
          serverVersion: message.at.version,
          clientVersion: message.clientVersion,
          latestServerVersion: message.at.version,
          latestServerVersionSalt: message.at.salt,
          uploadClientVersion: file.uploadClientVersion,
          uploadServerVersion: file.uploadServerVersion,
        },
        queryVersion: message.queryVersion,
        isLastInBatch: message.isLast,
        downloadableBytes: message.remainingBytes,
        changesets: message.changesets,
      }),
    );
  }

  #outOfOrder(kind: string): void {
    this.end(protocolViolation(`Message "${kind}" came at the wrong time.`));
  }

  /** A bug or a full disk costs this session, and says so; the client tries again later. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#log.error("session failed", {
        session: this.#ident,
        file: this.fileIdent,
        ...errorFields(error),
      });
      this.end(tryAgainLater("The server had an internal problem."));
    }
  }
}

/** For a client to note by where it stands. */
function nothingNew({ serverVersion, clientVersion }: DownloadCursor): DownloadedChangeset {
  const bytes = new Uint8Array(0);
  return { serverVersion, clientVersion, originTimestampMs: 0, originFileIdent: serverFileIdent, bytes };
}

function inMessages(changesets: readonly DownloadedChangeset[]): DownloadedChangeset[][] {
  const messages: DownloadedChangeset[][] = [];
  let sizeBytes = Number.POSITIVE_INFINITY;
  for (const changeset of changesets) {
    if (sizeBytes + changeset.bytes.length > bytesPerMessage) {
      messages.push([]);
      sizeBytes = 0;
    }
    messages.at(-1)?.push(changeset);
    sizeBytes += changeset.bytes.length;
  }
  return messages;
}

function sizeOf(changesets: readonly DownloadedChangeset[]): number {
  return changesets.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
