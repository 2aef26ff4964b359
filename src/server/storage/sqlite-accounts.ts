/** The accounts in the SQLite file. Shares the connection, and so the transactions, of sqlite-storage.ts. */
import type {
  AccountStorage,
  Identity,
  LoginSession,
  PasswordReset,
  Provider,
  User,
} from "./account-storage";
import type { Statements } from "./sqlite-statements";

export const accountTables = `
  CREATE TABLE store.users (
    id TEXT PRIMARY KEY, created_at_ms INTEGER NOT NULL, last_log_in_at_ms INTEGER, is_disabled INTEGER NOT NULL,
    profile TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE store.identities (
    provider TEXT NOT NULL, name TEXT NOT NULL, user_id TEXT NOT NULL, password_hash TEXT,
    PRIMARY KEY (provider, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX store.identities_by_user ON identities (user_id);
  CREATE TABLE store.password_resets (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL, token_hash TEXT NOT NULL, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX store.login_sessions_by_user ON login_sessions (user_id);
  CREATE INDEX store.login_sessions_by_end ON login_sessions (expires_at_ms);
`;

/** In format 1 a user had one way to sign in, and it stood with the user. */
export const accountsFromFormat1 = `
  ALTER TABLE store.users RENAME TO users_of_format_1;
  ${accountTables}
  INSERT INTO store.users SELECT id, created_at_ms, created_at_ms, 0, '{}' FROM store.users_of_format_1;
  INSERT INTO store.identities
    SELECT provider, coalesce(email, id), id, password_hash FROM store.users_of_format_1;
  DROP TABLE store.users_of_format_1;
`;

type UserRow = {
  id: string;
  created_at_ms: number;
  last_log_in_at_ms: number | null;
  is_disabled: number;
  profile: string;
};
type IdentityRow = { provider: Provider; name: string; user_id: string; password_hash: string | null };
type SessionRow = { id: string; user_id: string; device_id: string; expires_at_ms: number };
type ResetRow = { id: string; user_id: string; token_hash: string; expires_at_ms: number };

export class SqliteAccounts implements AccountStorage {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  putUser(user: User): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?)",
      user.id,
      user.createdAtMs,
      user.lastLogInAtMs ?? null,
      user.isDisabled ? 1 : 0,
      JSON.stringify(user.profile),
    );
  }

  user(id: string): User | undefined {
    const row = this.#sql.get<UserRow>("SELECT * FROM users WHERE id = ?", id);
    return row && userOf(row);
  }

  *users(): Iterable<User> {
    for (const row of this.#sql.all<UserRow>("SELECT * FROM users ORDER BY created_at_ms, id"))
      yield userOf(row);
  }

  deleteUser(id: string): void {
    this.#sql.run("DELETE FROM password_resets WHERE user_id = ?", id);
    this.#sql.run("DELETE FROM login_sessions WHERE user_id = ?", id);
    this.#sql.run("DELETE FROM identities WHERE user_id = ?", id);
    this.#sql.run("DELETE FROM users WHERE id = ?", id);
  }

  putIdentity({ provider, name, userId, passwordHash }: Identity): void {
    this.#sql.run(
      "INSERT OR REPLACE INTO identities VALUES (?, ?, ?, ?)",
      provider,
      name,
      userId,
      passwordHash ?? null,
    );
  }

  identity(provider: Provider, name: string): Identity | undefined {
    const row = this.#sql.get<IdentityRow>(
      "SELECT * FROM identities WHERE provider = ? AND name = ?",
      provider,
      name,
    );
    return row && identityOf(row);
  }

  identitiesOf(userId: string): Identity[] {
    const sql = "SELECT * FROM identities WHERE user_id = ? ORDER BY provider, name";
    return this.#sql.all<IdentityRow>(sql, userId).map(identityOf);
  }

  *identities(): Iterable<Identity> {
    for (const row of this.#sql.all<IdentityRow>("SELECT * FROM identities ORDER BY provider, name"))
      yield identityOf(row);
  }

  insertLoginSession({ id, userId, deviceId, expiresAtMs }: LoginSession): void {
    this.#sql.run("INSERT INTO login_sessions VALUES (?, ?, ?, ?)", id, userId, deviceId, expiresAtMs);
  }

  loginSession(id: string): LoginSession | undefined {
    const row = this.#sql.get<SessionRow>("SELECT * FROM login_sessions WHERE id = ?", id);
    return row && sessionOf(row);
  }

  *loginSessions(): Iterable<LoginSession> {
    for (const row of this.#sql.all<SessionRow>("SELECT * FROM login_sessions ORDER BY id"))
      yield sessionOf(row);
  }

  deleteLoginSession(id: string): void {
    this.#sql.run("DELETE FROM login_sessions WHERE id = ?", id);
  }

  deleteLoginSessionsOf(userId: string, exceptId?: string): void {
    this.#sql.run("DELETE FROM login_sessions WHERE user_id = ? AND id IS NOT ?", userId, exceptId ?? null);
  }

  deleteLoginSessionsExpiredBy(nowMs: number): void {
    this.#sql.run("DELETE FROM login_sessions WHERE expires_at_ms <= ?", nowMs);
  }

  putPasswordReset({ id, userId, tokenHash, expiresAtMs }: PasswordReset): void {
    this.#sql.run("INSERT INTO password_resets VALUES (?, ?, ?, ?)", id, userId, tokenHash, expiresAtMs);
  }

  passwordReset(id: string): PasswordReset | undefined {
    const row = this.#sql.get<ResetRow>("SELECT * FROM password_resets WHERE id = ?", id);
    return (
      row && { id: row.id, userId: row.user_id, tokenHash: row.token_hash, expiresAtMs: row.expires_at_ms }
    );
  }

  deletePasswordResetsOf(userId: string): void {
    this.#sql.run("DELETE FROM password_resets WHERE user_id = ?", userId);
  }
}

function userOf(row: UserRow): User {
  return {
    id: row.id,
    createdAtMs: row.created_at_ms,
    isDisabled: row.is_disabled !== 0,
    profile: JSON.parse(row.profile) as Record<string, string>,
    ...(row.last_log_in_at_ms !== null && { lastLogInAtMs: row.last_log_in_at_ms }),
  };
}

function identityOf(row: IdentityRow): Identity {
  return {
    provider: row.provider,
    name: row.name,
    userId: row.user_id,
    ...(row.password_hash !== null && { passwordHash: row.password_hash }),
  };
}

function sessionOf(row: SessionRow): LoginSession {
  return { id: row.id, userId: row.user_id, deviceId: row.device_id, expiresAtMs: row.expires_at_ms };
}
