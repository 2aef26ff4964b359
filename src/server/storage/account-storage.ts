/**
 * What the server remembers of people: who there is, by which names they sign in, and on which devices they are signed
 * in. A part of the storage (storage.ts) and of its transactions. It stores and decides nothing.
 */
export type Provider = "anon-user" | "local-userpass" | "custom-token";

export type User = {
  readonly id: string;
  readonly createdAtMs: number;
  /** Absent until the first log-in. */
  readonly lastLogInAtMs?: number;
  readonly isDisabled: boolean;
  /** What apps see as the user's profile, taken from the claims of custom tokens. */
  readonly profile: Readonly<Record<string, string>>;
};

/** One way to sign in as a user. A user may have several, of different providers. */
export type Identity = {
  readonly provider: Provider;
  /** Unique per provider: the e-mail address in lower case, the subject of a custom token, or the user's own id. */
  readonly name: string;
  readonly userId: string;
  readonly passwordHash?: string;
};

/** One log-in on one device; refreshing and logging out go by it. */
export type LoginSession = {
  readonly id: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly expiresAtMs: number;
};

/** A permission to set a new password once; the token itself is kept by nobody but its owner. */
export type PasswordReset = {
  readonly id: string;
  readonly userId: string;
  readonly tokenHash: string;
  readonly expiresAtMs: number;
};

export interface AccountStorage {
  /** Puts a new user, or a known one's new state. */
  putUser(user: User): void;
  user(id: string): User | undefined;
  /** In the order in which they came. */
  users(): Iterable<User>;
  /** With identities, log-ins and password resets. Client files and objects are not touched. */
  deleteUser(id: string): void;

  /** Takes the place of an identity of the same provider and name. */
  putIdentity(identity: Identity): void;
  identity(provider: Provider, name: string): Identity | undefined;
  /** Ordered by provider and name. */
  identitiesOf(userId: string): Identity[];
  /** All of them, ordered by provider and name. */
  identities(): Iterable<Identity>;

  insertLoginSession(session: LoginSession): void;
  loginSession(id: string): LoginSession | undefined;
  loginSessions(): Iterable<LoginSession>;
  deleteLoginSession(id: string): void;
  deleteLoginSessionsOf(userId: string, exceptId?: string): void;
  deleteLoginSessionsExpiredBy(nowMs: number): void;

  putPasswordReset(reset: PasswordReset): void;
  passwordReset(id: string): PasswordReset | undefined;
  deletePasswordResetsOf(userId: string): void;
}
