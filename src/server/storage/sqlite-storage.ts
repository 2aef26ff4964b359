/**
 * The storage in one SQLite file. WAL with synchronous=FULL: a transaction that has returned survives `kill -9` and
 * loss of power. The file is locked exclusively while it is open, so that a second process gets a clear error instead
 * of a share in the damage.
 *
 * The connection itself is to an empty database in memory, and the file is attached to it. The driver cannot finalise
 * statements, and SQLite does not let go of a file whose connection still has some; detaching does, at once. A restore
 * needs that: it renames the file and opens another in its place.
 */
import { existsSync } from "node:fs";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import type { PrimaryKey } from "../changeset";
import {
  type Document,
  documentFromJson,
  documentToJson,
  primaryKeyFromJson,
  primaryKeyToJson,
} from "../object/document";
import { emptySchema, type Schema, schemaFromJson, schemaToJson } from "../schema/schema";
import type { AccountStorage } from "./account-storage";
import { randomSalt } from "./salt";
import { accountsFromFormat1, accountTables, SqliteAccounts } from "./sqlite-accounts";
import { findIntegrityProblems } from "./sqlite-integrity";
import {
  type ClientFileRow,
  clientFileOf,
  type HistoryRow,
  historyEntryOf,
  touchedToJson,
} from "./sqlite-rows";
import { SqliteSnapshots } from "./sqlite-snapshots";
import { SqliteStages } from "./sqlite-stages";
import { decoded, Statements, translated, troubleOf } from "./sqlite-statements";
import type {
  ClientFile,
  HistoryEntry,
  ObjectSnapshot,
  ObjectStage,
  Problem,
  Reciprocal,
  SaltedVersion,
  Storage,
  StoredObject,
} from "./storage";
import { adviceOn } from "./storage-trouble";

export type OpenedStorage =
  | { readonly kind: "ok"; readonly storage: SqliteStorage }
  | { readonly kind: "locked"; readonly message: string }
  | { readonly kind: "unusable"; readonly message: string };

/** "PERN": tells this file from any other SQLite database. */
const applicationId = 0x5045524e;
const formatVersion = 3;

const tables = `
  CREATE TABLE store.settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE store.login_sessions (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE store.client_files (
    ident INTEGER PRIMARY KEY, salt INTEGER NOT NULL, user_id TEXT NOT NULL, upload_client_version INTEGER NOT NULL,
    upload_server_version INTEGER NOT NULL, last_entry_client_version INTEGER NOT NULL, views TEXT NOT NULL,
    last_seen_at_ms INTEGER NOT NULL, reset_reason TEXT, confirmed_server_version INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE store.history (
    version INTEGER PRIMARY KEY, salt INTEGER NOT NULL, origin_file_ident INTEGER NOT NULL,
    origin_client_version INTEGER NOT NULL, origin_timestamp_ms INTEGER NOT NULL,
    stored_at_ms INTEGER NOT NULL, target_file_ident INTEGER, size_bytes INTEGER NOT NULL, changeset BLOB NOT NULL, touched TEXT NOT NULL
  ) STRICT;
  CREATE TABLE store.reciprocals (
    file_ident INTEGER NOT NULL, version INTEGER NOT NULL, changeset BLOB NOT NULL,
    PRIMARY KEY (file_ident, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE store.objects (
    class TEXT NOT NULL, pk TEXT NOT NULL, owner TEXT, document TEXT NOT NULL, PRIMARY KEY (class, pk)
  ) STRICT;
  CREATE INDEX store.objects_by_owner ON objects (class, owner, pk);
  CREATE TABLE store.queryable_fields (
    class TEXT NOT NULL, field TEXT NOT NULL, since_version INTEGER NOT NULL, PRIMARY KEY (class, field)
  ) STRICT, WITHOUT ROWID;
`;

const clientFilesFromFormat2 = `
  ALTER TABLE store.client_files ADD COLUMN confirmed_server_version INTEGER NOT NULL DEFAULT 0;
  UPDATE store.client_files SET confirmed_server_version = upload_server_version;
`;

export function openSqliteStorage(path: string): OpenedStorage {
  const isNew = !existsSync(path);
  const db = new DatabaseSync(":memory:", { timeout: 0 });
  try {
    db.prepare("ATTACH DATABASE ? AS store").run(path);
    db.exec("PRAGMA store.locking_mode = EXCLUSIVE");
    if (!isNew && pragma(db, "application_id") !== applicationId) {
      abandon(db);
      return { kind: "unusable", message: `${path} is not a Perennial server store.` };
    }
    db.exec("PRAGMA store.journal_mode = WAL; PRAGMA store.synchronous = FULL");
    db.exec("BEGIN IMMEDIATE");
    const version = pragma(db, "user_version");
    if (version > formatVersion) {
      abandon(db);
      return { kind: "unusable", message: `${path} was written by a newer version of this server.` };
    }
    if (version === 0) createTables(db);
    if (version === 1) db.exec(accountsFromFormat1);
    if (version === 1 || version === 2) db.exec(clientFilesFromFormat2);
    if (version < formatVersion) db.exec(`PRAGMA store.user_version = ${formatVersion}`);
    db.exec("COMMIT");
    return { kind: "ok", storage: new SqliteStorage(db) };
  } catch (error) {
    abandon(db);
    const message = error instanceof Error ? error.message : String(error);
    if (/locked|busy/i.test(message)) {
      return { kind: "locked", message: `${path} is in use by another process.` };
    }
    const trouble = troubleOf(error);
    return {
      kind: "unusable",
      message: `${path}: ${message}${trouble ? `. ${adviceOn[trouble.kind]}` : ""}`,
    };
  }
}

function abandon(db: DatabaseSyncInstance): void {
  if (db.isTransaction) db.exec("ROLLBACK");
  const isAttached = db
    .prepare("PRAGMA database_list")
    .all()
    .some(({ name }) => name === "store");
  if (isAttached) db.exec("DETACH DATABASE store");
  db.close();
}

function pragma(db: DatabaseSyncInstance, name: string): number {
  return Number(db.prepare(`PRAGMA store.${name}`).get()?.[name]);
}

function createTables(db: DatabaseSyncInstance): void {
  db.exec(tables);
  db.exec(accountTables);
  const base = JSON.stringify({ version: 0, salt: 0 });
  db.prepare("INSERT INTO settings VALUES ('historyBase', ?), ('nextFileIdent', '2')").run(base);
  // A download must carry versions above zero, so the history starts with an entry that says nothing.
  db.prepare("INSERT INTO history VALUES (1, ?, 1, 0, 0, 0, NULL, 0, ?, '[]')").run(
    randomSalt(),
    new Uint8Array(0),
  );
  db.exec(`PRAGMA store.application_id = ${applicationId}`);
}

export class SqliteStorage implements Storage {
  readonly #db: DatabaseSyncInstance;
  readonly #sql: Statements;
  readonly accounts: AccountStorage;
  readonly #snapshots: SqliteSnapshots;
  readonly #stages: SqliteStages;
  #schema: Schema | undefined;
  #queryableFields: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined;
  #head: SaltedVersion | undefined;

  /** Only `openSqliteStorage` makes one. */
  constructor(db: DatabaseSyncInstance) {
    this.#db = db;
    this.#sql = new Statements(db);
    this.accounts = new SqliteAccounts(this.#sql);
    this.#snapshots = new SqliteSnapshots(this.#sql);
    this.#stages = new SqliteStages(this.#sql, this.#snapshots);
  }

  transaction<T>(work: () => T): T {
    this.#sql.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#sql.exec("COMMIT");
      return result;
    } catch (error) {
      this.#schema = undefined;
      this.#queryableFields = undefined;
      this.#head = undefined;
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  setting(name: string): string | undefined {
    return this.#sql.get<{ value: string }>("SELECT value FROM settings WHERE name = ?", name)?.value;
  }

  setSetting(name: string, value: string): void {
    this.#sql.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value);
  }

  deleteSetting(name: string): void {
    this.#sql.run("DELETE FROM settings WHERE name = ?", name);
  }

  nextFileIdent(): number {
    const ident = Number(this.setting("nextFileIdent"));
    this.setSetting("nextFileIdent", String(ident + 1));
    return ident;
  }

  putClientFile(file: ClientFile): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO client_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      file.ident,
      file.salt,
      file.userId,
      file.uploadClientVersion,
      file.uploadServerVersion,
      file.lastEntryClientVersion,
      JSON.stringify(file.views),
      file.lastSeenAtMs,
      file.resetReason ?? null,
      file.confirmedServerVersion,
    );
  }

  clientFile(ident: number): ClientFile | undefined {
    const row = this.#sql.get<ClientFileRow>("SELECT * FROM client_files WHERE ident = ?", ident);
    return row && decoded(`client file ${ident}`, () => clientFileOf(row));
  }

  *clientFiles(): Iterable<ClientFile> {
    for (const row of this.#sql.all<ClientFileRow>("SELECT * FROM client_files ORDER BY ident"))
      yield decoded(`client file ${row.ident}`, () => clientFileOf(row));
  }

  clientFileCount(): number {
    return this.#sql.count("SELECT count(*) AS n FROM client_files");
  }

  deleteClientFilesOf(userId: string): void {
    this.#sql.run(
      "DELETE FROM reciprocals WHERE file_ident IN (SELECT ident FROM client_files WHERE user_id = ?)",
      userId,
    );
    this.#sql.run("DELETE FROM client_files WHERE user_id = ?", userId);
  }

  deleteAllClientFiles(): void {
    this.#sql.run("DELETE FROM client_files");
    this.#sql.run("DELETE FROM reciprocals");
  }

  head(): SaltedVersion {
    this.#head ??=
      this.#sql.get<SaltedVersion>("SELECT version, salt FROM history ORDER BY version DESC LIMIT 1") ??
      this.historyBase();
    return this.#head;
  }

  historyBase(): SaltedVersion {
    const json = this.setting("historyBase") ?? "";
    return decoded("the setting historyBase", () => JSON.parse(json) as SaltedVersion);
  }

  versionSalt(version: number): number | undefined {
    const base = this.historyBase();
    if (base.version === version) return base.salt;
    return this.#sql.get<{ salt: number }>("SELECT salt FROM history WHERE version = ?", version)?.salt;
  }

  appendHistory(entry: HistoryEntry): void {
    if (entry.version !== this.head().version + 1)
      throw new Error(`history has no place for ${entry.version}`);
    this.#sql.run(
      "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      entry.version,
      entry.salt,
      entry.originFileIdent,
      entry.originClientVersion,
      entry.originTimestampMs,
      entry.storedAtMs,
      entry.targetFileIdent ?? null,
      entry.changeset.length,
      entry.changeset,
      touchedToJson(entry.touched),
    );
    this.#head = { version: entry.version, salt: entry.salt };
  }

  historyEntry(version: number): HistoryEntry | undefined {
    const row = this.#sql.get<HistoryRow>("SELECT * FROM history WHERE version = ?", version);
    return row && decoded(`history version ${version}`, () => historyEntryOf(row));
  }

  historyBytesAfter(version: number): number {
    return this.#sql.count(
      "SELECT coalesce(sum(size_bytes), 0) AS n FROM history WHERE version > ?",
      version,
    );
  }

  newestVersionBefore(storedAtMs: number): number | undefined {
    const sql = "SELECT max(version) AS version FROM history WHERE stored_at_ms < ?";
    return this.#sql.get<{ version: number | null }>(sql, storedAtMs)?.version ?? undefined;
  }

  trimHistory(upToVersion: number): void {
    const salt = this.versionSalt(upToVersion);
    if (salt === undefined) throw new Error(`cannot trim to the unknown version ${upToVersion}`);
    this.setSetting("historyBase", JSON.stringify({ version: upToVersion, salt }));
    this.#sql.run("DELETE FROM history WHERE version <= ?", upToVersion);
    this.#sql.run("DELETE FROM reciprocals WHERE version <= ?", upToVersion);
  }

  reciprocal(fileIdent: number, version: number): Uint8Array | undefined {
    return this.#sql.get<{ changeset: Uint8Array }>(
      "SELECT changeset FROM reciprocals WHERE file_ident = ? AND version = ?",
      fileIdent,
      version,
    )?.changeset;
  }

  *reciprocals(): Iterable<Reciprocal> {
    const rows = this.#sql.all<{ file_ident: number; version: number; changeset: Uint8Array }>(
      "SELECT * FROM reciprocals ORDER BY file_ident, version",
    );
    for (const { file_ident, version, changeset } of rows)
      yield { fileIdent: file_ident, version, changeset };
  }

  putReciprocal(fileIdent: number, version: number, changeset: Uint8Array): void {
    this.#sql.run("INSERT OR REPLACE INTO reciprocals VALUES (?, ?, ?)", fileIdent, version, changeset);
  }

  deleteReciprocals(fileIdent: number, upToVersion: number): void {
    this.#sql.run("DELETE FROM reciprocals WHERE file_ident = ? AND version <= ?", fileIdent, upToVersion);
  }

  object(table: string, pk: PrimaryKey): Document | undefined {
    const row = this.#sql.get<{ document: string }>(
      "SELECT document FROM objects WHERE class = ? AND pk = ?",
      table,
      primaryKeyToJson(pk),
    );
    return row && decoded(`an object of class ${table}`, () => documentFromJson(row.document));
  }

  putObject(table: string, pk: PrimaryKey, document: Document, owner: string | undefined): void {
    this.#snapshots.keep(table, pk);
    this.#sql.run(
      `INSERT INTO objects VALUES (?, ?, ?, ?)
       ON CONFLICT (class, pk) DO UPDATE SET owner = excluded.owner, document = excluded.document`,
      table,
      primaryKeyToJson(pk),
      owner ?? null,
      documentToJson(document),
    );
  }

  deleteObject(table: string, pk: PrimaryKey): void {
    this.#snapshots.keep(table, pk);
    this.#sql.run("DELETE FROM objects WHERE class = ? AND pk = ?", table, primaryKeyToJson(pk));
  }

  *objects(table: string, owner?: string): Iterable<StoredObject> {
    type Row = { pk: string; document: string };
    const rows =
      owner === undefined
        ? this.#sql.all<Row>("SELECT pk, document FROM objects WHERE class = ? ORDER BY pk", table)
        : this.#sql.all<Row>(
            "SELECT pk, document FROM objects WHERE class = ? AND owner = ? ORDER BY pk",
            table,
            owner,
          );
    for (const { pk, document } of rows) {
      yield decoded(`an object of class ${table}`, () => ({
        pk: primaryKeyFromJson(pk),
        document: documentFromJson(document),
      }));
    }
  }

  openStage(): ObjectStage {
    return this.#stages.open();
  }

  openSnapshot(): ObjectSnapshot {
    return this.#snapshots.open();
  }

  objectCount(): number {
    return this.#sql.count("SELECT count(*) AS n FROM objects");
  }

  schema(): Schema {
    if (!this.#schema) {
      const json = this.setting("schema");
      this.#schema = json === undefined ? emptySchema : decoded("the schema", () => schemaFromJson(json));
    }
    return this.#schema;
  }

  setSchema(schema: Schema): void {
    this.setSetting("schema", schemaToJson(schema));
    this.#schema = schema;
  }

  queryableFields(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    if (!this.#queryableFields) {
      const byClass = new Map<string, Map<string, number>>();
      const rows = this.#sql.all<{ class: string; field: string; since_version: number }>(
        "SELECT * FROM queryable_fields",
      );
      for (const row of rows) {
        const fields = byClass.get(row.class) ?? new Map<string, number>();
        byClass.set(row.class, fields.set(row.field, row.since_version));
      }
      this.#queryableFields = byClass;
    }
    return this.#queryableFields;
  }

  addQueryableField(table: string, field: string, sinceVersion: number): void {
    this.#sql.run("INSERT INTO queryable_fields VALUES (?, ?, ?)", table, field, sinceVersion);
    this.#queryableFields = undefined;
  }

  deleteQueryableField(table: string, field: string): void {
    this.#sql.run("DELETE FROM queryable_fields WHERE class = ? AND field = ?", table, field);
    this.#queryableFields = undefined;
  }

  copyTo(path: string): void {
    translated(() => this.#db.prepare("VACUUM store INTO ?").run(path));
  }

  integrityProblems(): Problem[] {
    return findIntegrityProblems(this.#sql);
  }

  /**
   * Makes this store, a backup about to be restored, follow on from the store it replaces: accounts are as they were
   * just now, passwords and log-ins included, and file idents given since then are never given again. Accounts
   * deleted since the backup are back: only the backup knows of them.
   */
  followOn(replacedPath: string): void {
    translated(() => this.#db.prepare("ATTACH DATABASE ? AS replaced").run(replacedPath));
    try {
      this.transaction(() => {
        this.#sql.exec(`
          INSERT OR REPLACE INTO store.users SELECT * FROM replaced.users;
          INSERT OR REPLACE INTO store.identities SELECT * FROM replaced.identities;
          DELETE FROM store.login_sessions WHERE user_id IN (SELECT id FROM replaced.users);
          INSERT OR REPLACE INTO store.login_sessions SELECT * FROM replaced.login_sessions;
          DELETE FROM store.password_resets;
          INSERT INTO store.password_resets SELECT * FROM replaced.password_resets;
          UPDATE store.settings SET value = max(
            CAST(value AS INTEGER),
            (SELECT CAST(value AS INTEGER) FROM replaced.settings WHERE name = 'nextFileIdent')
          ) WHERE name = 'nextFileIdent';
        `);
      });
    } finally {
      this.#db.exec("DETACH DATABASE replaced");
    }
  }

  close(): void {
    this.#stages.end();
    this.#db.exec("DETACH DATABASE store");
    this.#db.close();
  }
}
