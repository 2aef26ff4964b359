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
import type { AccountStorage } from "./account-storage";

export type SaltedVersion = { readonly version: number; readonly salt: number };

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
  /** The versions of earlier bootstraps of these queries that broke off. The client may have kept parts of them. */
  readonly brokenOff?: readonly number[];
  /** Keys of objects that were sent whole once more, though the client had them, to make up for those parts. */
  readonly resent?: readonly string[];
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
  /** The newest server version that the client has said to hold. A file that holds less is an older state of it. */
  readonly confirmedServerVersion: number;
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
  /** Its author made the object, and what somebody else did in the meantime left nothing of that. */
  readonly isLostCreation?: true;
};

export type HistoryEntry = SaltedVersion & {
  readonly originFileIdent: number;
  /**
   * 0 for entries the server made itself; where one tells a client how an object is that it edited while the object
   * moved, the server version that these edits were based on.
   */
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

export type ObjectPage = {
  readonly objects: readonly (StoredObject & { readonly sizeBytes: number })[];
  /** Where to go on; absent when this was the end of the class. */
  readonly next?: string;
};

/** All objects as they were when this was opened, whatever has been written since. Only the store's own process has it. */
export interface ObjectSnapshot {
  /** At most twice `limit` objects of a class, or of one owner, after the place where the last page ended. */
  page(
    table: string,
    options: {
      readonly owner: string | undefined;
      readonly after: string | undefined;
      readonly limit: number;
    },
  ): ObjectPage;
  /** About how many objects there are. */
  count(table: string, owner: string | undefined): number;
  close(): void;
}

export type StoredObject = { readonly pk: PrimaryKey; readonly document: Document };

/** How one client file's copy of an entry differs from the entry itself. */
export type Reciprocal = {
  readonly fileIdent: number;
  readonly version: number;
  readonly changeset: Uint8Array;
};

/** Something that is wrong with the stored data: where it stands, and what is wrong with it. */
export type Problem = { readonly where: string; readonly what: string };

/** Every call may throw a `StorageTrouble`; any other error is a bug. */
/** Objects that are written down in as many pieces as one likes, and put into the store all at once. */
export type ObjectStage = {
  /** Each object once at most, be it put or deleted. */
  putObject(table: string, pk: PrimaryKey, document: Document, owner: string | undefined): void;
  deleteObject(table: string, pk: PrimaryKey): void;
  /** Part of the transaction it is called in. */
  apply(): void;
  /** To be called in the end in any case, and not in a transaction. */
  close(): void;
};

export interface Storage {
  readonly accounts: AccountStorage;

  /** Runs the work as one unit: durable when this returns, undone when the work throws. Does not nest. */
  transaction<T>(work: () => T): T;

  setting(name: string): string | undefined;
  setSetting(name: string, value: string): void;
  deleteSetting(name: string): void;

  /** Idents are never given twice, whatever was deleted. The first is 2. */
  nextFileIdent(): number;
  putClientFile(file: ClientFile): void;
  clientFile(ident: number): ClientFile | undefined;
  /** In the order of their idents. */
  clientFiles(): Iterable<ClientFile>;
  clientFileCount(): number;
  /** With their reciprocals. */
  deleteClientFilesOf(userId: string): void;
  /** With all reciprocals. */
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
  /** All of them, ordered by file and version. */
  reciprocals(): Iterable<Reciprocal>;
  putReciprocal(fileIdent: number, version: number, changeset: Uint8Array): void;
  deleteReciprocals(fileIdent: number, upToVersion: number): void;

  object(table: string, pk: PrimaryKey): Document | undefined;
  putObject(table: string, pk: PrimaryKey, document: Document, owner: string | undefined): void;
  deleteObject(table: string, pk: PrimaryKey): void;
  /** All objects of a class, or those of one owner, in the order of their keys. */
  objects(table: string, owner?: string): Iterable<StoredObject>;
  /** To be closed; until then every change costs a little more. */
  openSnapshot(): ObjectSnapshot;
  openStage(): ObjectStage;
  objectCount(): number;

  schema(): Schema;
  setSchema(schema: Schema): void;

  /** Class to field to the version after which entries record the field. */
  queryableFields(): ReadonlyMap<string, ReadonlyMap<string, number>>;
  addQueryableField(table: string, field: string, sinceVersion: number): void;
  deleteQueryableField(table: string, field: string): void;

  /** Writes a complete, consistent copy as a single file that must not exist yet. */
  copyTo(path: string): void;
  /**
   * What is wrong with the data as it is stored: what cannot be read, or not be decoded. Whether what was read makes
   * sense is not a storage's business. Never throws.
   */
  integrityProblems(): Problem[];
  close(): void;
}
