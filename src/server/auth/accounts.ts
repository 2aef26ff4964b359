/**
 * Who is signed in: logging in and out, refreshing, linking a second way to sign in, deleting one's own account. How an
 * e-mail address or a custom token is proved stands elsewhere.
 */
import type { Identity, LoginSession, Provider, User } from "../storage/account-storage";
import type { AuthContext } from "./auth-context";
import { type AuthFailure, failure, invalidSession, providerOff, userDisabled } from "./auth-failure";
import type { CustomTokens } from "./custom-token";
import type { EmailAccounts } from "./email-accounts";
import { newId } from "./new-id";
import { namelessLifeMs, type Tokens, tokenLifeMs } from "./tokens";

export type LoggedIn = {
  readonly kind: "ok";
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
  readonly deviceId: string;
};

export type Credentials =
  | { readonly kind: "anonymous" }
  | { readonly kind: "password"; readonly email: string; readonly password: string; readonly address: string }
  | { readonly kind: "customToken"; readonly token: string };

/** Whoever shows a valid access token. */
export type Access = { readonly user: User; readonly sessionId: string };

export type Profile = { readonly user: User; readonly identities: readonly Identity[] };

/** Shown to be the caller's: by which name, and what is known of the person. */
type Shown = {
  readonly kind: "ok";
  readonly provider: Provider;
  readonly name: string;
  readonly profile?: User["profile"];
};

export class Accounts {
  readonly #context: AuthContext;
  readonly #tokens: Tokens;
  readonly #email: EmailAccounts;
  readonly #customTokens: CustomTokens;

  constructor(context: AuthContext, tokens: Tokens, email: EmailAccounts, customTokens: CustomTokens) {
    this.#context = context;
    this.#tokens = tokens;
    this.#email = email;
    this.#customTokens = customTokens;
  }

  async logIn(credentials: Credentials): Promise<LoggedIn | AuthFailure> {
    if (credentials.kind === "anonymous") {
      if (!this.#context.config().anonymous) return providerOff("no name at all");
      const userId = newId();
      return this.#startSession({ kind: "ok", provider: "anon-user", name: userId }, userId);
    }
    const shown = await this.#show(credentials);
    return shown.kind === "failed" ? shown : this.#startSession(shown, newId());
  }

  /**
   * Adds another way to sign in to the user who asks; the user's id stays. Answers a new access token, as the SDK
   * expects.
   */
  async link(accessToken: string, credentials: Credentials): Promise<LoggedIn | AuthFailure> {
    const access = await this.access(accessToken);
    if (!access) return invalidSession;
    if (credentials.kind === "anonymous") {
      return failure(400, "BadRequest", "an anonymous log-in cannot be linked to another account");
    }
    const shown = await this.#show(credentials);
    if (shown.kind === "failed") return shown;
    const problem = this.#addIdentity(access.user.id, shown);
    if (problem) return problem;
    const session = this.#context.storage().accounts.loginSession(access.sessionId);
    return session ? this.#tokensOf(session) : invalidSession;
  }

  async refresh(
    refreshToken: string,
  ): Promise<{ readonly kind: "ok"; readonly accessToken: string } | AuthFailure> {
    const session = await this.#session("refresh", refreshToken);
    const user = session && this.#context.storage().accounts.user(session.userId);
    if (!user) return invalidSession;
    if (user.isDisabled) return userDisabled;
    const claims = { userId: session.userId, sessionId: session.id };
    return { kind: "ok", accessToken: await this.#tokens.issue("access", claims) };
  }

  async logOut(refreshToken: string): Promise<boolean> {
    const session = await this.#session("refresh", refreshToken);
    if (!session) return false;
    this.#context.storage().accounts.deleteLoginSession(session.id);
    this.#context.ended({ kind: "logIn", sessionId: session.id });
    return true;
  }

  /** Undefined also for users who were disabled or deleted since the token was issued. */
  async access(accessToken: string): Promise<Access | undefined> {
    const session = await this.#session("access", accessToken);
    const user = session && this.#context.storage().accounts.user(session.userId);
    return user && !user.isDisabled ? { user, sessionId: session.id } : undefined;
  }

  async profile(accessToken: string): Promise<Profile | undefined> {
    const access = await this.access(accessToken);
    return (
      access && {
        user: access.user,
        identities: this.#context.storage().accounts.identitiesOf(access.user.id),
      }
    );
  }

  /** The user, every way to sign in and every log-in. The objects stay: see docs/server.md. */
  async deleteOwn(accessToken: string): Promise<boolean> {
    const access = await this.access(accessToken);
    if (!access) return false;
    const storage = this.#context.storage();
    const { id } = access.user;
    storage.transaction(() => {
      storage.accounts.deleteUser(id);
      storage.deleteClientFilesOf(id);
    });
    this.#context.ended({ kind: "user", userId: id });
    return true;
  }

  async #show(credentials: Exclude<Credentials, { kind: "anonymous" }>): Promise<Shown | AuthFailure> {
    if (credentials.kind === "password") {
      const proved = await this.#email.prove(credentials.email, credentials.password, credentials.address);
      if (proved.kind === "failed") return proved;
      return { kind: "ok", provider: "local-userpass", name: proved.identity.name };
    }
    const { customToken } = this.#context.config();
    if (!customToken) return providerOff("custom tokens");
    const checked = await this.#customTokens.check(customToken, credentials.token);
    switch (checked.kind) {
      case "ok":
        return { kind: "ok", provider: "custom-token", name: checked.subject, profile: checked.profile };
      case "refused":
        return failure(401, "AuthError", checked.message);
      case "noKeys":
        return failure(503, "AuthError", `tokens cannot be checked now: ${checked.message}`);
    }
  }

  /** @param newUserId the id to give a user who was never seen before */
  #startSession(shown: Shown, newUserId: string): Promise<LoggedIn> | AuthFailure {
    const nowMs = this.#context.nowMs();
    const storage = this.#context.storage();
    const { accounts } = storage;
    const started = storage.transaction((): LoginSession | AuthFailure => {
      const identity = accounts.identity(shown.provider, shown.name);
      // Of an account that was deleted while its password was verified.
      if (!identity && shown.provider === "local-userpass") return invalidSession;
      const userId = identity?.userId ?? newUserId;
      const user = accounts.user(userId) ?? {
        id: userId,
        createdAtMs: nowMs,
        isDisabled: false,
        profile: {},
      };
      if (user.isDisabled) return userDisabled;
      accounts.putUser({ ...user, lastLogInAtMs: nowMs, profile: { ...user.profile, ...shown.profile } });
      if (!identity) accounts.putIdentity({ provider: shown.provider, name: shown.name, userId });
      accounts.deleteLoginSessionsExpiredBy(nowMs);
      const session = {
        id: newId(),
        userId,
        deviceId: newId(),
        expiresAtMs: nowMs + (shown.provider === "anon-user" ? namelessLifeMs : tokenLifeMs.refresh),
      };
      accounts.insertLoginSession(session);
      return session;
    });
    return "kind" in started ? started : this.#tokensOf(started);
  }

  #addIdentity(userId: string, shown: Shown): AuthFailure | undefined {
    const storage = this.#context.storage();
    const { accounts } = storage;
    return storage.transaction(() => {
      const user = accounts.user(userId);
      if (!user) return invalidSession;
      const identity = accounts.identity(shown.provider, shown.name);
      if (identity?.userId === userId) return undefined;
      if (accounts.identitiesOf(userId).some(({ provider }) => provider === shown.provider)) {
        return failure(400, "BadRequest", "this account has a log-in of this kind already");
      }
      const owner = identity && accounts.user(identity.userId);
      // An account that was registered a moment ago in order to be linked, and that nobody ever signed in to.
      const isVacant = owner?.lastLogInAtMs === undefined && !owner?.isDisabled;
      if (owner && !isVacant) {
        return failure(409, "AccountNameInUse", "this log-in belongs to another account already");
      }
      if (owner) accounts.deleteUser(owner.id);
      accounts.putUser({ ...user, profile: { ...user.profile, ...shown.profile } });
      accounts.putIdentity({ ...identity, provider: shown.provider, name: shown.name, userId });
      return undefined;
    });
  }

  async #tokensOf({ id, userId, deviceId, expiresAtMs }: LoginSession): Promise<LoggedIn> {
    const claims = { userId, sessionId: id };
    const [accessToken, refreshToken] = await Promise.all([
      this.#tokens.issue("access", claims),
      this.#tokens.issue("refresh", claims, expiresAtMs - this.#context.nowMs()),
    ]);
    return { kind: "ok", accessToken, refreshToken, userId, deviceId };
  }

  async #session(kind: "access" | "refresh", token: string): Promise<LoginSession | undefined> {
    const claims = await this.#tokens.verify(kind, token);
    const session = claims && this.#context.storage().accounts.loginSession(claims.sessionId);
    return session?.userId === claims?.userId && session && session.expiresAtMs > this.#context.nowMs()
      ? session
      : undefined;
  }
}
