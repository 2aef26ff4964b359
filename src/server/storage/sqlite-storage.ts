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
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import type { PrimaryKey } from "../changeset";
import {
  type Document,
  documentFromJson,
  documentToJson,
  primaryKeyFromJson,
  primaryKeyToJson,
  type Scalar,
  scalarFromJson,
  scalarToJson,
} from "../object/document";
import { emptySchema, type Schema, schemaFromJson, schemaToJson } from "../schema/schema";
import { randomSalt } from "./salt";
import type {
  ClientFile,
  Fields,
  HistoryEntry,
  LoginSession,
  SaltedVersion,
  Storage,
  StoredObject,
  TouchedEntry,
  User,
  ViewPeriod,
} from "./storage";

export type OpenedStorage =
  | { readonly kind: "ok"; readonly storage: SqliteStorage }
  | { readonly kind: "locked"; readonly message: string }
  | { readonly kind: "unusable"; readonly message: string };

/** "PERN": tells this file from any other SQLite database. */
const applicationId = 0x5045524e;
const formatVersion = 1;

const tables = `
  CREATE TABLE store.settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE store.users (
    id TEXT PRIMARY KEY, provider TEXT NOT NULL, email TEXT UNIQUE, password_hash TEXT, created_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE store.login_sessions (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE store.client_files (
    ident INTEGER PRIMARY KEY, salt INTEGER NOT NULL, user_id TEXT NOT NULL, upload_client_version INTEGER NOT NULL,
    upload_server_version INTEGER NOT NULL, last_entry_client_version INTEGER NOT NULL, views TEXT NOT NULL,
    last_seen_at_ms INTEGER NOT NULL, reset_reason TEXT
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
    db.exec("COMMIT");
    return { kind: "ok", storage: new SqliteStorage(db) };
  } catch (error) {
    abandon(db);
    const message = error instanceof Error ? error.message : String(error);
    return /locked|busy/i.test(message)
      ? { kind: "locked", message: `${path} is in use by another process.` }
      : { kind: "unusable", message: `${path}: ${message}` };
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
  const base = JSON.stringify({ version: 0, salt: 0 });
  db.prepare("INSERT INTO settings VALUES ('historyBase', ?), ('nextFileIdent', '2')").run(base);
  // A download must carry versions above zero, so the history starts with an entry that says nothing.
  db.prepare("INSERT INTO history VALUES (1, ?, 1, 0, 0, 0, NULL, 0, ?, '[]')").run(
    randomSalt(),
    new Uint8Array(0),
  );
  db.exec(`PRAGMA store.application_id = ${applicationId}; PRAGMA store.user_version = ${formatVersion}`);
}

export class SqliteStorage implements Storage {
  readonly #db: DatabaseSyncInstance;
  readonly #statements = new Map<string, StatementSyncInstance>();
  #schema: Schema | undefined;
  #queryableFields: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined;
  #head: SaltedVersion | undefined;

  /** Only `openSqliteStorage` makes one. */
  constructor(db: DatabaseSyncInstance) {
    this.#db = db;
  }

  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
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
    return this.#get<{ value: string }>("SELECT value FROM settings WHERE name = ?", name)?.value;
  }

  setSetting(name: string, value: string): void {
    this.#run("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value);
  }

  deleteSetting(name: string): void {
    this.#run("DELETE FROM settings WHERE name = ?", name);
  }

  insertUser(user: User): void {
    this.#run(
      "INSERT INTO users VALUES (?, ?, ?, ?, ?)",
      user.id,
      user.provider,
      user.email ?? null,
      user.passwordHash ?? null,
      user.createdAtMs,
    );
  }

  user(id: string): User | undefined {
    return userOf(this.#get<UserRow>("SELECT * FROM users WHERE id = ?", id));
  }

  userByEmail(email: string): User | undefined {
    return userOf(this.#get<UserRow>("SELECT * FROM users WHERE email = ?", email));
  }

  insertLoginSession(session: LoginSession): void {
    this.#run(
      "INSERT INTO login_sessions VALUES (?, ?, ?, ?)",
      session.id,
      session.userId,
      session.deviceId,
      session.expiresAtMs,
    );
  }

  loginSession(id: string): LoginSession | undefined {
    const row = this.#get<{ id: string; user_id: string; device_id: string; expires_at_ms: number }>(
      "SELECT * FROM login_sessions WHERE id = ?",
      id,
    );
    return (
      row && { id: row.id, userId: row.user_id, deviceId: row.device_id, expiresAtMs: row.expires_at_ms }
    );
  }

  deleteLoginSession(id: string): void {
    this.#run("DELETE FROM login_sessions WHERE id = ?", id);
  }

  deleteLoginSessionsExpiredBy(nowMs: number): void {
    this.#run("DELETE FROM login_sessions WHERE expires_at_ms <= ?", nowMs);
  }

  nextFileIdent(): number {
    const ident = Number(this.setting("nextFileIdent"));
    this.setSetting("nextFileIdent", String(ident + 1));
    return ident;
  }

  putClientFile(file: ClientFile): void {
    this.#run(
      "INSERT OR REPLACE INTO client_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      file.ident,
      file.salt,
      file.userId,
      file.uploadClientVersion,
      file.uploadServerVersion,
      file.lastEntryClientVersion,
      JSON.stringify(file.views),
      file.lastSeenAtMs,
      file.resetReason ?? null,
    );
  }

  clientFile(ident: number): ClientFile | undefined {
    const row = this.#get<ClientFileRow>("SELECT * FROM client_files WHERE ident = ?", ident);
    return row && clientFileOf(row);
  }

  clientFileCount(): number {
    return this.#count("SELECT count(*) AS n FROM client_files");
  }

  deleteAllClientFiles(): void {
    this.#run("DELETE FROM client_files");
    this.#run("DELETE FROM reciprocals");
  }

  head(): SaltedVersion {
    this.#head ??=
      this.#get<SaltedVersion>("SELECT version, salt FROM history ORDER BY version DESC LIMIT 1") ??
      this.historyBase();
    return this.#head;
  }

  historyBase(): SaltedVersion {
    return JSON.parse(this.setting("historyBase") ?? "") as SaltedVersion;
  }

  versionSalt(version: number): number | undefined {
    const base = this.historyBase();
    if (base.version === version) return base.salt;
    return this.#get<{ salt: number }>("SELECT salt FROM history WHERE version = ?", version)?.salt;
  }

  appendHistory(entry: HistoryEntry): void {
    if (entry.version !== this.head().version + 1)
      throw new Error(`history has no place for ${entry.version}`);
    this.#run(
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
    const row = this.#get<HistoryRow>("SELECT * FROM history WHERE version = ?", version);
    return row && historyEntryOf(row);
  }

  historyBytesAfter(version: number): number {
    return this.#count("SELECT coalesce(sum(size_bytes), 0) AS n FROM history WHERE version > ?", version);
  }

  newestVersionBefore(storedAtMs: number): number | undefined {
    const sql = "SELECT max(version) AS version FROM history WHERE stored_at_ms < ?";
    return this.#get<{ version: number | null }>(sql, storedAtMs)?.version ?? undefined;
  }

  trimHistory(upToVersion: number): void {
    const salt = this.versionSalt(upToVersion);
    if (salt === undefined) throw new Error(`cannot trim to the unknown version ${upToVersion}`);
    this.setSetting("historyBase", JSON.stringify({ version: upToVersion, salt }));
    this.#run("DELETE FROM history WHERE version <= ?", upToVersion);
    this.#run("DELETE FROM reciprocals WHERE version <= ?", upToVersion);
  }

  reciprocal(fileIdent: number, version: number): Uint8Array | undefined {
    return this.#get<{ changeset: Uint8Array }>(
      "SELECT changeset FROM reciprocals WHERE file_ident = ? AND version = ?",
      fileIdent,
      version,
    )?.changeset;
  }

  putReciprocal(fileIdent: number, version: number, changeset: Uint8Array): void {
    this.#run("INSERT OR REPLACE INTO reciprocals VALUES (?, ?, ?)", fileIdent, version, changeset);
  }

  deleteReciprocals(fileIdent: number, upToVersion: number): void {
    this.#run("DELETE FROM reciprocals WHERE file_ident = ? AND version <= ?", fileIdent, upToVersion);
  }

  object(table: string, pk: PrimaryKey): Document | undefined {
    const row = this.#get<{ document: string }>(
      "SELECT document FROM objects WHERE class = ? AND pk = ?",
      table,
      primaryKeyToJson(pk),
    );
    return row && documentFromJson(row.document);
  }

  putObject(table: string, pk: PrimaryKey, document: Document, owner: string | undefined): void {
    this.#run(
      `INSERT INTO objects VALUES (?, ?, ?, ?)
       ON CONFLICT (class, pk) DO UPDATE SET owner = excluded.owner, document = excluded.document`,
      table,
      primaryKeyToJson(pk),
      owner ?? null,
      documentToJson(document),
    );
  }

  deleteObject(table: string, pk: PrimaryKey): void {
    this.#run("DELETE FROM objects WHERE class = ? AND pk = ?", table, primaryKeyToJson(pk));
  }

  *objects(table: string, owner?: string): Iterable<StoredObject> {
    const rows =
      owner === undefined
        ? this.#prepare("SELECT pk, document FROM objects WHERE class = ? ORDER BY pk").all(table)
        : this.#prepare("SELECT pk, document FROM objects WHERE class = ? AND owner = ? ORDER BY pk").all(
            table,
            owner,
          );
    for (const { pk, document } of rows as { pk: string; document: string }[]) {
      yield { pk: primaryKeyFromJson(pk), document: documentFromJson(document) };
    }
  }

  objectCount(): number {
    return this.#count("SELECT count(*) AS n FROM objects");
  }

  schema(): Schema {
    if (!this.#schema) {
      const json = this.setting("schema");
      this.#schema = json === undefined ? emptySchema : schemaFromJson(json);
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
      const rows = this.#prepare("SELECT * FROM queryable_fields").all() as {
        class: string;
        field: string;
        since_version: number;
      }[];
      for (const row of rows) {
        const fields = byClass.get(row.class) ?? new Map<string, number>();
        byClass.set(row.class, fields.set(row.field, row.since_version));
      }
      this.#queryableFields = byClass;
    }
    return this.#queryableFields;
  }

  addQueryableField(table: string, field: string, sinceVersion: number): void {
    this.#run("INSERT INTO queryable_fields VALUES (?, ?, ?)", table, field, sinceVersion);
    this.#queryableFields = undefined;
  }

  copyTo(path: string): void {
    this.#db.prepare("VACUUM store INTO ?").run(path);
  }

  integrityProblems(): string[] {
    const rows = this.#db.prepare("PRAGMA store.integrity_check").all() as { integrity_check: string }[];
    return rows.map((row) => row.integrity_check).filter((line) => line !== "ok");
  }

  /**
   * Makes this store, a backup about to be restored, follow on from the store it replaces: accounts and log-ins made
   * since the backup stay, and file idents given since then are never given again.
   */
  followOn(replacedPath: string): void {
    this.#db.prepare("ATTACH DATABASE ? AS replaced").run(replacedPath);
    try {
      this.transaction(() => {
        this.#db.exec(`
          INSERT OR IGNORE INTO store.users SELECT * FROM replaced.users;
          INSERT OR IGNORE INTO store.login_sessions SELECT * FROM replaced.login_sessions;
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
    this.#db.exec("DETACH DATABASE store");
    this.#db.close();
  }

  #prepare(sql: string): StatementSyncInstance {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#prepare(sql).run(...values);
  }

  #get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  #count(sql: string, ...values: unknown[]): number {
    return this.#get<{ n: number }>(sql, ...values)?.n ?? 0;
  }
}

type UserRow = {
  id: string;
  provider: User["provider"];
  email: string | null;
  password_hash: string | null;
  created_at_ms: number;
};

function userOf(row: UserRow | undefined): User | undefined {
  return (
    row && {
      id: row.id,
      provider: row.provider,
      createdAtMs: row.created_at_ms,
      ...(row.email !== null && { email: row.email }),
      ...(row.password_hash !== null && { passwordHash: row.password_hash }),
    }
  );
}

type ClientFileRow = {
  ident: number;
  salt: number;
  user_id: string;
  upload_client_version: number;
  upload_server_version: number;
  last_entry_client_version: number;
  views: string;
  last_seen_at_ms: number;
  reset_reason: string | null;
};

function clientFileOf(row: ClientFileRow): ClientFile {
  return {
    ident: row.ident,
    salt: row.salt,
    userId: row.user_id,
    uploadClientVersion: row.upload_client_version,
    uploadServerVersion: row.upload_server_version,
    lastEntryClientVersion: row.last_entry_client_version,
    views: JSON.parse(row.views) as ViewPeriod[],
    lastSeenAtMs: row.last_seen_at_ms,
    ...(row.reset_reason !== null && { resetReason: row.reset_reason }),
  };
}

type HistoryRow = {
  version: number;
  salt: number;
  origin_file_ident: number;
  origin_client_version: number;
  origin_timestamp_ms: number;
  stored_at_ms: number;
  target_file_ident: number | null;
  changeset: Uint8Array;
  touched: string;
};

function historyEntryOf(row: HistoryRow): HistoryEntry {
  return {
    version: row.version,
    salt: row.salt,
    originFileIdent: row.origin_file_ident,
    originClientVersion: row.origin_client_version,
    originTimestampMs: row.origin_timestamp_ms,
    storedAtMs: row.stored_at_ms,
    changeset: row.changeset,
    touched: touchedFromJson(row.touched),
    ...(row.target_file_ident !== null && { targetFileIdent: row.target_file_ident }),
  };
}

type FieldsJson = [string, string][] | null;
type TouchedJson = { class: string; pk: string; before: FieldsJson; after: FieldsJson; snapshot?: string };

function touchedToJson(touched: readonly TouchedEntry[]): string {
  return JSON.stringify(
    touched.map(
      ({ table, pk, before, after, snapshot }): TouchedJson => ({
        class: table,
        pk: primaryKeyToJson(pk),
        before: fieldsToJson(before),
        after: fieldsToJson(after),
        ...(snapshot && { snapshot: documentToJson(snapshot) }),
      }),
    ),
  );
}

function touchedFromJson(json: string): TouchedEntry[] {
  return (JSON.parse(json) as TouchedJson[]).map(({ class: table, pk, before, after, snapshot }) => ({
    table,
    pk: primaryKeyFromJson(pk),
    before: fieldsFromJson(before),
    after: fieldsFromJson(after),
    ...(snapshot !== undefined && { snapshot: documentFromJson(snapshot) }),
  }));
}

function fieldsToJson(fields: Fields | null): FieldsJson {
  return fields && [...fields].map(([name, value]) => [name, scalarToJson(value)]);
}

function fieldsFromJson(json: FieldsJson): Fields | null {
  return json && new Map<string, Scalar>(json.map(([name, value]) => [name, scalarFromJson(value)]));
}
