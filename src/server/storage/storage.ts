/**
 * Everything the server has to remember, behind one interface. Any storage must pass the suite in acceptance.ts;
 * sqlite-storage.ts is the one there is. The interface is synchronous: one process owns the data, and one message is
 * worked off completely before the next one, which is what keeps the merge simple to reason about.
 *
 * A storage stores. It decides nothing: no rule about views, permissions or merging belongs here.
 */
import type { PrimaryKey } from "../changeset";
import type { Document, Scalar } from "../object/document";
import type { Schema } from "../schema/schema";

export type SaltedVersion = { readonly version: number; readonly salt: number };

export type User = {
  readonly id: string;
  readonly provider: "anon-user" | "local-userpass";
  /** Lower case; absent for anonymous users. */
  readonly email?: string;
  readonly passwordHash?: string;
  readonly createdAtMs: number;
};

/** One log-in on one device; refreshing and logging out go by it. */
export type LoginSession = {
  readonly id: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly expiresAtMs: number;
};

/** From `fromVersion` on, history entries reach this client through these queries. */
export type ViewPeriod = {
  readonly fromVersion: number;
  readonly queryVersion: number;
  readonly queryBody: string;
  /** The number of the rules these queries were answered under; 0 where it is absent. */
  readonly rules?: number;
  /**
   * Keys of objects the client sees whatever the queries say. It made or edited them under later queries whose
   * bootstrap it never got, so it has them although it is back to these queries.
   */
  readonly follows?: readonly string[];
};

export type ClientFile = {
  readonly ident: number;
  readonly salt: number;
  readonly userId: string;
  /** The newest version of the client that is integrated or known to hold nothing to integrate. */
  readonly uploadClientVersion: number;
  /** Transforms up to here are no longer needed: the client builds on this server version. */
  readonly uploadServerVersion: number;
  /** The client version of this file's newest entry in the history. */
  readonly lastEntryClientVersion: number;
  /** Oldest first; never empty once the client has identified itself. */
  readonly views: readonly ViewPeriod[];
  readonly lastSeenAtMs: number;
  /** Set when this file cannot go on: told to the client with the client reset. */
  readonly resetReason?: string;
};

/** The queryable fields of an object at one moment; null when there was no object. */
export type Fields = ReadonlyMap<string, Scalar>;

export type TouchedEntry = {
  readonly table: string;
  readonly pk: PrimaryKey;
  readonly before: Fields | null;
  readonly after: Fields | null;
  /** The whole object after the entry, kept when it may enter somebody's view. */
  readonly snapshot?: Document;
};

export type HistoryEntry = SaltedVersion & {
  readonly originFileIdent: number;
  /** 0 for entries the server made itself. */
  readonly originClientVersion: number;
  readonly originTimestampMs: number;
  /** By the server's clock. */
  readonly storedAtMs: number;
  /** As integrated, that is, after the transform. */
  readonly changeset: Uint8Array;
  readonly touched: readonly TouchedEntry[];
  /**
   * Set for an entry that concerns one client only: it changes nothing on the server, but tells that client how the
   * touched objects really are.
   */
  readonly targetFileIdent?: number;
};

export type StoredObject = { readonly pk: PrimaryKey; readonly document: Document };

export interface Storage {
  /** Runs the work as one unit: durable when this returns, undone when the work throws. Does not nest. */
  transaction<T>(work: () => T): T;

  setting(name: string): string | undefined;
  setSetting(name: string, value: string): void;
  deleteSetting(name: string): void;

  insertUser(user: User): void;
  user(id: string): User | undefined;
  userByEmail(email: string): User | undefined;
  insertLoginSession(session: LoginSession): void;
  loginSession(id: string): LoginSession | undefined;
  deleteLoginSession(id: string): void;
  deleteLoginSessionsExpiredBy(nowMs: number): void;

  /** Idents are never given twice, whatever was deleted. The first is 2. */
  nextFileIdent(): number;
  putClientFile(file: ClientFile): void;
  clientFile(ident: number): ClientFile | undefined;
  clientFileCount(): number;
  deleteAllClientFiles(): void;

  /** The newest version, and the version before the oldest entry that is kept. */
  head(): SaltedVersion;
  historyBase(): SaltedVersion;
  versionSalt(version: number): number | undefined;
  /** Must continue at head + 1. */
  appendHistory(entry: HistoryEntry): void;
  historyEntry(version: number): HistoryEntry | undefined;
  /** How many changeset bytes lie after a version. */
  historyBytesAfter(version: number): number;
  /** The newest version stored before the moment; undefined when there is none. */
  newestVersionBefore(storedAtMs: number): number | undefined;
  /** Drops every entry up to the version, which becomes the base. */
  trimHistory(upToVersion: number): void;

  /** Undefined when this client's copy of the entry is still the entry itself. */
  reciprocal(fileIdent: number, version: number): Uint8Array | undefined;
  putReciprocal(fileIdent: number, version: number, changeset: Uint8Array): void;
  deleteReciprocals(fileIdent: number, upToVersion: number): void;

  object(table: string, pk: PrimaryKey): Document | undefined;
  putObject(table: string, pk: PrimaryKey, document: Document, owner: string | undefined): void;
  deleteObject(table: string, pk: PrimaryKey): void;
  /** All objects of a class, or those of one owner, in the order of their keys. */
  objects(table: string, owner?: string): Iterable<StoredObject>;
  objectCount(): number;

  schema(): Schema;
  setSchema(schema: Schema): void;

  /** Class to field to the version after which entries record the field. */
  queryableFields(): ReadonlyMap<string, ReadonlyMap<string, number>>;
  addQueryableField(table: string, field: string, sinceVersion: number): void;

  /** Writes a complete, consistent copy as a single file that must not exist yet. */
  copyTo(path: string): void;
  /** What is wrong with the stored data; empty when nothing is. */
  integrityProblems(): string[];
  close(): void;
}
