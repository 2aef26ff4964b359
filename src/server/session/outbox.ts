/**
 * What one client is to be sent, and in which order: history up to the next bootstrap, that bootstrap, and so on up to
 * the head; then an acknowledgement, then marks. A mark is therefore an answer to everything the client said before
 * it. Works in short turns, so that a client with much to catch up with holds up nobody else, and holds only what
 * goes into one message.
 */
import {
  type DownloadedChangeset,
  downloadMessage,
  markMessage,
  queryErrorMessage,
} from "../protocol/server-messages";
import { errorCodes } from "../protocol/session-error";
import type { ClientFile, ViewPeriod } from "../storage/storage";
import type { Bootstrap } from "../sync/bootstrap";
import type { UnansweredQuery } from "../sync/client-files";
import { type SyncContext, serverFileIdent } from "../sync/context";
import { type DownloadCursor, LookAhead, nextDownload } from "../sync/download";
import { subscribe } from "../sync/subscribe";

export type SessionPort = {
  send(message: Buffer): void;
  /** Too much is waiting to be sent: `whenDrained` will say when to go on. */
  isCongested(): boolean;
  whenDrained(resume: () => void): void;
  /** Resumes once others have had their turn. */
  soon(resume: () => void): void;
};

const messageBytes = 1024 * 1024;

/** How far the client may fall behind in version numbers while nothing concerns it, before it is told to catch up. */
const silentVersions = 500;

/** A client that asks faster than it can be answered is sent away until it has been. */
const bootstrapLimit = 32;

type Mark = { readonly request: number; readonly version: number; readonly bootstraps: number };

export type Asked =
  | { readonly kind: "ok"; readonly version: number }
  | { readonly kind: "badQuery"; readonly message: string }
  | { readonly kind: "tooMany" };

export class Outbox {
  readonly #ident: number;
  readonly #context: SyncContext;
  readonly #port: SessionPort;
  /** Runs work that comes back later, so that its failure costs this session only. */
  readonly #guarded: (work: () => void) => void;
  readonly #messageBytes: number;
  file: ClientFile;
  #cursor: DownloadCursor;
  /** The queries the client goes by once it has what it was sent so far. */
  #queryVersion: number;
  readonly #ahead: LookAhead;
  #bootstraps: Bootstrap[] = [];
  #bootstrapsAsked = 0;
  #bootstrapsSent = 0;
  /** The message of a bootstrap that is being filled. */
  #unsent: DownloadedChangeset[] = [];
  #unsentBytes = 0;
  #isAckDue = false;
  #marks: Mark[] = [];
  /** The newest server version the client was told. */
  #toldVersion: number;
  #isWaiting = false;
  #isClosed = false;

  constructor(
    ident: number,
    context: SyncContext,
    port: SessionPort,
    guarded: (work: () => void) => void,
    start: { readonly file: ClientFile; readonly cursor: DownloadCursor; readonly queryVersion: number },
  ) {
    this.#ident = ident;
    this.#context = context;
    this.#port = port;
    this.#guarded = guarded;
    this.#messageBytes = context.options.pieces?.messageBytes ?? messageBytes;
    this.file = start.file;
    this.#cursor = start.cursor;
    this.#queryVersion = start.queryVersion;
    this.#toldVersion = start.cursor.serverVersion;
    this.#ahead = new LookAhead(start.cursor.serverVersion);
  }

  /** The newest server version this client can have heard of. */
  get sentVersion(): number {
    return this.#cursor.serverVersion;
  }

  acknowledge(): void {
    this.#isAckDue = true;
  }

  mark(request: number): void {
    const { version } = this.#context.storage.head();
    this.#marks.push({ request, version, bootstraps: this.#bootstrapsAsked });
  }

  /** Takes effect at once for what the client uploads; its bootstrap is sent when everything before it has been. */
  ask(former: ViewPeriod | undefined, query: UnansweredQuery): Asked {
    if (this.#bootstraps.length >= bootstrapLimit) return { kind: "tooMany" };
    const subscribed = subscribe(this.#context, this.file, former, query);
    if (subscribed.kind === "badQuery") {
      const { message } = subscribed;
      this.#port.send(queryErrorMessage(this.#ident, errorCodes.badQuery, query.queryVersion, message));
      return subscribed;
    }
    this.file = subscribed.file;
    this.#bootstraps.push(subscribed.bootstrap);
    this.#bootstrapsAsked += 1;
    return { kind: "ok", version: subscribed.bootstrap.plan.at.version };
  }

  /**
   * The first that a client hears which comes back. It may not have noted that it has what its queries ask for: killed
   * in between, or its realm closed and opened again in that moment, which its ident does not tell. Then it takes
   * whatever comes for a bootstrap, notes it by a changeset, and turns in circles for ever for lack of one.
   */
  confirm(): void {
    const { serverVersion, clientVersion } = this.#cursor;
    const bytes = new Uint8Array(0);
    this.#sendDownload([
      { serverVersion, clientVersion, originTimestampMs: 0, originFileIdent: serverFileIdent, bytes },
    ]);
  }

  pump(): void {
    while (!this.#isClosed && !this.#isWaiting) {
      if (this.#port.isCongested()) {
        this.#wait((resume) => this.#port.whenDrained(resume));
        return;
      }
      const bootstrap = this.#bootstraps[0];
      const end = bootstrap ? bootstrap.plan.at.version - 1 : this.#context.storage.head().version;
      if (this.#cursor.serverVersion < end) this.#sendHistory(end);
      else if (bootstrap) this.#goOnWith(bootstrap);
      else {
        this.#sendAnswers();
        return;
      }
      this.#sendDueMarks();
      if (this.#hasMore()) this.#wait((resume) => this.#port.soon(resume));
    }
  }

  /** Tells the client the newest version, even if nothing up to there concerns it, and does not give way. */
  catchUp(): void {
    if (this.#isClosed || this.#bootstraps.length > 0) return;
    const { version } = this.#context.storage.head();
    while (this.#cursor.serverVersion < version) this.#sendHistory(version);
    if (this.#toldVersion < version) this.#sendDownload([]);
  }

  close(): void {
    this.#isClosed = true;
    for (const bootstrap of this.#bootstraps) bootstrap.close();
    this.#bootstraps = [];
    this.#unsent = [];
    this.#marks = [];
  }

  #hasMore(): boolean {
    return this.#bootstraps.length > 0 || this.#cursor.serverVersion < this.#context.storage.head().version;
  }

  #wait(how: (resume: () => void) => void): void {
    this.#isWaiting = true;
    how(() => {
      this.#isWaiting = false;
      this.#guarded(() => this.pump());
    });
  }

  #sendHistory(end: number): void {
    const piece = nextDownload(this.#context, this.file, this.#cursor, end, this.#messageBytes, this.#ahead);
    this.#cursor = piece.cursor;
    const isFarBehind = piece.cursor.serverVersion - this.#toldVersion >= silentVersions;
    if (piece.changesets.length > 0 || isFarBehind) this.#sendDownload(piece.changesets);
  }

  #sendAnswers(): void {
    if (this.#isAckDue) this.#sendDownload([]);
    this.#sendDueMarks();
  }

  /** Each as soon as what it asked about has been sent, however much has come since. */
  #sendDueMarks(): void {
    const isDue = ({ version, bootstraps }: Mark): boolean =>
      this.#cursor.serverVersion >= version && this.#bootstrapsSent >= bootstraps;
    while (this.#marks[0] && isDue(this.#marks[0])) {
      if (this.#isAckDue) this.#sendDownload([]);
      this.#port.send(markMessage(this.#ident, this.#marks[0].request));
      this.#marks.shift();
    }
  }

  #sendDownload(changesets: readonly DownloadedChangeset[]): void {
    const head = this.#context.storage.head();
    this.#isAckDue = false;
    this.#toldVersion = this.#cursor.serverVersion;
    this.#port.send(
      downloadMessage(this.#ident, {
        progress: {
          ...this.#cursor,
          latestServerVersion: head.version,
          latestServerVersionSalt: head.salt,
          uploadClientVersion: this.file.uploadClientVersion,
          uploadServerVersion: this.file.uploadServerVersion,
        },
        queryVersion: this.#queryVersion,
        isLastInBatch: true,
        downloadableBytes: this.#ahead.bytes,
        changesets,
      }),
    );
  }

  #goOnWith(bootstrap: Bootstrap): void {
    for (const changeset of bootstrap.step()) {
      if (this.#unsent.length > 0 && this.#unsentBytes + changeset.bytes.length > this.#messageBytes)
        this.#sendBootstrap(bootstrap, false);
      this.#unsent.push(changeset);
      this.#unsentBytes += changeset.bytes.length;
    }
    if (!bootstrap.isDone) return;
    this.#sendBootstrap(bootstrap, true);
    const { at, clientVersion, queryVersion } = bootstrap.plan;
    this.#cursor = { serverVersion: at.version, clientVersion };
    this.#toldVersion = at.version;
    this.#queryVersion = queryVersion;
    this.#bootstraps.shift();
    this.#bootstrapsSent += 1;
  }

  #sendBootstrap({ plan, remainingBytes }: Bootstrap, isLastInBatch: boolean): void {
    // Not the bootstrap's own version: the client may have heard of a newer one, and ends the process if it goes back.
    const head = this.#context.storage.head();
    this.#port.send(
      downloadMessage(this.#ident, {
        progress: {
          serverVersion: plan.at.version,
          clientVersion: plan.clientVersion,
          latestServerVersion: head.version,
          latestServerVersionSalt: head.salt,
          uploadClientVersion: this.file.uploadClientVersion,
          uploadServerVersion: this.file.uploadServerVersion,
        },
        queryVersion: plan.queryVersion,
        isLastInBatch,
        downloadableBytes: remainingBytes,
        changesets: this.#unsent,
      }),
    );
    this.#unsent = [];
    this.#unsentBytes = 0;
  }
}
