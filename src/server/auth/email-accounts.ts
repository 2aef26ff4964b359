/**
 * Accounts of an e-mail address and a password: making them, proving to own one, and getting a new password, by the
 * present one or by a token that the operator issued. There is no mailer; an account counts as confirmed from the
 * start.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Identity } from "../storage/account-storage";
import type { Storage } from "../storage/storage";
import type { AuthContext } from "./auth-context";
import { type AuthFailure, failure, invalidLogin, providerOff, tooManyAttempts } from "./auth-failure";
import { newId } from "./new-id";
import { hashPassword, verifyPassword } from "./passwords";

const passwordLength = { min: 6, max: 128 };
const maxAddressLength = 320;

/** A token is passed on by hand, and used by somebody who reads his mail once a day. */
const resetLifeMs = 24 * 60 * 60_000;

const invalidReset = failure(
  400,
  "BadRequest",
  "this token to set a new password is not valid, or no longer",
);
const nameInUse = failure(409, "AccountNameInUse", "name already in use");

export type Proved = { readonly kind: "ok"; readonly identity: Identity } | AuthFailure;
export type Done = { readonly kind: "ok" } | AuthFailure;

/** How a new password is allowed: by the present one, or by the token that the operator issued. */
export type Permission =
  | { readonly kind: "password"; readonly email: string; readonly present: string; readonly address: string }
  | { readonly kind: "token"; readonly id: string; readonly token: string; readonly address: string };

export function normalizedEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Undefined when an account may be made of the two. */
export function problemOfCredentials(email: string, password: string): AuthFailure | undefined {
  if (!/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(normalizedEmail(email))) {
    return failure(400, "BadRequest", "email invalid");
  }
  return problemOfPassword(password);
}

export function problemOfPassword(password: string): AuthFailure | undefined {
  if (password.length >= passwordLength.min && password.length <= passwordLength.max) return undefined;
  const message = `password must be between ${passwordLength.min} and ${passwordLength.max} characters`;
  return failure(400, "BadRequest", message);
}

/** Whoever asks, a client or the operator. Answers the id of the new user. */
export async function createEmailAccount(
  storage: () => Storage,
  email: string,
  password: string,
  nowMs: number,
): Promise<{ readonly kind: "ok"; readonly userId: string } | AuthFailure> {
  const problem = problemOfCredentials(email, password);
  if (problem) return problem;
  const name = normalizedEmail(email);
  if (storage().accounts.identity("local-userpass", name)) return nameInUse;
  const passwordHash = await hashPassword(password);
  const current = storage();
  return current.transaction(() => {
    // Somebody else may have been faster while the password was hashed.
    if (current.accounts.identity("local-userpass", name)) return nameInUse;
    const userId = newId();
    current.accounts.putUser({ id: userId, createdAtMs: nowMs, isDisabled: false, profile: {} });
    current.accounts.putIdentity({ provider: "local-userpass", name, userId, passwordHash });
    return { kind: "ok", userId };
  });
}

/** Any earlier token of the user is void. */
export function issuePasswordReset(storage: Storage, userId: string, nowMs: number) {
  const token = randomBytes(32).toString("hex");
  const reset = { id: newId(), userId, tokenHash: hashOf(token), expiresAtMs: nowMs + resetLifeMs };
  storage.transaction(() => {
    storage.accounts.deletePasswordResetsOf(userId);
    storage.accounts.putPasswordReset(reset);
  });
  return { token, tokenId: reset.id, expiresAtMs: reset.expiresAtMs };
}

export class EmailAccounts {
  readonly #context: AuthContext;

  constructor(context: AuthContext) {
    this.#context = context;
  }

  async register(email: string, password: string): Promise<Done> {
    const { emailPassword, registration } = this.#context.config();
    if (!emailPassword) return providerOff("e-mail address");
    if (registration === "closed") {
      return failure(403, "AuthError", "new accounts are made by whoever runs this server");
    }
    const { storage, nowMs } = this.#context;
    const created = await createEmailAccount(storage, email, password, nowMs());
    return created.kind === "ok" ? { kind: "ok" } : created;
  }

  /** @param address where the attempt comes from, as far as known */
  async prove(email: string, password: string, address: string): Promise<Proved> {
    if (!this.#context.config().emailPassword) return providerOff("e-mail address");
    const name = normalizedEmail(email);
    if (name.length > maxAddressLength || password.length > passwordLength.max) return invalidLogin;
    const waitMs = this.#context.attempts.begin(name, address);
    if (waitMs > 0) return tooManyAttempts(waitMs);
    const identity = this.#context.storage().accounts.identity("local-userpass", name);
    const isRight = await verifyPassword(password, identity?.passwordHash);
    if (!identity || !isRight) return invalidLogin;
    this.#context.attempts.succeed(name, address);
    return { kind: "ok", identity };
  }

  /**
   * Ends all other log-ins of the user: a new password is what somebody sets who fears that another knows the old one.
   *
   * @param keptSessionId the log-in that asks, if it has shown which one it is
   */
  async setPassword(
    permission: Permission,
    password: string,
    keptSessionId: string | undefined,
  ): Promise<Done> {
    const allowed = await this.#allowed(permission);
    if (allowed.kind === "failed") return allowed;
    const problem = problemOfPassword(password);
    if (problem) return problem;
    const passwordHash = await hashPassword(password);
    const storage = this.#context.storage();
    const { identity } = allowed;
    const { userId } = identity;
    const kept =
      keptSessionId !== undefined && storage.accounts.loginSession(keptSessionId)?.userId === userId;
    const isSet = storage.transaction(() => {
      const present = storage.accounts.identity("local-userpass", identity.name);
      // Meanwhile changed by another, or the token was used twice at the same time: only the first counts.
      if (present?.passwordHash !== identity.passwordHash || present?.userId !== userId) return false;
      if (permission.kind === "token" && !storage.accounts.passwordReset(permission.id)) return false;
      storage.accounts.putIdentity({ ...identity, passwordHash });
      storage.accounts.deletePasswordResetsOf(userId);
      storage.accounts.deleteLoginSessionsOf(userId, kept ? keptSessionId : undefined);
      return true;
    });
    if (!isSet) return permission.kind === "token" ? invalidReset : invalidLogin;
    this.#context.ended({ kind: "user", userId, ...(kept && { exceptSessionId: keptSessionId }) });
    return { kind: "ok" };
  }

  async #allowed(permission: Permission): Promise<Proved> {
    if (permission.kind === "password") {
      return this.prove(permission.email, permission.present, permission.address);
    }
    if (!this.#context.config().emailPassword) return providerOff("e-mail address");
    const { accounts } = this.#context.storage();
    const reset = accounts.passwordReset(permission.id);
    const isValid =
      reset !== undefined &&
      reset.expiresAtMs > this.#context.nowMs() &&
      timingSafeEqual(Buffer.from(hashOf(permission.token)), Buffer.from(reset.tokenHash));
    const identity =
      isValid && accounts.identitiesOf(reset.userId).find(({ provider }) => provider === "local-userpass");
    return identity ? { kind: "ok", identity } : invalidReset;
  }
}

/** The tokens are long and random, so a fast hash is enough. */
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
