/**
 * What a Realm client does with its history, in a few hundred lines and without a file: local writes, uploads, merging
 * of downloads, bootstraps, reconnects, and what is left of them when its process is killed. It speaks to a real server session, message by message, so that a test can put
 * any two messages in any order. The rules are those of the C++ client; the real one is driven elsewhere.
 */
import { encodeChangeset, type Instruction, objectKey, type PrimaryKey } from "../changeset";
import { type MergeChangeset, transformChangesets } from "../merge";
import { applyInstructions } from "../object/apply";
import type { Document } from "../object/document";
import { ObjectOverlay } from "../object/overlay";
import type { IdentMessage } from "../protocol/client-messages";
import { emptySchema, type Schema } from "../schema/schema";
import type { Session, SessionPort } from "../session/session";
import { type Download, readDownload } from "./read-download";

export type OpenSession = (needsFileIdent: boolean, port: SessionPort) => Session;

type LocalEntry = {
  readonly version: number;
  readonly baseServerVersion: number;
  readonly timestampMs: number;
  readonly instructions: readonly Instruction[];
  /** The entry as it stands after everything downloaded since. */
  reciprocal: readonly Instruction[];
};

type Subscription = { readonly queryVersion: number; readonly body: string; readonly atVersion: number };

export class ModelClient {
  readonly #open: OpenSession;
  #session: Session | undefined;
  #inbox: Buffer[] = [];
  /** What the server's session will do when it has its next turn. */
  #due: (() => void)[] = [];
  #schema: Schema = emptySchema;
  readonly #objects = new Map<string, { table: string; pk: PrimaryKey; document: Document }>();
  #history: LocalEntry[] = [];
  #version = 1;
  #fileIdent = 0;
  #salt = "0";
  #downloaded = { serverVersion: 0, clientVersion: 0 };
  #latest = { version: 0, salt: "0" };
  #acknowledged = 0;
  /** The newest version that went out on this connection. */
  #sent = 0;
  #active: Subscription = { queryVersion: 0, body: "{}", atVersion: 0 };
  /** Those after the active one, oldest first. */
  #pending: Subscription[] = [];
  /** The query version noted as complete; -1 before there is one. */
  #noted = -1;
  #sentQueryVersion = 0;
  #bootstrap: Download[] = [];
  /** Errors other than refused writes: a model client must never get one. */
  readonly failures: string[] = [];
  refusedWrites = 0;

  constructor(open: OpenSession) {
    this.#open = open;
  }

  get schema(): Schema {
    return this.#schema;
  }

  /** The SDK refuses writes to classes that no subscription mentions, be it a pending one. */
  mayWriteTo(table: string): boolean {
    const { body } = this.#pending.at(-1) ?? this.#active;
    return Object.hasOwn(JSON.parse(body) as object, table);
  }

  get isConnected(): boolean {
    return this.#session !== undefined;
  }

  /** How many messages of a bootstrap it keeps, waiting for the last one. */
  get keptMessages(): number {
    return this.#bootstrap.length;
  }

  get hasMail(): boolean {
    return this.#inbox.length > 0 || this.#due.length > 0;
  }

  objects(): readonly { table: string; pk: PrimaryKey; document: Document }[] {
    return [...this.#objects.values()];
  }

  object(table: string, pk: PrimaryKey): Document | undefined {
    return this.#objects.get(objectKey(table, pk))?.document;
  }

  /** One transaction. */
  write(instructions: readonly Instruction[], timestampMs: number): void {
    this.#apply(instructions);
    this.#version += 1;
    this.#history.push({
      version: this.#version,
      baseServerVersion: this.#downloaded.serverVersion,
      timestampMs,
      instructions,
      reciprocal: instructions,
    });
  }

  subscribe(body: string): void {
    this.#version += 1;
    const newest = this.#pending.at(-1) ?? this.#active;
    this.#pending.push({ queryVersion: newest.queryVersion + 1, body, atVersion: this.#version });
  }

  connect(): void {
    const port: SessionPort = {
      send: (message) => this.#inbox.push(message),
      isCongested: () => false,
      whenDrained: () => {},
      soon: (resume) => this.#due.push(resume),
    };
    this.#session = this.#open(this.#fileIdent === 0, port);
    this.#sent = this.#acknowledged;
    this.#sentQueryVersion = this.#active.queryVersion;
    if (this.#fileIdent !== 0) this.#sendIdent();
  }

  /** What was on its way to the client is lost. Half a bootstrap stays, for the next one to be appended to. */
  disconnect(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#inbox = [];
    this.#due = [];
  }

  /**
   * The process is gone, and half a bootstrap with it.
   *
   * @param unnoted whether it goes just when a bootstrap has been applied, but not yet noted as complete
   */
  kill(unnoted: boolean): void {
    if (unnoted) this.receive("unnoted");
    this.disconnect();
    this.#bootstrap = [];
  }

  /**
   * Sends what is next: up to `limit` changesets, or the new query once everything before it has gone out. Like the C++
   * client, it can no longer send a query when the server has told it of progress beyond the moment of the query.
   */
  send(limit: number): void {
    if (!this.#session || this.#fileIdent === 0 || this.#downloaded.serverVersion === 0) return;
    const query = this.#pending.find(
      ({ queryVersion, atVersion }) => queryVersion > this.#sentQueryVersion && atVersion >= this.#sent,
    );
    const barrier = query?.atVersion ?? Number.POSITIVE_INFINITY;
    const due = this.#history
      .filter(({ version }) => version > this.#sent && version < barrier)
      .slice(0, limit);
    if (due.length > 0) {
      this.#upload(due);
    } else if (query) {
      this.#sentQueryVersion = query.queryVersion;
      const { queryVersion, body } = query;
      this.#session.handle({ kind: "query", session: 1, queryVersion, queryBody: body });
    }
  }

  /** Takes one message from the server. */
  receive(outcome: "noted" | "unnoted" = "noted"): void {
    this.#due.shift()?.();
    const message = this.#inbox.shift();
    if (!message) return;
    const end = message.indexOf(0x0a);
    const head = message.subarray(0, end).toString("latin1").split(" ");
    const body = message.subarray(end + 1);
    switch (head[0]) {
      case "ident":
        this.#fileIdent = Number(head[2]);
        this.#salt = head[3] ?? "";
        this.#sendIdent();
        return;
      case "download":
        this.#download(readDownload(head, body), outcome);
        return;
      case "json_error":
        if (head[1] === "231") this.refusedWrites += 1;
        else this.failures.push(body.toString());
        return;
      default:
        this.failures.push(message.toString());
    }
  }

  get isSettled(): boolean {
    const last = this.#history.at(-1)?.version ?? 0;
    return (
      this.#session !== undefined &&
      !this.hasMail &&
      this.#sent >= last &&
      this.#acknowledged >= last &&
      this.#pending.length === 0
    );
  }

  #sendIdent(): void {
    const message: IdentMessage = {
      kind: "ident",
      session: 1,
      fileIdent: this.#fileIdent,
      fileIdentSalt: this.#salt,
      downloadServerVersion: this.#downloaded.serverVersion,
      downloadClientVersion: this.#downloaded.clientVersion,
      latestServerVersion: this.#latest.version,
      latestServerVersionSalt: this.#latest.salt,
      queryVersion: this.#active.queryVersion,
      queryBody: this.#active.body,
    };
    this.#session?.handle(message);
  }

  #upload(due: readonly LocalEntry[]): void {
    const last = due.at(-1);
    if (!last) return;
    this.#sent = last.version;
    this.#session?.handle({
      kind: "upload",
      session: 1,
      progressClientVersion: last.version,
      progressServerVersion: last.baseServerVersion,
      changesets: due.map(({ version, baseServerVersion, timestampMs, instructions }) => ({
        clientVersion: version,
        serverVersion: baseServerVersion,
        originTimestampMs: timestampMs,
        originFileIdent: 0,
        bytes: encodeChangeset(instructions),
      })),
    });
  }

  #download(download: Download, outcome: "noted" | "unnoted"): void {
    const isSteady = download.isLast && download.queryVersion === this.#noted;
    if (isSteady) {
      this.#integrate([download], download);
      return;
    }
    this.#bootstrap = this.#bootstrap.filter(({ queryVersion }) => queryVersion === download.queryVersion);
    this.#bootstrap.push(download);
    if (!download.isLast) return;
    const bootstrap = this.#bootstrap;
    this.#bootstrap = [];
    if (bootstrap.every(({ changesets }) => changesets.length === 0)) {
      this.failures.push("a bootstrap without changesets");
      return;
    }
    this.#integrate(bootstrap, download);
    if (outcome === "unnoted") return;
    this.#noted = download.queryVersion;
    const completed = this.#pending.find(({ queryVersion }) => queryVersion === download.queryVersion);
    if (completed) this.#active = completed;
    this.#pending = this.#pending.filter(({ queryVersion }) => queryVersion > download.queryVersion);
  }

  #integrate(downloads: readonly Download[], { serverVersion, clientVersion, ...last }: Download): void {
    if (serverVersion < this.#downloaded.serverVersion) this.failures.push("download cursor went back");
    if (last.latestVersion < this.#latest.version) this.failures.push("latest server version went back");
    if (clientVersion < this.#downloaded.clientVersion) this.failures.push("client version went back");
    if (last.uploadClientVersion < this.#acknowledged) this.failures.push("upload progress went back");
    for (const changeset of downloads.flatMap(({ changesets }) => changesets)) {
      if (changeset.originFileIdent === this.#fileIdent) this.failures.push("own changes came back");
      const ours = this.#history.filter(({ version }) => version > changeset.lastIntegratedRemoteVersion);
      const merged = transformChangesets(
        ours.map((entry) => this.#asMerge(entry)),
        [changeset],
      );
      if (merged.kind === "conflict") {
        this.failures.push(`merge: ${merged.message}`);
        return;
      }
      for (const [index, { instructions }] of merged.ours.entries()) ours[index]!.reciprocal = instructions;
      this.#apply(merged.theirs[0]?.instructions ?? []);
    }
    this.#version += 1;
    this.#downloaded = { serverVersion, clientVersion };
    this.#latest = { version: last.latestVersion, salt: last.latestSalt };
    this.#acknowledged = last.uploadClientVersion;
    this.#sent = Math.max(this.#sent, this.#acknowledged);
    this.#history = this.#history.filter(({ version }) => version > clientVersion);
  }

  #asMerge({ version, baseServerVersion, timestampMs, reciprocal }: LocalEntry): MergeChangeset {
    return {
      version,
      lastIntegratedRemoteVersion: baseServerVersion,
      originTimestampMs: timestampMs,
      originFileIdent: this.#fileIdent,
      instructions: reciprocal,
    };
  }

  #apply(instructions: readonly Instruction[]): void {
    const overlay = new ObjectOverlay((table, pk) => this.object(table, pk));
    const applied = applyInstructions(this.#schema, overlay, instructions);
    if (applied.kind !== "ok") {
      this.failures.push(`apply: ${applied.message}`);
      return;
    }
    this.#schema = applied.schema;
    for (const { table, pk, after } of overlay.touched) {
      if (after) this.#objects.set(objectKey(table, pk), { table, pk, document: after });
      else this.#objects.delete(objectKey(table, pk));
    }
  }
}
