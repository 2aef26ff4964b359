/** Why somebody may not sign in or change something: a status, a code the SDK knows, and words for the person. */
export type AuthFailure = {
  readonly kind: "failed";
  readonly status: number;
  /** One of those the SDK turns into a code of its own; see docs/protocol.md. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
};

export function failure(status: number, code: string, message: string): AuthFailure {
  return { kind: "failed", status, code, message };
}

/** Says nothing about which of the two it was. */
export const invalidLogin = failure(401, "InvalidPassword", "invalid username/password");

export const invalidSession = failure(401, "InvalidSession", "invalid session");

export const userDisabled = failure(401, "UserDisabled", "this account is disabled");

export function providerOff(name: string): AuthFailure {
  return failure(404, "AuthProviderNotFound", `signing in by ${name} is switched off on this server`);
}

export function tooManyAttempts(waitMs: number): AuthFailure {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  const minutes = Math.ceil(waitMs / 60_000);
  const message = `too many attempts; try again in ${minutes} minute${minutes === 1 ? "" : "s"}`;
  return { ...failure(429, "AuthError", message), retryAfterSeconds };
}
