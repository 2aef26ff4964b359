/**
 * Tokens that somebody else signed and that this server takes as proof of who a user is. Says whose a token is, or why
 * it was refused, without ever repeating the token.
 */
import { readFileSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  importSPKI,
  importX509,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { type CustomTokenConfig, keyPath } from "./auth-config";

export type CheckedToken =
  | {
      readonly kind: "ok";
      readonly subject: string;
      readonly profile: Readonly<Record<string, string>>;
      readonly expiresAtMs: number;
    }
  | { readonly kind: "refused"; readonly message: string }
  /** Not the token's fault: the keys cannot be had. */
  | { readonly kind: "noKeys"; readonly message: string };

const minSecretBytes = 32;
const maxSubjectLength = 256;
const maxProfileLength = 1024;

/** Between the clocks of the issuer and this server. */
const clockToleranceSeconds = 5;

const keyProblems: readonly string[] = [errors.JWKSTimeout.code, errors.JWKSInvalid.code];

class NoKeys extends Error {}

export class CustomTokens {
  readonly #dataDir: string;
  readonly #nowMs: () => number;
  /** Each keeps the keys it fetched, and asks again when a token names one it does not have. */
  readonly #remoteKeys = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

  constructor(dataDir: string, nowMs: () => number) {
    this.#dataDir = dataDir;
    this.#nowMs = nowMs;
  }

  async check(config: CustomTokenConfig, token: string): Promise<CheckedToken> {
    const options: JWTVerifyOptions = {
      // Only this one: else a public key could be passed off as a shared secret.
      algorithms: [config.algorithm],
      requiredClaims: ["exp", "sub"],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(this.#nowMs()),
      ...(config.audience.length > 0 && { audience: config.audience }),
      ...(config.issuer !== undefined && { issuer: config.issuer }),
    };
    let payload: JWTPayload;
    try {
      ({ payload } = await this.#verify(config, token, options));
    } catch (error) {
      if (error instanceof NoKeys) return { kind: "noKeys", message: error.message };
      // A fetch that failed throws an error that is not the library's; a useless answer, one without a kind.
      const isOfToken =
        error instanceof errors.JOSEError &&
        !keyProblems.includes(error.code) &&
        error.code !== errors.JOSEError.code;
      return isOfToken
        ? { kind: "refused", message: reasonOf(error) }
        : { kind: "noKeys", message: textOf(error) };
    }
    const { sub, exp } = payload;
    if (typeof sub !== "string" || sub === "" || sub.length > maxSubjectLength) {
      return { kind: "refused", message: 'the token\'s "sub" is not the name of a user' };
    }
    return { kind: "ok", subject: sub, profile: profileOf(config, payload), expiresAtMs: (exp ?? 0) * 1000 };
  }

  /** The keys are read anew each time, so that exchanged ones count at once. */
  async #verify({ algorithm, key }: CustomTokenConfig, token: string, options: JWTVerifyOptions) {
    if ("secretFile" in key) return jwtVerify(token, this.#secret(key.secretFile), options);
    if ("jwksUrl" in key) return jwtVerify(token, this.#remote(key.jwksUrl), options);
    if ("jwksFile" in key) return jwtVerify(token, this.#keySet(key.jwksFile), options);
    return jwtVerify(token, await this.#publicKey(key.publicKeyFile, algorithm), options);
  }

  #secret(name: string): Uint8Array {
    // Text without the line's end, as an editor leaves it.
    const secret = Buffer.from(this.#read(name).replace(/\r?\n$/, ""));
    if (secret.length < minSecretBytes) {
      throw new NoKeys(`${name} is too short: a shared secret needs at least ${minSecretBytes} bytes`);
    }
    return secret;
  }

  async #publicKey(name: string, algorithm: string) {
    const pem = this.#read(name);
    try {
      return pem.includes("BEGIN CERTIFICATE")
        ? await importX509(pem, algorithm)
        : await importSPKI(pem, algorithm);
    } catch {
      throw new NoKeys(`${name} is not a public key or certificate in PEM form`);
    }
  }

  #keySet(name: string) {
    const text = this.#read(name);
    try {
      return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
    } catch {
      throw new NoKeys(`${name} is not a set of JSON web keys`);
    }
  }

  #remote(url: string) {
    const known = this.#remoteKeys.get(url);
    if (known) return known;
    const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: 5000 });
    this.#remoteKeys.set(url, keys);
    return keys;
  }

  #read(name: string): string {
    try {
      return readFileSync(keyPath(this.#dataDir, name), "utf8");
    } catch (error) {
      throw new NoKeys(
        `${name} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown problem"}`,
      );
    }
  }
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's "${error.claim}" is missing or wrong`;
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return "the token was not signed by the expected key";
  if (error instanceof errors.JWKSNoMatchingKey)
    return "the token was signed by a key that is not known here";
  if (error instanceof errors.JOSEAlgNotAllowed)
    return "the token was signed by another algorithm than expected";
  return "this is not a token that can be read";
}

function profileOf({ profile }: CustomTokenConfig, payload: JWTPayload): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [field, claim] of Object.entries(profile)) {
    const value = claimOf(payload, claim);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      fields[field] = String(value).slice(0, maxProfileLength);
    }
  }
  return fields;
}

/** A claim whose name has dots in it, as those of some issuers do, comes before the way through objects. */
function claimOf(claims: object, path: string): unknown {
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  let value: unknown = claims;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function textOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `the keys of the issuer cannot be fetched (${message})`;
}
