/**
 * Access and refresh tokens: JWTs signed with a key of this server's own, made at its first start and kept in a file
 * beside the store. A backup does not contain the key, so it cannot be used to sign in.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jwtVerify, SignJWT } from "jose";
import { writeFileDurably } from "../storage/durable-file";

export type TokenKind = "access" | "refresh";

export type TokenClaims = { readonly userId: string; readonly sessionId: string };

/** The client refreshes on its own; a short life limits what a leaked token is worth. */
export const tokenLifeMs: Readonly<Record<TokenKind, number>> = {
  access: 30 * 60_000,
  refresh: 60 * 24 * 60 * 60_000,
};

/** The log-in of somebody without a name: nobody could ever sign in to its notes again, so it does not age. */
export const namelessLifeMs = 100 * 365 * 24 * 60 * 60_000;

const algorithm = "HS256";
const issuer = "perennial-server";

export class Tokens {
  readonly #key: Uint8Array;
  readonly #nowMs: () => number;

  constructor(key: Uint8Array, nowMs: () => number) {
    this.#key = key;
    this.#nowMs = nowMs;
  }

  issue(kind: TokenKind, { userId, sessionId }: TokenClaims, lifeMs = tokenLifeMs[kind]): Promise<string> {
    const now = Math.floor(this.#nowMs() / 1000);
    return new SignJWT({ sid: sessionId, user_data: {} })
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(kind)
      .setIssuedAt(now)
      .setExpirationTime(now + Math.floor(lifeMs / 1000))
      .sign(this.#key);
  }

  /** Undefined for anything but a valid, unexpired token of this kind from this server. */
  async verify(kind: TokenKind, token: string): Promise<TokenClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [algorithm],
        issuer,
        audience: kind,
        currentDate: new Date(this.#nowMs()),
      });
      const { sub, sid } = payload;
      return typeof sub === "string" && typeof sid === "string" ? { userId: sub, sessionId: sid } : undefined;
    } catch {
      return undefined;
    }
  }
}

export function loadTokenKey(dataDir: string): Uint8Array {
  const path = join(dataDir, "token-key");
  try {
    const key = Buffer.from(readFileSync(path, "utf8").trim(), "base64");
    if (key.length !== 32) throw new Error(`${path} is damaged; remove it, and every user signs in again`);
    return new Uint8Array(key);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const key = randomBytes(32);
    writeFileDurably(path, `${key.toString("base64")}\n`, 0o600);
    return new Uint8Array(key);
  }
}
