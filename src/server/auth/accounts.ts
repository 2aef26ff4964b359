/** Who may sign in, and who is signed in: registering, logging in and out, refreshing. */
import { randomBytes } from "node:crypto";
import type { LoginSession, Storage, User } from "../storage/storage";
import { hashPassword, verifyPassword } from "./passwords";
import { type Tokens, tokenLifeMs } from "./tokens";

export type LoggedIn = {
  readonly kind: "ok";
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
  readonly deviceId: string;
};

/** `code` and `message` are what the SDK shows the app. */
export type AuthFailure = { readonly kind: "failed"; readonly code: string; readonly message: string };

const invalidLogin: AuthFailure = {
  kind: "failed",
  code: "InvalidPassword",
  message: "invalid username/password",
};

const passwordLength = { min: 6, max: 128 };

export class Accounts {
  readonly #storage: () => Storage;
  readonly #tokens: Tokens;
  readonly #nowMs: () => number;

  /** The storage is asked for anew each time: a restore replaces it. */
  constructor(storage: () => Storage, tokens: Tokens, nowMs: () => number) {
    this.#storage = storage;
    this.#tokens = tokens;
    this.#nowMs = nowMs;
  }

  async register(email: string, password: string): Promise<{ kind: "ok" } | AuthFailure> {
    const name = email.trim().toLowerCase();
    if (!/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(name)) {
      return { kind: "failed", code: "BadRequest", message: "email invalid" };
    }
    if (password.length < passwordLength.min || password.length > passwordLength.max) {
      const message = `password must be between ${passwordLength.min} and ${passwordLength.max} characters`;
      return { kind: "failed", code: "BadRequest", message };
    }
    const taken: AuthFailure = { kind: "failed", code: "AccountNameInUse", message: "name already in use" };
    if (this.#storage().userByEmail(name)) return taken;
    const passwordHash = await hashPassword(password);
    const storage = this.#storage();
    return storage.transaction(() => {
      // Somebody else may have been faster while the password was hashed.
      if (storage.userByEmail(name)) return taken;
      storage.insertUser({ ...this.#newUser("local-userpass"), email: name, passwordHash });
      return { kind: "ok" };
    });
  }

  async logInWithPassword(email: string, password: string): Promise<LoggedIn | AuthFailure> {
    const user = this.#storage().userByEmail(email.trim().toLowerCase());
    const isRight =
      password.length <= passwordLength.max && (await verifyPassword(password, user?.passwordHash));
    return user && isRight ? this.#logIn(user.id) : invalidLogin;
  }

  logInAnonymously(): Promise<LoggedIn> {
    const user = this.#newUser("anon-user");
    const storage = this.#storage();
    storage.transaction(() => storage.insertUser(user));
    return this.#logIn(user.id);
  }

  async refresh(refreshToken: string): Promise<string | undefined> {
    const session = await this.#session("refresh", refreshToken);
    return session && this.#tokens.issue("access", { userId: session.userId, sessionId: session.id });
  }

  async logOut(refreshToken: string): Promise<boolean> {
    const session = await this.#session("refresh", refreshToken);
    if (!session) return false;
    const storage = this.#storage();
    storage.transaction(() => storage.deleteLoginSession(session.id));
    return true;
  }

  /** The user an access token stands for, unless it is invalid, expired or logged out. */
  async userOf(accessToken: string): Promise<User | undefined> {
    const session = await this.#session("access", accessToken);
    return session && this.#storage().user(session.userId);
  }

  async #logIn(userId: string): Promise<LoggedIn> {
    const nowMs = this.#nowMs();
    const session: LoginSession = {
      id: newId(),
      userId,
      deviceId: newId(),
      expiresAtMs: nowMs + tokenLifeMs.refresh,
    };
    const storage = this.#storage();
    storage.transaction(() => {
      storage.deleteLoginSessionsExpiredBy(nowMs);
      storage.insertLoginSession(session);
    });
    const claims = { userId, sessionId: session.id };
    const [accessToken, refreshToken] = await Promise.all([
      this.#tokens.issue("access", claims),
      this.#tokens.issue("refresh", claims),
    ]);
    return { kind: "ok", accessToken, refreshToken, userId, deviceId: session.deviceId };
  }

  async #session(kind: "access" | "refresh", token: string): Promise<LoginSession | undefined> {
    const claims = await this.#tokens.verify(kind, token);
    const session = claims && this.#storage().loginSession(claims.sessionId);
    return session?.userId === claims?.userId && session && session.expiresAtMs > this.#nowMs()
      ? session
      : undefined;
  }

  #newUser(provider: User["provider"]): User {
    return { id: newId(), provider, createdAtMs: this.#nowMs() };
  }
}

/** As the SDK expects ids: 24 hex digits. */
function newId(): string {
  return randomBytes(12).toString("hex");
}
